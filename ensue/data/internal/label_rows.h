// SPDX-License-Identifier: Apache-2.0
// The rows of a label table, as text, before they are checked.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ensue::data {

struct LabelRow {
  std::string user, label;  // "": missing
  std::optional<std::int64_t> time;
  std::string time_text;  // when there is no time
};

/// SELECT, WITH or FROM in front: no file name.
bool is_select(std::string_view label);

struct LabelSource {
  std::string label;  // a file or a SELECT
  std::string name;   // for messages
  bool has_clock = true;
  bool labelled = true;  // a column `label` is needed
};

/// At least one row. @throws Error as read_labels().
std::vector<LabelRow> read_label_rows(const std::filesystem::path& dataset,
                                      const LabelSource& source);

}  // namespace ensue::data
