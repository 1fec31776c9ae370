// SPDX-License-Identifier: Apache-2.0
#include "ensue/artifact/action_counts.h"

#include <cmath>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/error.h"

namespace ensue::artifact {
namespace {

constexpr const char* kKey = "action_counts";

[[noreturn]] void corrupt() {
  throw Error(Code::kCorrupt, std::string("training.") + kKey +
                                  ": expected shares of actions and of times "
                                  "behind each action");
}

JsonArray rows_json(const std::vector<std::vector<double>>& rows) {
  JsonArray out;
  for (const auto& row : rows)
    out.emplace_back(JsonArray(row.begin(), row.end()));
  return out;
}

double share_at(const JsonObject& said, const char* key) {
  const Json* share = said.if_contains(key);
  if (share == nullptr || !share->is_number()) corrupt();
  const auto out = share->to_number<double>();
  if (!(out >= 0 && out <= 1)) corrupt();
  return out;
}

std::vector<std::vector<double>> rows_at(const JsonObject& said,
                                         const char* key, std::size_t rows,
                                         std::size_t columns) {
  const Json* all = said.if_contains(key);
  if (all == nullptr || !all->is_array() || all->as_array().size() != rows) {
    corrupt();
  }
  std::vector<std::vector<double>> out;
  for (const Json& row : all->as_array()) {
    if (!row.is_array() || row.as_array().size() != columns) corrupt();
    out.emplace_back();
    for (const Json& share : row.as_array()) {
      if (!share.is_number()) corrupt();
      out.back().push_back(share.to_number<double>());
      if (!(out.back().back() >= 0 && out.back().back() <= 1)) corrupt();
    }
  }
  return out;
}

}  // namespace

void write_action_counts(const ActionCounts& counts, JsonObject& training) {
  training[kKey] = JsonObject{{"share", counts.share},
                              {"gap_share", counts.gap_share},
                              {"actions", rows_json(counts.actions)},
                              {"gaps", rows_json(counts.gaps)}};
}

std::optional<ActionCounts> read_action_counts(const JsonObject& training,
                                               std::size_t actions) {
  const Json* said = training.if_contains(kKey);
  if (said == nullptr) return std::nullopt;
  const JsonObject* object = said->if_object();
  if (object == nullptr) corrupt();
  return ActionCounts{share_at(*object, "share"),
                      share_at(*object, "gap_share"),
                      rows_at(*object, "actions", actions, actions),
                      rows_at(*object, "gaps", actions, kGapBuckets)};
}

}  // namespace ensue::artifact
