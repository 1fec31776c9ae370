// SPDX-License-Identifier: Apache-2.0
#include "ensue/judge/label_leaks.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <string>

#include "ensue/base/error.h"

namespace ensue::judge {
namespace {

constexpr double kCertain = 0.995;
constexpr std::size_t kRows = 20, kRarer = 5, kRowsPerCell = 10;

using Numbers = std::vector<double>;

// Ranks from 1, ties sharing their mean.
Numbers ranks_of(const Numbers& numbers) {
  std::vector<std::size_t> order(numbers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return numbers[a] < numbers[b];
  });
  Numbers out(numbers.size());
  for (std::size_t i = 0, j = 0; i < order.size(); i = j) {
    while (j < order.size() && numbers[order[j]] == numbers[order[i]]) ++j;
    for (std::size_t k = i; k < j; ++k) {
      out[order[k]] = 0.5 * static_cast<double>(i + j + 1);
    }
  }
  return out;
}

// Share of pairs with different labels that the ranks put in order.
double in_order(const Numbers& ranks, const std::vector<bool>& positive) {
  double sum = 0, n = 0;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    sum += positive[i] ? ranks[i] : 0;
    n += positive[i] ? 1 : 0;
  }
  const double other = static_cast<double>(ranks.size()) - n;
  return (sum - n * (n + 1) / 2) / (n * other);
}

double correlation(const Numbers& a, const Numbers& b) {
  const double mean = 0.5 * (static_cast<double>(a.size()) + 1);
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean) * (b[i] - mean);
    aa += (a[i] - mean) * (a[i] - mean);
    bb += (b[i] - mean) * (b[i] - mean);
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

// How nearly a column tells the labels; below kCertain: it does not.
class Teller {
 public:
  Teller(std::span<const double> labels, bool classes)
      : labels_(labels.begin(), labels.end()),
        distinct_(labels.begin(), labels.end()),
        one_against_rest_(classes || distinct_.size() == 2) {}

  double strength(const events::Column& column) const {
    if (column.is_text()) return of_cells(column);
    Numbers numbers(column.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const double number = column.number(i);
      numbers[i] = std::isnan(number) ? -std::numeric_limits<double>::infinity()
                                      : number;
    }
    const Numbers ranks = ranks_of(numbers);
    if (one_against_rest_) return of_classes(ranks);
    return distinct_.size() < 3
               ? 0
               : std::fabs(correlation(ranks, ranks_of(labels_)));
  }

 private:
  double of_classes(const Numbers& ranks) const {
    double best = 0;
    for (const double label : distinct_) {
      std::vector<bool> is(labels_.size());
      for (std::size_t i = 0; i < is.size(); ++i) is[i] = labels_[i] == label;
      const auto n =
          static_cast<std::size_t>(std::count(is.begin(), is.end(), true));
      if (std::min(n, is.size() - n) < kRarer) continue;
      const double share = in_order(ranks, is);
      best = std::max({best, share, 1 - share});
    }
    return best;
  }

  double of_cells(const events::Column& column) const {
    std::map<std::string, std::map<double, std::size_t>> cells;
    std::map<double, std::size_t> all;
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      ++cells[column.text(i)][labels_[i]];
      ++all[labels_[i]];
    }
    const auto most = [](const std::map<double, std::size_t>& counts) {
      std::size_t out = 0;
      for (const auto& [label, n] : counts) out = std::max(out, n);
      return static_cast<double>(out);
    };
    const auto rows = static_cast<double>(labels_.size());
    if (cells.size() * kRowsPerCell > labels_.size() ||
        most(all) > 0.9 * rows) {
      return 0;
    }
    double right = 0;
    for (const auto& [cell, counts] : cells) right += most(counts);
    return right / rows;
  }

  Numbers labels_;
  std::set<double> distinct_;
  bool one_against_rest_;
};

}  // namespace

std::vector<Leak> find_label_leaks(const events::Table& features,
                                   std::span<const double> labels,
                                   bool classes) {
  if (!features.columns.empty() && features.rows() != labels.size()) {
    invalid("label leaks: " + std::to_string(features.rows()) +
            " rows of features, " + std::to_string(labels.size()) + " labels");
  }
  std::vector<Leak> out;
  if (labels.size() < kRows) return out;
  const Teller teller(labels, classes);
  for (const events::Column& column : features.columns) {
    const double strength = teller.strength(column);
    if (strength < kCertain) continue;
    char text[16];
    std::snprintf(text, sizeof text, "%.4f", strength);
    out.push_back({"label-in-feature",
                   "feature '" + column.name + "' alone tells the label (" +
                       text +
                       " of 1): is it made from events at or after the time?"});
  }
  return out;
}

}  // namespace ensue::judge
