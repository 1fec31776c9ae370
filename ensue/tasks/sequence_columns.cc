// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/sequence_columns.h"

#include <algorithm>
#include <utility>

#include "ensue/base/error.h"

namespace ensue::tasks {
namespace {

constexpr std::size_t kUsualLength = 200;

std::size_t events_read(const artifact::Description& about) {
  const Json* length = about.training.if_contains("max_length");
  if (length == nullptr || !length->is_int64() || length->as_int64() < 1) {
    return kUsualLength;
  }
  return static_cast<std::size_t>(length->as_int64());
}

std::shared_ptr<const runtime::Engine> checked(
    std::shared_ptr<const runtime::Engine> engine) {
  if (engine->width() > 0) return engine;
  invalid("model '" + engine->artifact().description().model.name +
          "': makes no embedding, expected one that reads sequences");
}

}  // namespace

SequenceColumns::SequenceColumns(std::shared_ptr<const runtime::Engine> engine,
                                 std::string_view task,
                                 const runtime::HistoryNames& from)
    : engine_(checked(std::move(engine))),
      head_(runtime::LabelHead::of(*engine_, task)),
      translation_(from, *engine_),
      events_(events_read(engine_->artifact().description())) {
  for (std::size_t i = 0; i < engine_->width(); ++i) {
    names_.push_back("embedding_" + std::to_string(i));
  }
  if (head_ == nullptr) return;
  for (std::size_t o = 0; o < head_->outputs(); ++o) {
    names_.push_back(head_->outputs() == 1 ? "head"
                                           : "head_" + std::to_string(o));
  }
}

std::vector<double> SequenceColumns::values(const events::History& history,
                                            events::Millis at) const {
  const auto before = static_cast<std::size_t>(
      std::ranges::lower_bound(history.times, at) - history.times.begin());
  std::size_t first = before;
  for (std::size_t known = 0; first > 0 && known < events_; --first) {
    known += translation_.item(history.items[first - 1]).has_value() ? 1 : 0;
  }
  const auto seen = translation_.translate(history.slice(first, before));
  const runtime::State state = engine_->encode(seen.view());
  const auto output = engine_->output(state);
  std::vector<double> out(output.begin(), output.end());
  if (head_ == nullptr) return out;
  out.resize(names_.size());
  const std::int64_t gap =
      before == 0 ? 0 : count(at) - count(history.times[before - 1]);
  head_->margins(state, gap, std::span(out).subspan(engine_->width()));
  return out;
}

void add_columns(const SequenceColumns& columns,
                 const std::vector<std::vector<double>>& rows,
                 events::Table& table) {
  for (std::size_t c = 0; c < columns.names().size(); ++c) {
    std::vector<double> cells;
    cells.reserve(rows.size());
    for (const auto& row : rows) cells.push_back(row[c]);
    table.columns.push_back({columns.names()[c], std::move(cells)});
  }
}

}  // namespace ensue::tasks
