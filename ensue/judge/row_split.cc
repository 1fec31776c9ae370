// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/row_split.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/base/time_text.h"

namespace ensue::judge {
namespace {

using Places = std::vector<std::size_t>;

std::string percent(std::size_t part, std::size_t all) {
  const double share =
      100 * static_cast<double>(part) / static_cast<double>(all);
  return std::to_string(std::lround(share)) + " %";
}

std::string parts_text(const RowSplit& split) {
  const std::size_t all =
      split.train.size() + split.validation.size() + split.test.size();
  return percent(split.train.size(), all) + " to learn from, " +
         percent(split.validation.size(), all) + " to choose by, " +
         percent(split.test.size(), all) + " to judge on";
}

// Where each row stands in order.
std::vector<double> order_of(const events::Table& rows, const std::string& name,
                             const std::string& source) {
  const events::Column* column = rows.find(name);
  if (column == nullptr) invalid(source + ": no column '" + name + "'");
  std::vector<double> out;
  for (std::size_t row = 0; row < column->size(); ++row) {
    const auto time = column->is_text() ? read_iso(column->text(row))
                                        : std::optional<std::int64_t>();
    out.push_back(!column->is_text() ? column->number(row)
                  : time             ? static_cast<double>(*time)
                                     : std::nan(""));
    if (std::isfinite(out.back())) continue;
    invalid(source + " row " + std::to_string(row + 1) + " column '" + name +
            "': '" + column->show(row).substr(0, 60) +
            "', expected a number or a time such as 2024-01-31");
  }
  return out;
}

// Where the last `share` of all rows begins among those in front of `end`;
// equal ones stay together, on the later side.
double cut_of(const std::vector<double>& order, double end, double share) {
  std::vector<double> before;
  for (const double place : order) {
    if (place < end) before.push_back(place);
  }
  if (before.empty()) return end;
  std::ranges::sort(before);
  const auto behind = static_cast<std::size_t>(
      std::ceil(static_cast<double>(order.size()) * share));
  return before[before.size() - std::min(behind, before.size())];
}

RowSplit split_by_order(const events::Table& rows, const std::string& name,
                        const std::string& source, const ShareOptions& shares) {
  const std::vector<double> order = order_of(rows, name, source);
  const double test = cut_of(order, std::numeric_limits<double>::infinity(),
                             shares.test_share),
               validation = cut_of(order, test, shares.validation_share);
  RowSplit out;
  for (std::size_t row = 0; row < order.size(); ++row) {
    (order[row] >= test         ? out.test
     : order[row] >= validation ? out.validation
                                : out.train)
        .push_back(row);
  }
  if (out.train.empty() || out.validation.empty()) {
    invalid(source + " column '" + name +
            "': too many rows at one place in order to cut between them");
  }
  out.description = "by '" + name + "', the last rows judge: ";
  return out;
}

// Dealt out class by class, so that shares are alike.
RowSplit split_at_random(const data::LabelValues& labels, std::uint64_t seed,
                         const ShareOptions& shares) {
  Places order(labels.values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Rng rng(seed, /*stream=*/11);
  shuffle(order, rng);
  const bool apart = labels.kind == data::LabelKind::kBinary ||
                     labels.kind == data::LabelKind::kClass;
  std::map<double, Places> groups;
  for (const std::size_t row : order) {
    groups[apart ? labels.values[row] : 0].push_back(row);
  }
  RowSplit out;
  for (const auto& [label, places] : groups) {
    const auto part = [&](double share) {
      return static_cast<std::size_t>(
          std::floor(static_cast<double>(places.size()) * share));
    };
    const std::size_t test = part(shares.test_share),
                      chosen = test + part(shares.validation_share);
    for (std::size_t i = 0; i < places.size(); ++i) {
      (i < test     ? out.test
       : i < chosen ? out.validation
                    : out.train)
          .push_back(places[i]);
    }
  }
  for (Places* part : {&out.train, &out.validation, &out.test}) {
    std::ranges::sort(*part);
  }
  out.description = "at random, seed " + std::to_string(seed) + ": ";
  return out;
}

}  // namespace

void ShareOptions::check() const {
  for (const auto& [name, share] :
       {std::pair{"validation_share", validation_share},
        std::pair{"test_share", test_share}}) {
    if (share > 0 && share < 0.5) continue;
    invalid(std::string("task.") + name + ": " + std::to_string(share) +
            ", expected above 0 and below .5");
  }
  if (validation_share + test_share > 0.5) {
    invalid("task.validation_share and task.test_share: more than half");
  }
}

RowSplit split_rows(const events::Table& rows, const data::LabelValues& labels,
                    const std::string& order, const std::string& source,
                    std::uint64_t seed, const ShareOptions& shares) {
  shares.check();
  if (rows.rows() == 0) invalid(source + ": no rows");
  RowSplit out = order.empty() ? split_at_random(labels, seed, shares)
                               : split_by_order(rows, order, source, shares);
  if (out.test.empty() || out.validation.empty()) {
    invalid(source + ": " + std::to_string(rows.rows()) +
            " rows are too few to learn from, to choose by and to judge on");
  }
  out.description += parts_text(out);
  return out;
}

LabelSplit split_labels(const data::LabelTable& all, std::int64_t horizon_ms,
                        const ShareOptions& shares,
                        const std::vector<events::Millis>& known) {
  shares.check();
  if (horizon_ms < 0) invalid("task.horizon_days: below 0");
  if (all.size() == 0) invalid(all.source + ": no rows");
  const auto time = [&](std::size_t row) { return count(all.pairs[row].time); };
  const auto known_at = [&](std::size_t row) {
    return known.empty() ? time(row) + horizon_ms : count(known[row]);
  };
  // Where the last rows begin that are asked before `end` and known by then.
  const auto cut = [&](std::int64_t end, double share) {
    std::vector<std::int64_t> times;
    for (std::size_t row = 0; row < all.size(); ++row) {
      if (time(row) < end && known_at(row) <= end) times.push_back(time(row));
    }
    if (times.empty()) {
      invalid(all.source +
              ": its times leave nothing to learn from, choose by and judge on"
              " with " +
              std::to_string(horizon_ms / events::kDayMs) +
              " days between; lower task.horizon_days or give more instants");
    }
    std::ranges::sort(times);
    const auto behind = static_cast<std::size_t>(
        std::ceil(static_cast<double>(all.size()) * share));
    return times[times.size() - std::min(behind, times.size())];
  };
  constexpr auto kEver = std::numeric_limits<std::int64_t>::max();
  const std::int64_t second = cut(kEver, shares.test_share),
                     first = cut(second, shares.validation_share);
  cut(first, 0.5);  // something is left
  LabelSplit out;
  out.test_from = events::Millis{second};
  out.validation_from = events::Millis{first};
  Places train, validation, test;
  for (std::size_t row = 0; row < all.size(); ++row) {
    const std::int64_t t = time(row);
    if (t >= second) {
      test.push_back(row);
    } else if (t >= first && known_at(row) <= second) {
      validation.push_back(row);
    } else if (t < first && known_at(row) <= first) {
      train.push_back(row);
    } else {
      ++out.between;
    }
  }
  out.train = all.rows(train);
  out.validation = all.rows(validation);
  out.test = all.rows(test);
  return out;
}

}  // namespace ensue::judge
