// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "ensue/judge/scorer.h"

namespace ensue::judge {
namespace {

using events::Log;
using runtime::Engine, runtime::State, runtime::Translation;

class EngineScorer : public Scorer {
 public:
  EngineScorer(std::string name, std::shared_ptr<const Engine> engine,
               const Log& log)
      : name_(std::move(name)),
        engine_(std::move(engine)),
        translation_(log, *engine_) {}

  std::string name() const override { return name_; }
  std::size_t items() const override { return engine_->items(); }
  std::optional<std::uint32_t> place(events::ItemId item) const override {
    return translation_.item(item);
  }
  void score(const Log& log, std::span<const Query> queries,
             const Sink& sink) const override;

 private:
  std::string name_;
  std::shared_ptr<const Engine> engine_;
  Translation translation_;
};

// States after each of several histories of one user, by rising length: the
// first is encoded at once, the others go on from it event by event.
class Walk {
 public:
  Walk(const Engine& engine, Translation::Events events)
      : engine_(engine), events_(std::move(events)), state_(engine.start()) {}

  /// After the first `history` events of the log's history.
  const State& to(std::uint32_t history) {
    const auto kept =
        std::lower_bound(events_.kept.begin(), events_.kept.end(), history);
    const auto target = static_cast<std::size_t>(kept - events_.kept.begin());
    if (done_ == 0) {
      state_ = engine_.encode(events_.view().first(target));
      done_ = target;
    }
    for (; done_ < target; ++done_) {
      const auto view = events_.view();
      engine_.step(state_, view[done_], view.context.row(done_));
    }
    return state_;
  }

 private:
  const Engine& engine_;
  Translation::Events events_;
  State state_;
  std::size_t done_ = 0;
};

void EngineScorer::score(const Log& log, std::span<const Query> queries,
                         const Sink& sink) const {
  if (queries.empty()) return;
  // Scores of a batch stay in the second-level cache or little beyond it.
  constexpr std::size_t kScoresAtOnce = std::size_t{1} << 18, kMost = 32;
  const std::size_t width = items();
  const std::size_t batch =
      std::clamp<std::size_t>(kScoresAtOnce / std::max<std::size_t>(1, width),
                              1, std::min(kMost, queries.size()));
  Walk walk(
      *engine_,
      translation_.translate(
          log.history(queries.front().user).first(queries.back().history)));
  std::vector<float> scores(batch * width);
  std::vector<State> states;
  std::vector<const State*> pointers;
  for (std::size_t begin = 0; begin < queries.size(); begin += batch) {
    const std::size_t size = std::min(batch, queries.size() - begin);
    pointers.clear();
    states.clear();
    if (size == 1) {
      pointers.push_back(&walk.to(queries[begin].history));
    } else {
      for (std::size_t i = 0; i < size; ++i) {
        states.push_back(walk.to(queries[begin + i].history));
      }
      for (const State& state : states) pointers.push_back(&state);
    }
    engine_->score(pointers, std::span(scores).first(size * width));
    for (std::size_t i = 0; i < size; ++i) {
      sink(begin + i, std::span(scores).subspan(i * width, width));
    }
  }
}

}  // namespace

std::unique_ptr<Scorer> engine_scorer(std::string name,
                                      std::shared_ptr<const Engine> engine,
                                      const Log& log) {
  return std::make_unique<EngineScorer>(std::move(name), std::move(engine),
                                        log);
}

}  // namespace ensue::judge
