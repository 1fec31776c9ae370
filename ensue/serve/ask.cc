// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/ask.h"

#include <algorithm>
#include <cmath>

#include "ensue/base/log_sum_exp.h"
#include "ensue/base/rng.h"
#include "ensue/runtime/top_k.h"

namespace ensue::serve {
namespace {

// Which items a question may be answered with.
struct Limits {
  std::shared_ptr<const Bits> shared;  // of conditions; nullptr: all
  Bits own;                            // of a list of items
  std::vector<std::uint32_t> excluded;

  runtime::ItemFilter filter() const {
    if (!own.empty()) return {own, excluded};
    if (shared != nullptr) return {*shared, excluded};
    return {{}, excluded};
  }
};

Bits only_listed(const LiveModel& model, const std::vector<std::string>& items,
                 const Bits* allowed) {
  Bits out(runtime::words_of(model.engine().items()), 0);
  for (const std::string& name : items) {
    const auto item = model.item(name);
    if (item) out[*item / 64] |= std::uint64_t{1} << (*item % 64);
  }
  if (allowed == nullptr) return out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] &= (*allowed)[i];
  return out;
}

Limits limits_of(const LiveModel& model, const Ready& ready) {
  const Question& asked = *ready.question;
  Limits out;
  out.shared = model.catalogue().allowed(asked.only);
  if (asked.items) {
    out.own = only_listed(model, *asked.items, out.shared.get());
  }
  if (asked.exclude_seen) {
    out.excluded.assign(ready.seen.begin(), ready.seen.end());
  }
  for (const std::string& name : asked.exclude) {
    const auto item = model.item(name);
    if (item) out.excluded.push_back(*item);
  }
  std::ranges::sort(out.excluded);
  out.excluded.erase(std::unique(out.excluded.begin(), out.excluded.end()),
                     out.excluded.end());
  return out;
}

// How many candidates a place may be drawn from.
std::size_t candidates(const Question& asked) {
  return asked.explore > 0 ? std::max<std::size_t>(50, 5 * asked.k) : asked.k;
}

// Place by place: the best one left, or with chance `explore` any one left.
std::vector<Shown> draw(std::vector<Shown> from, const Question& asked,
                        std::uint64_t seed) {
  std::vector<Shown> out;
  Rng rng(seed);
  while (out.size() < asked.k && !from.empty()) {
    const auto left = static_cast<double>(from.size());
    const bool any = rng.chance(asked.explore);
    const std::size_t chosen = any ? rng.below(from.size()) : 0;
    from[chosen].propensity = static_cast<float>(
        asked.explore / left + (chosen == 0 ? 1 - asked.explore : 0));
    out.push_back(from[chosen]);
    from.erase(from.begin() + static_cast<std::ptrdiff_t>(chosen));
  }
  return out;
}

void add_probabilities(const LiveModel& model, const runtime::State& state,
                       std::vector<Shown>& items) {
  std::vector<float> scores(model.engine().items());
  model.engine().score(state, scores);
  const double normaliser = log_sum_exp(scores);
  for (Shown& shown : items) {
    shown.probability = std::exp(shown.score - normaliser);
  }
}

// Candidates that the model does not know, behind those that it does.
void add_unknown(const LiveModel& model, const Question& asked,
                 const Popularity& popularity, std::vector<Shown>& items) {
  if (!asked.items || items.size() >= asked.k) return;
  std::vector<Shown> more;
  for (const std::string& name : *asked.items) {
    if (model.item(name) ||
        std::ranges::find(asked.exclude, name) != asked.exclude.end()) {
      continue;
    }
    more.push_back(
        {.item = name,
         .title = {},
         .score = static_cast<float>(std::log1p(popularity.count(name))),
         .by = "popularity"});
  }
  std::ranges::stable_sort(more, std::greater<>(), &Shown::score);
  more.resize(std::min(more.size(), asked.k - items.size()));
  std::ranges::move(more, std::back_inserter(items));
}

}  // namespace

std::vector<Reply> answer(const std::shared_ptr<const LiveModel>& model,
                          std::span<const Ready> questions,
                          std::span<const std::uint64_t> seeds,
                          const Popularity& popularity) {
  std::vector<Limits> limits;
  std::vector<runtime::TopRequest> asked;
  limits.reserve(questions.size());
  for (const Ready& ready : questions) {
    limits.push_back(limits_of(*model, ready));
    asked.push_back(
        {ready.state, candidates(*ready.question), limits.back().filter()});
  }
  const auto best = model->top(asked);

  std::vector<Reply> out(questions.size());
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const Question& question = *questions[i].question;
    std::vector<Shown> items;
    for (const runtime::Scored& one : best[i]) {
      items.push_back({.item = std::string(model->item_name(one.item)),
                       .title = model->catalogue().title(one.item),
                       .score = one.score});
    }
    if (question.explore > 0)
      items = draw(std::move(items), question, seeds[i]);
    if (question.probability) {
      add_probabilities(*model, *questions[i].state, items);
    }
    add_unknown(*model, question, popularity, items);
    out[i] = {model, std::move(items), questions[i].state->events()};
  }
  return out;
}

}  // namespace ensue::serve
