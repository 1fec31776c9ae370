// SPDX-License-Identifier: Apache-2.0
#include "ensue/events/purchases.h"

#include <cmath>
#include <string>

#include "ensue/base/error.h"

namespace ensue::events {
namespace {

std::int64_t day_of(std::int64_t ms) {
  return ms / kDayMs - (ms % kDayMs < 0 ? 1 : 0);
}

// Of one purchase: its place in time, and what was paid.
class Purchases {
 public:
  explicit Purchases(const PurchaseUnits& units) : units_(units) {}

  double place(Millis time) const {
    const std::int64_t ms = count(time);
    return units_.merge_days
               ? static_cast<double>(day_of(ms))
               : static_cast<double>(ms) / static_cast<double>(kDayMs);
  }
  void add(Millis time, float value) {
    const double at = place(time);
    const bool fresh = count_ == 0 || !units_.merge_days || at != last_;
    if (count_ == 0) first_ = at;
    if (fresh) {
      close();
      ++count_;
      last_ = at;
    }
    if (std::isfinite(value)) {
      paid_ += static_cast<double>(value);
      has_value_ = true;
    }
  }
  PurchaseSummary summary(Millis now) {
    close();
    const Millis before{count(now) - 1};
    const double end = place(units_.merge_days ? before : now);
    PurchaseSummary out;
    out.repeats = static_cast<double>(count_ - 1);
    out.recency = (last_ - first_) / units_.unit_days;
    out.age = (end - first_) / units_.unit_days;
    out.spend = valued_ > 0 ? spent_ / valued_ : 0;
    return out;
  }
  bool empty() const { return count_ == 0; }

 private:
  // The first purchase says how a customer came, not what it repeats.
  void close() {
    if (count_ > 1 && has_value_) {
      spent_ += paid_;
      ++valued_;
    }
    paid_ = 0;
    has_value_ = false;
  }

  PurchaseUnits units_;
  std::size_t count_ = 0;
  double first_ = 0, last_ = 0, paid_ = 0, spent_ = 0, valued_ = 0;
  bool has_value_ = false;
};

}  // namespace

std::optional<PurchaseSummary> summarise_purchases(
    std::span<const Millis> times, std::span<const float> values, Millis now,
    const PurchaseUnits& units) {
  if (!values.empty() && values.size() != times.size()) {
    invalid("purchases: " + std::to_string(times.size()) + " times and " +
            std::to_string(values.size()) + " values");
  }
  if (!(units.unit_days > 0)) {
    invalid("purchases: a unit of " + std::to_string(units.unit_days) +
            " days, expected more than 0");
  }
  Purchases seen(units);
  for (std::size_t i = 0; i < times.size() && times[i] < now; ++i) {
    seen.add(times[i], values.empty() ? std::nanf("") : values[i]);
  }
  if (seen.empty()) return std::nullopt;
  return seen.summary(now);
}

}  // namespace ensue::events
