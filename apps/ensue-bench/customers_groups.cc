// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue-bench/customers_groups.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <limits>

#include "apps/ensue/terminal.h"
#include "ensue/classic/anomaly.h"
#include "ensue/classic/segments.h"
#include "ensue/metrics/binary.h"
#include "ensue/metrics/clusters.h"
#include "ensue/runtime/anomaly.h"
#include "ensue/simulate/oracle.h"
#include "ensue/simulate/simulate.h"

namespace ensue::apps {
namespace {

using simulate::Shop;

constexpr events::Millis kEver{std::numeric_limits<std::int64_t>::max()};

// "u0000017" -> 17.
std::uint32_t number_of(std::string_view name) {
  std::uint32_t out = 0;
  std::from_chars(name.data() + 1, name.data() + name.size(), out);
  return out;
}

template <class List>
std::uint32_t likeliest(const List& shares) {
  return static_cast<std::uint32_t>(std::ranges::max_element(shares) -
                                    shares.begin());
}

classic::SegmentFit grouped_by(const events::Log& log, const Shop& shop,
                               const std::string& by, int groups) {
  classic::SegmentOptions options;
  options.by = by;
  options.groups = groups;
  auto out = classic::fit_segments(log, end_of(shop), options);
  if (!out.curve.empty()) std::printf("  agreement by number of groups:");
  for (const auto& point : out.curve) {
    std::printf(" %d: %.3f", point.groups, point.mean);
  }
  if (!out.curve.empty()) std::printf("\n");
  return out;
}

}  // namespace

events::Millis end_of(const Shop& shop) {
  return events::Millis{shop.calendar().midnight(shop.calendar().days()) *
                        1000};
}

TrueGroups::TrueGroups(const Shop& shop) {
  const simulate::Oracle oracle(shop);
  simulate::Trace trace;
  for (int u = 0; u < shop.options().users; ++u) {
    simulate::simulate_customer(shop, static_cast<std::uint32_t>(u), trace);
    const auto said = oracle.standing(trace.events, shop.calendar().days(), 1);
    segment.push_back(static_cast<std::uint32_t>(trace.person.segment));
    taste.push_back(static_cast<std::uint32_t>(trace.person.taste));
    best_segment.push_back(likeliest(said.segments));
    best_taste.push_back(likeliest(said.tastes));
    known.push_back(!trace.person.bot);
  }
}

double TrueGroups::agreement(const classic::SegmentFit& fit,
                             const events::Log& log,
                             const std::vector<std::uint32_t>& truth) const {
  std::vector<std::uint32_t> found, true_group;
  for (std::size_t i = 0; i < fit.users.size(); ++i) {
    const auto u = number_of(log.user_names().name(index(fit.users[i])));
    if (!known[u]) continue;
    found.push_back(fit.group[i]);
    true_group.push_back(truth[u]);
  }
  return metrics::adjusted_rand(found, true_group);
}

double TrueGroups::ceiling(const std::vector<std::uint32_t>& best,
                           const std::vector<std::uint32_t>& truth) const {
  std::vector<std::uint32_t> a, b;
  for (std::size_t u = 0; u < known.size(); ++u) {
    if (!known[u]) continue;
    a.push_back(best[u]);
    b.push_back(truth[u]);
  }
  return metrics::adjusted_rand(a, b);
}

GroupFigures judge_groups(const Shop& shop) {
  const auto log = simulate::simulate_log(shop);
  const TrueGroups truth(shop);
  GroupFigures out;
  const auto by_interests = grouped_by(log, shop, "interests", 0);
  out.taste = truth.agreement(by_interests, log, truth.taste);
  out.groups =
      static_cast<double>(by_interests.draft.bytes().empty()
                              ? 0
                              : std::ranges::max(by_interests.group) + 1);
  out.best_taste = truth.ceiling(truth.best_taste, truth.taste);
  out.segment = truth.agreement(grouped_by(log, shop, "behaviour", 0), log,
                                truth.segment);
  out.segment_of_four = truth.agreement(grouped_by(log, shop, "behaviour", 4),
                                        log, truth.segment);
  out.best_segment = truth.ceiling(truth.best_segment, truth.segment);
  return out;
}

double judge_bots(const Shop& shop) {
  const auto log = simulate::simulate_log(shop);
  const runtime::Anomaly model(artifact::Artifact::from_bytes(
      classic::fit_anomaly(log, kEver, {}).bytes(), "anomaly"));
  std::vector<double> odd, bot;
  simulate::Trace trace;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    simulate::simulate_customer(shop, number_of(log.user_names().name(u)),
                                trace);
    odd.push_back(
        model.judge(log.history(events::UserId{u}), end_of(shop)).oddness);
    bot.push_back(trace.person.bot ? 1 : 0);
  }
  return metrics::auc(odd, bot);
}

}  // namespace ensue::apps
