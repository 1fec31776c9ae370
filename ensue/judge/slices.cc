// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/internal/slices.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "ensue/base/threads.h"

namespace ensue::judge {
namespace {

using events::ItemId, events::Log, events::UserId;

// One way to cut the questions: names of its slices, and which of them a
// target belongs to.
class Cut {
 public:
  virtual ~Cut() = default;
  virtual std::string by() const = 0;
  virtual std::vector<std::string> values() const = 0;
  /// Calls use(slice) for each slice of the target `item` of `query`.
  virtual void slices_of(const Query& query, ItemId item,
                         std::vector<std::size_t>& out) const = 0;
};

class ByHistory : public Cut {
 public:
  std::string by() const override { return "history"; }
  std::vector<std::string> values() const override {
    return {"0", "1-4", "5-9", "10-49", "50+"};
  }
  void slices_of(const Query& query, ItemId /*item*/,
                 std::vector<std::size_t>& out) const override {
    std::size_t slice = 0;
    for (const std::uint32_t from : {1u, 5u, 10u, 50u}) {
      slice += query.history >= from ? 1u : 0u;
    }
    out.push_back(slice);
  }
};

// Items by falling count; each third of the training events is a slice.
class ByPopularity : public Cut {
 public:
  explicit ByPopularity(const std::vector<std::uint64_t>& counts)
      : slices_(counts.size(), kNew) {
    std::vector<std::uint32_t> order(counts.size());
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(),
                     [&](auto a, auto b) { return counts[a] > counts[b]; });
    const auto all =
        std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    std::uint64_t before = 0;
    for (const std::uint32_t item : order) {
      if (counts[item] == 0) break;
      slices_[item] = static_cast<std::uint8_t>(3 * before / all);
      before += counts[item];
    }
  }
  std::string by() const override { return "popularity"; }
  std::vector<std::string> values() const override {
    return {"head", "middle", "tail", "new"};
  }
  void slices_of(const Query& /*query*/, ItemId item,
                 std::vector<std::size_t>& out) const override {
    out.push_back(slices_[events::index(item)]);
  }

 private:
  static constexpr std::uint8_t kNew = 3;
  std::vector<std::uint8_t> slices_;
};

class ByAction : public Cut {
 public:
  explicit ByAction(const Log& log) : log_(log) {}
  std::string by() const override { return "action"; }
  std::vector<std::string> values() const override {
    std::vector<std::string> out;
    for (std::size_t a = 0; a < log_.action_names().size(); ++a) {
      out.emplace_back(log_.action_names().name(a));
    }
    return out;
  }
  void slices_of(const Query& query, ItemId item,
                 std::vector<std::size_t>& out) const override {
    const auto history = log_.history(query.user);
    for (std::uint32_t i = query.targets.begin; i < query.targets.end; ++i) {
      const std::size_t action = events::index(history.actions[i]);
      const bool fresh = std::find(out.begin(), out.end(), action) == out.end();
      if (history.items[i] == item && fresh) out.push_back(action);
    }
  }

 private:
  const Log& log_;
};

// Sums over the users of some questions, for one slice.
struct Sums {
  explicit Sums(std::size_t measures) : values(measures, 0.0) {}
  void add(const Sums& other) {
    for (std::size_t m = 0; m < values.size(); ++m) {
      values[m] += other.values[m];
    }
    queries += other.queries;
    users += other.users;
  }
  std::vector<double> values;
  std::size_t queries = 0, users = 0;
};

// The targets of one question that lie in one slice.
struct Part {
  std::vector<double> ranks, losses;
};

class Slicer {
 public:
  Slicer(const Cut& cut, const Questions& questions, const Answers& answers,
         const std::vector<Measure>& measures)
      : cut_(cut),
        questions_(questions),
        answers_(answers),
        measures_(measures),
        slices_(cut.values().size()) {}

  /// Sums of users [begin, end), one per slice.
  std::vector<Sums> sum(std::size_t begin, std::size_t end) const {
    std::vector<Sums> out(slices_, Sums(measures_.size()));
    for (std::size_t u = begin; u < end; ++u) {
      std::vector<Sums> user(slices_, Sums(measures_.size()));
      for (std::size_t q = questions_.users[u].begin;
           q < questions_.users[u].end; ++q) {
        add_question(q, user);
      }
      for (std::size_t s = 0; s < slices_; ++s) add_user(user[s], out[s]);
    }
    return out;
  }

 private:
  void add_question(std::size_t q, std::vector<Sums>& user) const {
    std::vector<Part> parts(slices_);
    std::vector<std::size_t> slices;
    for (std::size_t t = questions_.offsets[q]; t < questions_.offsets[q + 1];
         ++t) {
      slices.clear();
      cut_.slices_of(questions_.queries[q], answers_.items[t], slices);
      for (const std::size_t s : slices) {
        parts[s].ranks.push_back(answers_.ranks[t]);
        if (!answers_.losses.empty()) {
          parts[s].losses.push_back(answers_.losses[t]);
        }
      }
    }
    for (std::size_t s = 0; s < slices_; ++s) {
      if (!parts[s].ranks.empty()) measure(parts[s], user[s]);
    }
  }

  void measure(const Part& part, Sums& sums) const {
    const metrics::Outcome outcome{part.ranks, part.losses};
    for (std::size_t m = 0; m < measures_.size(); ++m) {
      sums.values[m] +=
          measures_[m].metric->of_outcome(outcome, measures_[m].k);
    }
    ++sums.queries;
  }

  static void add_user(const Sums& user, Sums& out) {
    if (user.queries == 0) return;
    for (std::size_t m = 0; m < user.values.size(); ++m) {
      out.values[m] += user.values[m] / static_cast<double>(user.queries);
    }
    out.queries += user.queries;
    ++out.users;
  }

  const Cut& cut_;
  const Questions& questions_;
  const Answers& answers_;
  const std::vector<Measure>& measures_;
  std::size_t slices_;
};

// Users in fixed pieces whose sums are added in order: the same bits on any
// number of threads.
std::vector<Sums> sum_all(const Slicer& slicer, std::size_t users) {
  constexpr std::size_t kUsersAtOnce = 256;
  std::vector<std::vector<Sums>> pieces((users + kUsersAtOnce - 1) /
                                        kUsersAtOnce);
  parallel_for(users, kUsersAtOnce, [&](std::size_t begin, std::size_t end) {
    pieces[begin / kUsersAtOnce] = slicer.sum(begin, end);
  });
  for (std::size_t p = 1; p < pieces.size(); ++p) {
    for (std::size_t s = 0; s < pieces[p].size(); ++s) {
      pieces[0][s].add(pieces[p][s]);
    }
  }
  return pieces.empty() ? std::vector<Sums>() : std::move(pieces[0]);
}

}  // namespace

TrainCounts::TrainCounts(const Log& log, const Split& split)
    : events(log.items(), 0), users(log.items(), 0) {
  constexpr std::uint32_t kNobody = 0xFFFFFFFF;
  std::vector<std::uint32_t> last(log.items(), kNobody);
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const Range range = split.train[u];
    const auto history = log.history(UserId{u}).slice(range.begin, range.end);
    all_users += history.empty() ? 0u : 1u;
    for (const ItemId item : history.items) {
      if (item == events::kNoItem) continue;
      const std::uint32_t i = events::index(item);
      ++events[i];
      if (std::exchange(last[i], u) != u) ++users[i];
    }
  }
}

std::vector<Evaluation::Slice> slice(const Log& log, const TrainCounts& counts,
                                     const Questions& questions,
                                     const Answers& answers,
                                     const std::vector<Measure>& measures) {
  const ByHistory history;
  const ByPopularity popularity(counts.events);
  const ByAction action(log);
  std::vector<Evaluation::Slice> out;
  for (const Cut* cut :
       {static_cast<const Cut*>(&history), static_cast<const Cut*>(&popularity),
        static_cast<const Cut*>(&action)}) {
    const auto sums = sum_all(Slicer(*cut, questions, answers, measures),
                              questions.users.size());
    const auto values = cut->values();
    for (std::size_t s = 0; s < sums.size(); ++s) {
      if (sums[s].queries == 0) continue;
      Evaluation::Slice& made = out.emplace_back(
          Evaluation::Slice{cut->by(), values[s], sums[s].queries, {}});
      for (std::size_t m = 0; m < measures.size(); ++m) {
        made.metrics[measures[m].label] =
            sums[s].values[m] / static_cast<double>(sums[s].users);
      }
    }
  }
  return out;
}

}  // namespace ensue::judge
