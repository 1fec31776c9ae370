// SPDX-License-Identifier: Apache-2.0
// Fits models of rows of named columns: linear, trees, neighbours, dense.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/events/table.h"

namespace ensue::classic {

enum class Label { kBinary, kClass, kNumber, kCount };

/// What each row of a table turned out to be.
struct TableLabels {
  Label kind = Label::kBinary;
  /// A row each: 0 or 1, place of the class, the number, the count.
  std::vector<double> values;
  std::vector<std::string> classes = {};  // kClass: their names
  /// Empty, or another number of each row, known of rows to learn from alone
  /// (the stars beside a yes or no): members learn it too, as a number.
  std::vector<double> auxiliary = {};
};

/// Rows, and what each turned out to be.
struct TablePart {
  events::Table rows;
  TableLabels labels;
};

struct TableFitOptions {
  /// trees, forest, linear, bayes, neighbours, dense; several joined by "+"
  /// are blended with weights that suit rows which they were not fitted on.
  std::string model = "trees";
  /// "column=encoding" (runtime/table_columns.h), for every member; empty: all
  /// columns, each as its content and the member suggest.
  std::vector<std::string> columns = {};
  std::string calibration = "auto";  // none, platt, isotonic
  std::string blend = "fitted";      // weights of members; or equal
  int folds = 5;
  std::uint64_t seed = 1;
  int principal = 0;
  bool bins = true;

  double l2 = 0;
  double l1 = 0;
  int terms = 2;

  int rounds = 1000, patience = 50, depth = 4;
  double eta = 0.05, rows_share = 0.8, columns_share = 0.8;
  double leaf_l2 = 1, leaf_weight = 1;
  int forest = 300, forest_depth = 16;
  double forest_columns = 0.3;

  int neighbours = 50;

  int hidden = 64, networks = 1, epochs = 100, dense_patience = 8, batch = 128;
  double rate = 0.002, decay = 0.01;

  void visit(auto&& field) {
    field("model", model,
          "trees, forest, linear, bayes, neighbours, dense; or several: a+b");
    field("columns", columns, "column=encoding; empty: chosen by content");
    field("calibration", calibration, "auto, none, platt or isotonic");
    field("blend", blend,
          "weights of members: fitted, or equal (their mean margin)");
    field("folds", folds, "parts that stand in for a missing validation part");
    field("seed", seed, "of everything random");
    field("principal", principal, "principal components taken; 0: none");
    field("bins", bins,
          "linear, dense, bayes: unless columns are chosen, also the interval "
          "that a number lies in");
    field(
        "l2", l2,
        "linear, bayes: penalty on squared weights; 0: as suits the rows held "
        "back, of numbers and counts 1");
    field("l1", l1, "linear: penalty on absolute weights, in place of l2");
    field(
        "terms", terms,
        "rows that a word must stand in; trees and neighbours, unless columns "
        "are chosen: at least one in a hundred");
    field("rounds", rounds, "trees: most that are added");
    field("patience", patience,
          "trees: rounds without a gain before the end; 0: all rounds");
    field("depth", depth, "trees: depth of each");
    field("eta", eta, "trees: share of each that is added");
    field("rows_share", rows_share, "trees: share of rows that each sees");
    field("columns_share", columns_share, "trees: share of features likewise");
    field("leaf_l2", leaf_l2, "trees: penalty on squared leaves");
    field("leaf_weight", leaf_weight, "trees: least weight of rows in a leaf");
    field("forest", forest, "forest: number of trees");
    field("forest_depth", forest_depth, "forest: depth of each");
    field("forest_columns", forest_columns,
          "forest: share of features that each split sees");
    field("neighbours", neighbours, "neighbours: how many are asked");
    field("hidden", hidden, "dense: ReLU units");
    field("networks", networks, "dense: networks whose margins are averaged");
    field("epochs", epochs, "dense: most passes over the rows");
    field("dense_patience", dense_patience,
          "dense: epochs without a gain; 0: all epochs");
    field("batch", batch, "dense: rows of one step");
    field("rate", rate, "dense: learning rate of Adam");
    field("decay", decay, "dense: weight decay of Adam");
  }
};

/// Learns columns, members, weights of a blend and calibration; the result is
/// an artifact that runtime::TableModel answers from.
///
///   linear      binary, class: LIBLINEAR, logistic, one class against the
///               rest, minimises l2/2 |w|^2 (or l1 |w|) + sum of losses, the
///               bias among w; number: own least squares with the same
///               penalty, bias free; count: own Poisson regression likewise
///   bayes       linear on features scaled by their log-count ratio in rows
///               with and without the label (NBSVM): binary and class alone
///   trees       xgboost, gradient boosting; as many rounds as suit the rows
///               that were held back
///   forest      xgboost's random forest: one round of many trees; counts are
///   one
///               step from their mean, which is coarse
///   neighbours  runtime/neighbours_scorer.h
///   dense       64 ReLU units, sigmoid, softmax, identity or exp; Adam
///
/// Everything is learnt on `train`, but what is chosen (rounds, epochs, weights
/// of a blend, calibration), which `validation` decides; without rows there,
/// each of `folds` parts of `train` is predicted by a fit on the others.
/// An auxiliary number of the rows multiplies the members: each but bayes is
/// also fitted to it, standardised; beside a yes or no and with ten values or
/// fewer, each, bayes too, to "more than" every value but the last. The blend
/// says what that is worth.
/// The same input, options and threads give the same bytes.
///
/// @throws Error(kInvalidArgument), one line: no rows, rows and labels that
///   disagree, a label outside its range, labels that are all equal, a class
///   that training does not hold, an auxiliary number of classes or of fewer
///   rows, an option out of range.
artifact::Draft fit_table(const events::Table& train, const TableLabels& labels,
                          const events::Table& validation,
                          const TableLabels& validation_labels,
                          const TableFitOptions& options = {});

}  // namespace ensue::classic
