// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/internal/answers.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <string>

#include "ensue/base/error.h"
#include "ensue/base/log_sum_exp.h"
#include "ensue/base/threads.h"
#include "ensue/metrics/lists.h"
#include "ensue/metrics/logloss.h"
#include "ensue/runtime/top_k.h"

namespace ensue::judge {
namespace {

using events::ItemId, events::Log;

struct Target {
  ItemId item;
  std::uint32_t place;
  float score;
};

// One thread's work: ranks queries of one scorer into shared arrays.
class Ranker {
 public:
  Ranker(const Log& log, const Split& split, const Questions& questions,
         const Scorer& scorer, const EvaluateOptions& options, Answers& out)
      : log_(log),
        split_(split),
        questions_(questions),
        scorer_(scorer),
        options_(options),
        out_(out),
        allowed_(scorer.items(), 1) {}

  void rank(std::size_t query, std::span<const float> logits) {
    if (logits.size() != scorer_.items()) {
      invalid("scorer '" + scorer_.name() + "' gave " +
              std::to_string(logits.size()) + " scores, expected " +
              std::to_string(scorer_.items()));
    }
    read_targets(query, logits);
    exclude_seen(questions_.queries[query]);
    write_targets(query, logits);
    if (out_.width > 0) write_list(query, logits);
    for (const std::uint32_t place : seen_) allowed_[place] = 1;
  }

 private:
  void read_targets(std::size_t query, std::span<const float> logits) {
    known_.clear();
    unknown_.clear();
    for (std::size_t t = questions_.offsets[query];
         t < questions_.offsets[query + 1]; ++t) {
      const ItemId item = questions_.targets[t];
      const auto place = scorer_.place(item);
      place ? known_.push_back({item, *place, logits[*place]})
            : unknown_.push_back(item);
    }
    // As ranks_of() orders them: by falling score, NaN last.
    std::stable_sort(known_.begin(), known_.end(),
                     [](const Target& a, const Target& b) {
                       if (std::isnan(b.score)) return !std::isnan(a.score);
                       return a.score > b.score;
                     });
    places_.clear();
    for (const Target& target : known_) places_.push_back(target.place);
  }

  void exclude_seen(const Query& query) {
    seen_.clear();
    if (!split_.remove_seen) return;
    const auto history = log_.history(query.user).first(query.history);
    for (const ItemId item : history.items) {
      if (item == events::kNoItem) continue;
      const auto place = scorer_.place(item);
      if (!place || allowed_[*place] == 0) continue;
      allowed_[*place] = 0;
      seen_.push_back(*place);
    }
  }

  void write_targets(std::size_t query, std::span<const float> logits) {
    const auto ranks = metrics::ranks_of(logits, places_, seen_, options_.ties);
    const double log_sum = options_.logloss ? log_sum_exp(logits) : 0.0;
    std::size_t t = questions_.offsets[query];
    for (std::size_t i = 0; i < known_.size(); ++i, ++t) {
      out_.items[t] = known_[i].item;
      out_.ranks[t] = ranks[i];
      if (options_.logloss) {
        out_.losses[t] = metrics::loss_of(known_[i].score, log_sum);
      }
    }
    for (const ItemId item : unknown_) {
      out_.items[t] = item;
      out_.ranks[t] = Answers::kUnknownRank;
      if (options_.logloss) {
        out_.losses[t] = std::log(static_cast<double>(scorer_.items()) + 1);
      }
      ++t;
    }
  }

  void write_list(std::size_t query, std::span<const float> logits) {
    for (const std::uint32_t place : places_) allowed_[place] = 1;
    const auto best = runtime::top_k(
        logits, out_.width,
        seen_.empty() ? std::span<const std::uint8_t>() : allowed_);
    for (std::size_t i = 0; i < best.size(); ++i) {
      out_.lists[query * out_.width + i] = best[i].item;
    }
  }

  const Log& log_;
  const Split& split_;
  const Questions& questions_;
  const Scorer& scorer_;
  const EvaluateOptions& options_;
  Answers& out_;
  std::vector<std::uint8_t> allowed_;  // [items], all 1 between queries
  std::vector<Target> known_;
  std::vector<ItemId> unknown_;
  std::vector<std::uint32_t> places_, seen_;
};

Answers room_for(const Questions& questions, const Scorer& scorer,
                 const EvaluateOptions& options) {
  Answers out;
  const std::size_t targets = questions.targets.size();
  out.items.resize(targets);
  out.ranks.resize(targets);
  if (options.logloss) out.losses.resize(targets);
  if (options.lists) {
    const auto longest = static_cast<std::size_t>(
        *std::max_element(options.ks.begin(), options.ks.end()));
    out.width = std::min(longest, scorer.items());
    out.lists.assign(questions.size() * out.width, metrics::kNoPlace);
  }
  return out;
}

// Tells how many users are done, from one thread at a time.
class Counter {
 public:
  Counter(const ProgressFn& progress, std::string stage, std::size_t total)
      : progress_(progress), stage_(std::move(stage)), total_(total) {}
  void add(std::size_t users) {
    if (!progress_) return;
    const std::lock_guard lock(guard_);
    done_ += users;
    progress_({.stage = stage_,
               .done = static_cast<double>(done_),
               .total = static_cast<double>(total_),
               .detail = {}});
  }

 private:
  const ProgressFn& progress_;
  std::string stage_;
  std::size_t total_, done_ = 0;
  std::mutex guard_;
};

}  // namespace

std::vector<bool> find_targets(const events::Vocabulary& actions,
                               const std::vector<std::string>& names,
                               const std::string& where) {
  std::vector<bool> out(actions.size(), names.empty());
  for (const std::string& name : names) {
    const auto found = actions.find(name);
    if (found) {
      out[*found] = true;
      continue;
    }
    std::string all;
    for (std::size_t i = 0; i < actions.size(); ++i) {
      all += (i == 0 ? "" : ", ") + std::string(actions.name(i));
    }
    throw Error(Code::kNotFound, where + ": '" + name + "', expected " + all);
  }
  return out;
}

Questions::Questions(const Log& log, std::span<const Query> all,
                     const std::vector<std::string>& actions)
    : offsets{0} {
  const std::vector<bool> wanted =
      find_targets(log.action_names(), actions, "target_actions");
  for (const Query& query : all) {
    const events::History history = log.history(query.user);
    const auto items = history.items;
    const auto first = static_cast<std::ptrdiff_t>(targets.size());
    for (std::uint32_t i = query.targets.begin; i < query.targets.end; ++i) {
      if (items[i] != events::kNoItem && wanted[index(history.actions[i])]) {
        targets.push_back(items[i]);
      }
    }
    std::sort(targets.begin() + first, targets.end());
    targets.erase(std::unique(targets.begin() + first, targets.end()),
                  targets.end());
    if (targets.size() == offsets.back()) continue;
    if (queries.empty() || queries.back().user != query.user) {
      users.push_back({queries.size(), queries.size()});
    }
    ++users.back().end;
    queries.push_back(query);
    offsets.push_back(targets.size());
  }
}

Answers answer(const Log& log, const Split& split, const Questions& questions,
               const Scorer& scorer, const EvaluateOptions& options,
               const ProgressFn& progress) {
  Answers out = room_for(questions, scorer, options);
  Counter counter(progress, "judging " + scorer.name(), questions.users.size());
  constexpr std::size_t kUsersAtOnce = 16;
  parallel_for(questions.users.size(), kUsersAtOnce,
               [&](std::size_t begin, std::size_t end) {
                 Ranker ranker(log, split, questions, scorer, options, out);
                 for (std::size_t u = begin; u < end; ++u) {
                   const Run run = questions.users[u];
                   scorer.score(
                       log,
                       std::span(questions.queries)
                           .subspan(run.begin, run.end - run.begin),
                       [&](std::size_t i, std::span<const float> logits) {
                         ranker.rank(run.begin + i, logits);
                       });
                 }
                 counter.add(end - begin);
               });
  out.unknown = static_cast<std::size_t>(
      std::count(out.ranks.begin(), out.ranks.end(), Answers::kUnknownRank));
  return out;
}

}  // namespace ensue::judge
