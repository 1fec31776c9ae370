// SPDX-License-Identifier: Apache-2.0
// The configuration of the heads of a table model, which answers from rows of
// named columns, not from events: members "table_linear", "table_trees",
// "table_neighbours", "table_dense", and last "table_answer", which blends
// them and calibrates. Tensors are named as of every head (block_configs.h).
#pragma once

#include <string>
#include <vector>

namespace ensue::artifact {

/// Of every member: its columns, each with how it becomes features
/// (runtime/table_columns.h). One column may stand more than once. Tensors
/// "columns.<c>.…" of each, and those of the member itself (runtime/trees.h,
/// linear_scorer.h, dense_scorer.h, neighbours_scorer.h).
struct TableMemberConfig {
  std::vector<std::string> columns, encodings;
  bool principal = false;
  void visit(auto&& field) {
    field("columns", columns, "columns that are read, in order");
    field("encodings", encodings, "how each becomes features");
    field("principal", principal, "features are reduced to components");
  }
};

/// weights F64 [members]: the margins of the members are summed with them.
/// Tensors of the calibration: runtime/calibration.h.
struct TableAnswerConfig {
  std::string label = "binary";  // binary, class, number, count
  std::vector<std::string> classes;
  std::string calibration = "none";  // none, platt, isotonic
  /// How each member was fitted, for who fits it again; or none.
  std::vector<std::string> origins;
  void visit(auto&& field) {
    field("label", label, "binary, class, number or count");
    field("classes", classes, "names of the classes, in order of output");
    field("calibration", calibration, "none, platt or isotonic");
    field("origins", origins, "how each member was fitted, or none");
  }
};

}  // namespace ensue::artifact
