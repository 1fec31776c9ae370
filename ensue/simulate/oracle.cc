// SPDX-License-Identifier: Apache-2.0
#include "ensue/simulate/oracle.h"

#include <string>

#include "ensue/base/error.h"
#include "ensue/simulate/internal/belief.h"
#include "ensue/simulate/internal/truth.h"

namespace ensue::simulate {

struct Oracle::Impl {
  explicit Impl(const Shop& of) : shop(of), outlook(of), effects(of) {
    for (std::size_t s = 0; s < kSegments.size(); ++s) {
      for (std::size_t r = 0; r < kResponses.size(); ++r) {
        mean_effect[s] += kSegments[s].response[r] *
                          effects.of(static_cast<int>(s), static_cast<int>(r));
      }
    }
  }
  const Shop& shop;
  Outlook outlook;
  CampaignEffects effects;
  std::array<double, kSegments.size()> mean_effect{};  // over responses
};

Oracle::Oracle(const Shop& shop) : impl_(std::make_unique<Impl>(shop)) {}
Oracle::~Oracle() = default;

Standing Oracle::standing(std::span<const SimEvent> events, int day,
                          int horizon) const {
  const std::int64_t midnight = impl_->shop.calendar().midnight(day);
  if (events.empty() || events.back().second >= midnight) {
    invalid("oracle: expected events before day " + std::to_string(day));
  }
  Belief belief(impl_->outlook);
  for (const SimEvent& e : events) {
    if (!belief.see(e.item, e.action, e.second)) {
      invalid("oracle: this shop cannot make the customer's events");
    }
  }
  const Belief::Since since = belief.since(day);
  Standing out{.bot = since.bot, .tastes = belief.tastes()};
  out.active =
      since.bot * (1 - impl_->outlook.away(Outlook::kBot, day, day + horizon));
  for (int k = 0; k < kKinds; ++k) {
    const double there = since.there[static_cast<std::size_t>(k)];
    const auto s = static_cast<std::size_t>(k / 3);
    out.there += there;
    out.segments[s] += there + since.gone[static_cast<std::size_t>(k)];
    out.effect += there * impl_->mean_effect[s];
    out.active += there * (1 - impl_->outlook.away(k, day, day + horizon));
  }
  if (since.bot < 1) {
    for (double& p : out.segments) p /= 1 - since.bot;
    out.effect /= 1 - since.bot;
  }
  return out;
}

double Oracle::true_effect(const Trace& trace) const {
  return effect_of(impl_->shop, impl_->effects, trace);
}

}  // namespace ensue::simulate
