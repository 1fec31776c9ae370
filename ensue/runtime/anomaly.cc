// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/anomaly.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "ensue/base/error.h"

namespace ensue::runtime {
namespace {

// Of a normal distribution from the median to the 90 % quantile.
constexpr double kNinety = 1.2815515655446004;

bool compared(std::string_view name) {
  constexpr std::array<std::string_view, 7> kAmounts = {
      "recency_days", "age_days", "sessions", "events",
      "items",        "spend",    "purchases"};
  return std::ranges::find(kAmounts, name) == kAmounts.end();
}

std::string buying_of(const artifact::Artifact& artifact) {
  const Json* name = artifact.description().training.if_contains("buying");
  return name != nullptr && name->is_string() ? std::string(name->get_string())
                                              : "purchase";
}

}  // namespace

std::vector<std::string> anomaly_columns(const Behaviour& behaviour) {
  std::vector<std::string> out;
  for (const std::string& name : behaviour.names()) {
    if (compared(name)) out.push_back(name);
  }
  out.insert(out.end(), kSurprises.begin(), kSurprises.end());
  return out;
}

std::vector<double> anomaly_row(const Behaviour& behaviour,
                                const EventRates& rates,
                                const events::History& history,
                                events::Millis now) {
  std::vector<double> all(behaviour.names().size());
  behaviour.measure(history, now, all);
  std::vector<double> out;
  for (std::size_t c = 0; c < all.size(); ++c) {
    if (compared(behaviour.names()[c])) out.push_back(all[c]);
  }
  const EventSurprise mean = mean_surprise(surprises(rates, history));
  out.insert(out.end(), {mean.time, mean.action, mean.item});
  return out;
}

double oddness_of(std::span<const double> row,
                  std::span<const double> quantiles,
                  std::vector<Oddity>* reasons) {
  double sum = 0, count = 0;
  for (std::size_t c = 0; c < row.size(); ++c) {
    const double low = quantiles[3 * c], usual = quantiles[3 * c + 1],
                 high = quantiles[3 * c + 2];
    const double reach = row[c] < usual ? usual - low : high - usual;
    if (std::isnan(row[c]) || !(reach > 0)) continue;
    const double away =
        std::clamp(kNinety * (row[c] - usual) / reach,
                   -Anomaly::kMostDeviations, Anomaly::kMostDeviations);
    sum += away * away;
    count += 1;
    if (reasons != nullptr) {
      reasons->push_back({c, row[c], low, usual, high, away});
    }
  }
  return count > 0 ? std::sqrt(sum / count) : 0;
}

struct Anomaly::Impl {
  explicit Impl(std::shared_ptr<const artifact::Artifact> made)
      : artifact(std::move(made)),
        behaviour(artifact->description().actions,
                  artifact->description().schema.has_clock,
                  buying_of(*artifact)),
        columns(anomaly_columns(behaviour)) {
    const artifact::Description& about = artifact->description();
    rates = {.actions = about.actions.size(),
             .action = artifact->tensor("action_rates").as<double>(),
             .gap = artifact->tensor("gap_rates").as<double>(),
             .item = artifact->tensor("item_rates").as<double>(),
             .clock = about.schema.has_clock};
    rates.check();
    quantiles = artifact->tensor("column_quantiles").as<double>();
    class_from = artifact->tensor("class_from").as<double>();
    tail = artifact->tensor("tail").as<double>();
    const auto require = [](bool good, const char* what) {
      if (!good) {
        throw Error(Code::kCorrupt, std::string("anomaly: ") + what);
      }
    };
    require(rates.item.size() == about.items.size(), "rates of other items");
    require(!class_from.empty() && std::ranges::is_sorted(class_from),
            "classes of customers do not rise");
    require(quantiles.size() == class_from.size() * columns.size() * 3,
            "quantiles do not fit its columns");
    require(!tail.empty() && std::ranges::is_sorted(tail),
            "oddness does not rise");
  }

  std::span<const double> quantiles_for(double events) const {
    const auto next = std::ranges::upper_bound(class_from, events);
    const auto at =
        next == class_from.begin()
            ? 0
            : static_cast<std::size_t>(next - class_from.begin() - 1);
    return quantiles.subspan(at * columns.size() * 3, columns.size() * 3);
  }

  std::shared_ptr<const artifact::Artifact> artifact;
  Behaviour behaviour;
  std::vector<std::string> columns;
  EventRates rates;
  std::span<const double> quantiles, class_from, tail;
};

std::shared_ptr<const Anomaly> Anomaly::load(const std::string& path) {
  return std::make_shared<const Anomaly>(artifact::Artifact::load(path));
}

Anomaly::Anomaly(std::shared_ptr<const artifact::Artifact> artifact)
    : impl_(std::make_unique<const Impl>(std::move(artifact))) {}

Anomaly::~Anomaly() = default;

const artifact::Artifact& Anomaly::artifact() const noexcept {
  return *impl_->artifact;
}

const std::vector<std::string>& Anomaly::columns() const noexcept {
  return impl_->columns;
}

AnomalyAnswer Anomaly::judge(const events::History& history,
                             events::Millis now) const {
  return judge(anomaly_row(impl_->behaviour, impl_->rates, history, now),
               static_cast<double>(history.size()));
}

AnomalyAnswer Anomaly::judge(std::span<const double> row, double events) const {
  if (row.size() != impl_->columns.size()) {
    invalid("anomaly: " + std::to_string(row.size()) + " numbers, expected " +
            std::to_string(impl_->columns.size()));
  }
  AnomalyAnswer out;
  out.oddness = oddness_of(row, impl_->quantiles_for(events), &out.reasons);
  const auto below = std::ranges::lower_bound(impl_->tail, out.oddness);
  out.score = static_cast<double>(below - impl_->tail.begin()) /
              static_cast<double>(impl_->tail.size());
  std::ranges::stable_sort(out.reasons, [](const Oddity& a, const Oddity& b) {
    return std::abs(a.deviations) > std::abs(b.deviations);
  });
  return out;
}

std::vector<EventSurprise> Anomaly::surprises(
    const events::History& history) const {
  return runtime::surprises(impl_->rates, history);
}

}  // namespace ensue::runtime
