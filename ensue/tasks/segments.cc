// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/segments.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "ensue/base/error.h"

namespace ensue::tasks {
namespace {

struct Moments {
  double sum = 0, square = 0, count = 0;
  void add(double value) {
    if (std::isnan(value)) return;
    sum += value;
    square += value * value;
    count += 1;
  }
  double mean() const { return count > 0 ? sum / count : 0; }
  double deviation() const {
    return count > 0
               ? std::sqrt(std::max(0.0, square / count - mean() * mean()))
               : 0;
  }
};

const std::vector<double>* cells_of(const events::Table& table,
                                    std::string_view name) {
  const events::Column* column = table.find(name);
  return column == nullptr ? nullptr
                           : &std::get<std::vector<double>>(column->cells);
}

// A group's mean over everybody's; 1 where there is nothing to compare.
double ratio_of(const SegmentProfile& profile, std::string_view name) {
  const auto found =
      std::ranges::find(profile.differences, name, &Difference::name);
  const bool known = found != profile.differences.end() && found->everybody > 0;
  return known ? found->mean / found->everybody : 1;
}

void add_differences(const events::Column& column,
                     std::span<const std::uint32_t> group,
                     std::vector<SegmentProfile>& out) {
  if (column.is_text()) return;
  Moments all;
  std::vector<Moments> own(out.size());
  for (std::size_t row = 0; row < group.size(); ++row) {
    all.add(column.number(row));
    own[group[row]].add(column.number(row));
  }
  const double deviation = all.deviation();
  for (std::size_t g = 0; g < out.size(); ++g) {
    const double away = own[g].mean() - all.mean();
    const bool known = own[g].count > 0 && deviation > 0;
    out[g].differences.push_back(
        {column.name, own[g].mean(), all.mean(), known ? away / deviation : 0});
  }
}

}  // namespace

Strategy strategy_for(double purchases, double spend, double recency) {
  if (purchases >= 1.5 && recency <= 1) {
    return {"best", "new items and what goes with their purchases",
            "early access and thanks", "none: they buy anyway"};
  }
  if (spend >= 1 && recency > 1.5) {
    return {"silent", "what they bought before and its successors",
            "a personal letter to win them back", "one that ends soon"};
  }
  if (purchases < 0.1 && recency <= 1.5) {
    return {"looking", "what is popular among the kind they view",
            "a reminder of what they looked at", "on the first order"};
  }
  if (purchases < 0.5 && recency <= 1.5) {
    return {"occasional", "popular items of the kind they bought",
            "a reminder when the next purchase would be due",
            "on the next order"};
  }
  if (recency > 1.5) {
    return {"fading", "popular items", "seldom and cheaply", "none"};
  }
  return {"steady", "the next best item and refills when due",
          "the regular newsletter", "on several items together"};
}

std::vector<SegmentProfile> profile_segments(
    const events::Table& behaviour, std::span<const std::uint32_t> group,
    std::size_t groups) {
  if (behaviour.rows() != group.size()) {
    invalid("segments: " + std::to_string(behaviour.rows()) + " rows for " +
            std::to_string(group.size()) + " customers");
  }
  std::vector<SegmentProfile> out(groups);
  double all_spend = 0;
  const std::vector<double>* spend = cells_of(behaviour, "spend");
  for (std::size_t row = 0; row < group.size(); ++row) {
    if (group[row] >= groups) invalid("segments: no such group");
    ++out[group[row]].customers;
    const double worth = spend == nullptr ? 0 : (*spend)[row];
    out[group[row]].spend_share += worth;
    all_spend += worth;
  }
  for (const events::Column& column : behaviour.columns) {
    add_differences(column, group, out);
  }
  for (SegmentProfile& one : out) {
    one.share = group.empty() ? 0
                              : static_cast<double>(one.customers) /
                                    static_cast<double>(group.size());
    one.spend_share = all_spend > 0 ? one.spend_share / all_spend : 0;
    one.strategy =
        strategy_for(ratio_of(one, "purchases"), ratio_of(one, "spend"),
                     ratio_of(one, "recency_days"));
    std::ranges::stable_sort(
        one.differences, [](const Difference& a, const Difference& b) {
          return std::abs(a.deviations) > std::abs(b.deviations);
        });
  }
  return out;
}

std::string in_words(const SegmentProfile& profile, std::size_t most) {
  std::string out;
  for (std::size_t i = 0; i < std::min(most, profile.differences.size()); ++i) {
    const Difference& d = profile.differences[i];
    if (std::abs(d.deviations) < kWorthSaying) break;
    char text[160];
    std::snprintf(text, sizeof text, "%s%s %s (%.3g, all: %.3g)",
                  out.empty() ? "" : ", ", d.deviations > 0 ? "high" : "low",
                  d.name.c_str(), d.mean, d.everybody);
    out += text;
  }
  return out.empty() ? "like everybody" : out;
}

}  // namespace ensue::tasks
