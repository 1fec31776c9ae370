// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/live_model.h"

#include <algorithm>
#include <cmath>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"

namespace ensue::serve {

events::Cell cell_of(const events::ContextColumn& column,
                     const store::Event::Value& value) {
  if (const double* number = std::get_if<double>(&value)) {
    const auto single = static_cast<float>(*number);
    if (column.kind == events::ContextKind::kNumber) {
      return events::Cell::of_number(single);
    }
    return runtime::cell_of(column, events::text_of(single));
  }
  try {
    return runtime::cell_of(column, std::get<std::string>(value));
  } catch (const Error&) {
    return {};  // no number in a column of numbers
  }
}

namespace {

// Scores after a few histories of the model's own items.
void probe(const runtime::Engine& engine, const std::string& path) {
  constexpr int kHistories = 8, kEvents = 6;
  if (engine.items() == 0) {
    throw Error(Code::kCorrupt, path + ": the model knows no item");
  }
  Rng rng(/*seed=*/1);
  std::vector<float> scores(engine.items());
  for (int h = 0; h < kHistories; ++h) {
    runtime::State state = engine.start();
    for (int e = 0; e < h * kEvents; ++e) {
      engine.step(state, {.item = events::ItemId{static_cast<std::uint32_t>(
                              rng.below(engine.items()))},
                          .action = events::ActionId{0},
                          .time = events::Millis{e * events::kHourMs}});
    }
    engine.score(state, scores);
    const auto bad = std::ranges::find_if_not(
        scores, [](float s) { return std::isfinite(s); });
    if (bad != scores.end()) {
      throw Error(Code::kCorrupt,
                  path + ": item '" +
                      std::string(engine.artifact().description().items.name(
                          static_cast<std::size_t>(bad - scores.begin()))) +
                      "' gets a score that is no finite number");
    }
  }
}

}  // namespace

std::shared_ptr<LiveModel> LiveModel::load(const Place& place) {
  auto engine = runtime::Engine::load(place.file);
  probe(*engine, place.file);
  return std::make_shared<LiveModel>(place.name, place.path, place.number,
                                     std::move(engine));
}

std::shared_ptr<LiveModel> LiveModel::load_approximate(const Place& place) {
  auto out = load(place);
  out->hnsw_ = runtime::Hnsw::build(out->engine_);
  return out;
}

std::vector<std::vector<runtime::Scored>> LiveModel::top(
    std::span<const runtime::TopRequest> requests) const {
  if (hnsw_ == nullptr) return engine_->top(requests);
  std::vector<std::vector<runtime::Scored>> out;
  for (const runtime::TopRequest& one : requests) {
    out.push_back(hnsw_->top(*one.state, one.k, one.filter));
  }
  return out;
}

LiveModel::LiveModel(std::string name, std::string path, std::uint64_t number,
                     std::shared_ptr<const runtime::Engine> engine)
    : name_(std::move(name)),
      path_(std::move(path)),
      number_(number),
      engine_(std::move(engine)),
      catalogue_(std::make_unique<Catalogue>(engine_->artifact())) {}

const tasks::NextActions& LiveModel::next_actions() const {
  std::call_once(next_actions_made_, [&] {
    next_actions_ = std::make_unique<const tasks::NextActions>(*engine_);
  });
  return *next_actions_;
}

bool LiveModel::translate(const store::Event& event, events::Event& out,
                          std::vector<events::Cell>& row) const {
  if (event.item.empty()) return false;
  const auto known = item(event.item);
  if (!known) return false;
  const auto action = about().actions.find(event.action);
  out = {
      .item = events::ItemId{*known},
      .action = events::ActionId{static_cast<std::uint8_t>(action.value_or(0))},
      .time = event.time,
      .value = event.value};
  row.clear();
  for (const events::ContextColumn& column : engine_->context()) {
    const auto said =
        std::ranges::find(event.context, column.name,
                          &std::pair<std::string, store::Event::Value>::first);
    row.push_back(said == event.context.end() ? events::Cell()
                                              : cell_of(column, said->second));
  }
  return true;
}

EngineEvents LiveModel::translate(std::span<const store::Event> stored) const {
  EngineEvents out;
  out.columns = engine_->context().size();
  events::Event event;
  std::vector<events::Cell> row;
  for (const store::Event& one : stored) {
    if (!translate(one, event, row)) continue;
    out.items.push_back(event.item);
    out.actions.push_back(event.action);
    out.times.push_back(event.time);
    out.values.push_back(event.value);
    out.context.insert(out.context.end(), row.begin(), row.end());
  }
  return out;
}

}  // namespace ensue::serve
