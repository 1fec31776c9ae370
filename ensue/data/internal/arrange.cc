// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/internal/arrange.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>

#include "ensue/base/threads.h"
#include "ensue/data/internal/history_rules.h"

namespace ensue::data {
namespace {

bool by_time(const Row& a, const Row& b) { return a.time < b.time; }

struct Fences {
  float low = -std::numeric_limits<float>::infinity();
  float high = std::numeric_limits<float>::infinity();
};

// Tukey's fences over all values. Source: Tukey 1977, Exploratory Data
// Analysis, with the width as an option.
Fences outlier_fences(RowStore& rows, double width) {
  std::vector<float> values;
  for (std::size_t p = 0; p < rows.partitions(); ++p) {
    std::vector<Row> loaded = rows.load(p);
    for (const Row& row : loaded) {
      if (!std::isnan(row.value)) values.push_back(row.value);
    }
    rows.store(p, std::move(loaded));
  }
  if (values.size() < 4) return {};
  const auto quantile = [&](double q) {
    const auto at =
        values.begin() +
        static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size()));
    std::nth_element(values.begin(), at, values.end());
    return static_cast<double>(*at);
  };
  const double low = quantile(0.25), high = quantile(0.75);
  const double reach = width * (high - low);
  return {static_cast<float>(low - reach), static_cast<float>(high + reach)};
}

class Arranger {
 public:
  Arranger(Reading& reading, const CleanOptions& clean)
      : reading_(reading), clean_(clean) {
    out_.users.resize(reading.users.size());
    out_.items.resize(reading.items.size());
    out_.actions.resize(reading.actions.size());
    out_.first_time = std::numeric_limits<std::int64_t>::max();
    out_.last_time = std::numeric_limits<std::int64_t>::min();
    cancel_ = action(clean.cancel_action);
    cancelled_ = action(clean.cancelled_action);
    if (clean.outliers > 0) {
      fences_ = outlier_fences(reading.rows, clean.outliers);
    }
  }

  void partition(std::size_t p) {
    std::vector<Row> rows = reading_.rows.load(p);
    const bool users = p != RowStore::kUserless;
    rows = users ? by_user(std::move(rows)) : std::move(rows);
    if (users) {
      each_user(rows, [&](std::span<Row> history) { apply_rules(history); });
    } else {
      std::stable_sort(rows.begin(), rows.end(), by_time);
      if (clean_.duplicates) mark_duplicates(rows);
    }
    finish(std::move(rows), p);
  }

  Arranged take() { return std::move(out_); }

 private:
  std::optional<std::uint32_t> action(const std::string& name) {
    if (name.empty()) return std::nullopt;
    for (std::uint32_t a = 0; a < reading_.actions.size(); ++a) {
      if (reading_.actions.name(a) == name) return a;
    }
    return std::nullopt;
  }

  // A stable counting sort: a partition's users are kPartitions apart.
  std::vector<Row> by_user(std::vector<Row> rows) const {
    const std::size_t users = reading_.users.size() / RowStore::kPartitions + 1;
    std::vector<std::size_t> next(users + 1, 0);
    for (const Row& row : rows) ++next[row.user / RowStore::kPartitions + 1];
    for (std::size_t u = 0; u < users; ++u) next[u + 1] += next[u];
    std::vector<Row> out(rows.size());
    for (const Row& row : rows) {
      out[next[row.user / RowStore::kPartitions]++] = row;
    }
    return out;
  }

  template <class Body>
  static void each_user(std::vector<Row>& rows, Body&& body) {
    for (std::size_t begin = 0; begin < rows.size();) {
      std::size_t end = begin + 1;
      while (end < rows.size() && rows[end].user == rows[begin].user) ++end;
      body(std::span(rows).subspan(begin, end - begin));
      begin = end;
    }
  }

  void apply_rules(std::span<Row> history) const {
    if (!std::is_sorted(history.begin(), history.end(), by_time)) {
      std::stable_sort(history.begin(), history.end(), by_time);
    }
    if (clean_.duplicates) mark_duplicates(history);
    if (cancel_ && cancelled_) {
      mark_cancellations(history, *cancel_, *cancelled_);
    }
    if (clean_.outliers > 0) mark_outliers(history, fences_.low, fences_.high);
    if (clean_.bot_actions_per_hour > 0 && reading_.has_clock) {
      mark_bot(history, clean_.bot_actions_per_hour);
    }
  }

  // Counts and drops the marked rows; notes slices and first appearances.
  void finish(std::vector<Row> rows, std::size_t p) {
    Tally tally;
    for (const Row& row : rows) {
      if (row.removed != 0) {
        tally.add(static_cast<Rule>(row.removed - 1), row.seq);
      } else if (row.user == kNone) {
        tally.add(Rule::kNoUser, row.seq);
      }
    }
    std::erase_if(rows, [](const Row& row) { return row.removed != 0; });
    if (p != RowStore::kUserless) note_slices(rows);
    {
      const std::lock_guard lock(guard_);
      reading_.tally.merge(tally);
      if (p == RowStore::kUserless) {
        out_.aside += rows.size();
      } else {
        note_first(rows);
      }
    }
    reading_.rows.store(p, std::move(rows));
  }

  void note_slices(std::vector<Row>& rows) {
    each_user(rows, [&](std::span<Row> history) {
      const Row& first = history.front();
      out_.users[first.user] = {
          static_cast<std::uint64_t>(history.data() - rows.data()),
          static_cast<std::uint32_t>(history.size()),
          {first.time, first.seq}};
    });
  }

  void note_first(const std::vector<Row>& rows) {
    out_.kept += rows.size();
    for (const Row& row : rows) {
      const First first{row.time, row.seq};
      if (row.item != kNone) {
        out_.items[row.item] = std::min(out_.items[row.item], first);
      }
      out_.actions[row.action] = std::min(out_.actions[row.action], first);
      out_.first_time = std::min(out_.first_time, row.time);
      out_.last_time = std::max(out_.last_time, row.time);
    }
  }

  Reading& reading_;
  const CleanOptions& clean_;
  std::optional<std::uint32_t> cancel_, cancelled_;
  Fences fences_;
  std::mutex guard_;
  Arranged out_;
};

}  // namespace

Arranged arrange(Reading& reading, const CleanOptions& clean,
                 const ProgressFn& progress) {
  Arranger arranger(reading, clean);
  const std::size_t n = reading.rows.partitions();
  std::mutex guard;
  double done = 0;
  parallel_for(n, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t p = begin; p < end; ++p) arranger.partition(p);
    const std::lock_guard lock(guard);
    if (progress) progress({"sorting", ++done, static_cast<double>(n), ""});
  });
  return arranger.take();
}

}  // namespace ensue::data
