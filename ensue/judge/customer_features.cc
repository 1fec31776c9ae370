// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/customer_features.h"

#include <iterator>
#include <utility>
#include <vector>

#include "ensue/base/threads.h"

namespace ensue::judge {
namespace {

constexpr std::size_t kGrain = 64;  // rows that a thread takes at once

}  // namespace

events::Table sequence_table(const events::Log& log,
                             const tasks::SequenceColumns& columns,
                             std::span<const data::AsOf> pairs) {
  std::vector<std::vector<double>> rows(pairs.size());
  parallel_for(pairs.size(), kGrain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      rows[i] = columns.values(log.history(pairs[i].user), pairs[i].time);
    }
  });
  events::Table out;
  add_columns(columns, rows, out);
  return out;
}

events::Table features_of(const events::Log& log,
                          const tasks::CustomerModel& model,
                          std::span<const data::AsOf> pairs,
                          const ProgressFn& progress) {
  events::Table out = data::compute_features(log, model.definitions(), pairs,
                                             {.progress = progress});
  if (model.sequence() == nullptr) return out;
  const tasks::SequenceColumns columns(
      model.sequence()->engine(), model.asked().name,
      runtime::HistoryNames{log.item_names(), log.action_names(),
                            log.context()});
  append_columns(out, sequence_table(log, columns, pairs));
  return out;
}

void append_columns(events::Table& table, events::Table more) {
  std::move(more.columns.begin(), more.columns.end(),
            std::back_inserter(table.columns));
}

}  // namespace ensue::judge
