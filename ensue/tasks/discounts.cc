// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/discounts.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "ensue/base/error.h"
#include "ensue/metrics/beta.h"

namespace ensue::tasks {
namespace {

constexpr double kTail = 0.025, kNormal = 1.959964;
constexpr std::size_t kFewestCustomers = 10;

std::string word_for(double low, double high) {
  return low > 0    ? "buys on offer"
         : high < 0 ? "buys at full price"
                    : "no different";
}

double number_at(const JsonObject& json, std::string_view name) {
  const Json* found = json.if_contains(name);
  if (found != nullptr && found->is_number()) return found->to_number<double>();
  throw Error(Code::kCorrupt, "discount." + std::string(name) + ": no number");
}

}  // namespace

DiscountUse discount_use(const runtime::DiscountCount& own, double offer,
                         double full) {
  const auto n = static_cast<double>(own.purchases);
  const auto k = static_cast<double>(own.discounted);
  const double a = offer + k, b = full + n - k;
  DiscountUse out;
  out.purchases = own.purchases;
  out.expected = offer / (offer + full);
  out.share = n > 0 ? k / n : out.expected;
  const double mean = a / (a + b);
  out.difference = mean - out.expected;
  out.low = std::min(metrics::beta_quantile(kTail, a, b), mean) - out.expected;
  out.high =
      std::max(metrics::beta_quantile(1 - kTail, a, b), mean) - out.expected;
  out.drawn_by = offer + full;
  out.word = word_for(out.low, out.high);
  return out;
}

std::optional<DiscountUse> discount_use_of_group(
    std::span<const runtime::DiscountCount> customers, double everybody) {
  std::size_t purchases = 0, discounted = 0, known = 0;
  for (const runtime::DiscountCount& one : customers) {
    purchases += one.purchases;
    discounted += one.discounted;
    known += one.purchases > 0 ? 1 : 0;
  }
  if (known < kFewestCustomers) return std::nullopt;
  const auto all = static_cast<double>(purchases);
  const double share = static_cast<double>(discounted) / all;
  double squares = 0;
  for (const runtime::DiscountCount& one : customers) {
    const double away = static_cast<double>(one.discounted) -
                        share * static_cast<double>(one.purchases);
    squares += away * away;
  }
  const auto draws = static_cast<double>(known);
  const double half = kNormal * std::sqrt(squares * draws / (draws - 1)) / all;
  DiscountUse out{.purchases = purchases,
                  .share = share,
                  .expected = everybody,
                  .difference = share - everybody,
                  .low = share - everybody - half,
                  .high = share - everybody + half,
                  .word = {}};
  out.word = word_for(out.low, out.high);
  return out;
}

std::string discount_advice(const std::string& rule, const DiscountUse& use) {
  char known[80];
  std::snprintf(known, sizeof known,
                "(%.0f %% of purchases with money off, all: %.0f %%)",
                100 * use.share, 100 * use.expected);
  if (use.high < 0) return std::string("none: they buy at full price ") + known;
  if (use.low <= 0) return rule + " " + known;
  const bool none = rule.starts_with("none");
  return (none ? "offers" : rule) + ": they buy on offer " + known;
}

JsonObject to_json(const DiscountUse& use) {
  return {{"word", use.word},
          {"purchases", use.purchases},
          {"share", use.share},
          {"expected", use.expected},
          {"difference", use.difference},
          {"low", use.low},
          {"high", use.high},
          {"drawn_by", use.drawn_by}};
}

DiscountUse discount_use_from(const JsonObject& json) {
  DiscountUse out{
      .purchases = static_cast<std::size_t>(number_at(json, "purchases")),
      .share = number_at(json, "share"),
      .expected = number_at(json, "expected"),
      .difference = number_at(json, "difference"),
      .low = number_at(json, "low"),
      .high = number_at(json, "high"),
      .drawn_by = number_at(json, "drawn_by"),
      .word = {}};
  out.word = word_for(out.low, out.high);
  return out;
}

}  // namespace ensue::tasks
