// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/discounts.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <map>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/classic/internal/digamma.h"
#include "ensue/classic/internal/maximise.h"

namespace ensue::classic {
namespace {

using runtime::DiscountCount;

constexpr double kBound = 8;
constexpr std::array<const char*, 6> kPlainNames = {
    "discount",    "discount_amount", "money_off",
    "retail_disc", "coupon_disc",     "coupon_match_disc"};

bool plainly_named(const events::ContextColumn& column) {
  std::string name = column.name;
  std::ranges::transform(name, name.begin(), [](char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  return column.kind == events::ContextKind::kNumber &&
         std::ranges::count(kPlainNames, name) > 0;
}

void check_said(const events::Log& log, const std::vector<std::string>& said) {
  for (const std::string& name : said) {
    const auto found =
        std::ranges::find(log.context(), name, &events::ContextColumn::name);
    if (found == log.context().end()) {
      throw Error(Code::kNotFound,
                  "task.discount: the events have no column '" + name +
                      "' (see [columns] context)");
    }
    if (found->kind != events::ContextKind::kNumber) {
      invalid("task.discount: column '" + name +
              "' holds text, expected numbers: the money off");
    }
  }
}

std::vector<std::string> columns_of(const events::Log& log,
                                    const std::vector<std::string>& said) {
  check_said(log, said);
  if (!said.empty()) return said;
  std::vector<std::string> out;
  for (const events::ContextColumn& column : log.context()) {
    if (plainly_named(column)) out.push_back(column.name);
  }
  return out;
}

// A count per customer with events before the time.
std::vector<DiscountCount> counts_of(const events::Log& log,
                                     events::Millis until,
                                     const runtime::DiscountSource& source) {
  const runtime::Discounts discounts(log.context(), log.action_names(), source);
  std::vector<DiscountCount> out;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const auto all = log.history(events::UserId{u});
    const auto known = static_cast<std::size_t>(
        std::ranges::lower_bound(all.times, until) - all.times.begin());
    out.push_back(discounts.count(all.first(known)));
  }
  return out;
}

DiscountCount sum_of(std::span<const DiscountCount> counts) {
  DiscountCount out;
  for (const DiscountCount& one : counts) {
    out.purchases += one.purchases;
    out.discounted += one.discounted;
  }
  return out;
}

bool says_nothing(const DiscountCount& all) {
  return all.discounted == 0 || all.discounted == all.purchases;
}

// Customers by purchases and discounted ones: most share theirs with others.
using Cases = std::map<std::pair<std::size_t, std::size_t>, double>;

double log_likelihood(const Cases& cases, double mean, double size,
                      std::span<double> slope) {
  const double a = mean * size, b = size - a;
  double out = 0, by_a = 0, by_b = 0;
  for (const auto& [one, customers] : cases) {
    const auto n = static_cast<double>(one.first);
    const auto k = static_cast<double>(one.second);
    out += customers *
           (std::lgamma(k + a) - std::lgamma(a) + std::lgamma(n - k + b) -
            std::lgamma(b) - std::lgamma(n + size) + std::lgamma(size));
    const double both = digamma(size) - digamma(n + size);
    by_a += customers * (digamma(k + a) - digamma(a) + both);
    by_b += customers * (digamma(n - k + b) - digamma(b) + both);
  }
  slope[0] = a * (1 - mean) * (by_a - by_b);  // by logit(mean)
  slope[1] = a * by_a + b * by_b;             // by log(size)
  return out;
}

}  // namespace

ShareSpread fit_share_spread(std::span<const DiscountCount> customers) {
  Cases cases;
  for (const DiscountCount& one : customers) {
    if (one.purchases > 0) cases[{one.purchases, one.discounted}] += 1;
  }
  const DiscountCount all = sum_of(customers);
  if (says_nothing(all)) {
    invalid("discounts: " + std::to_string(all.discounted) + " of " +
            std::to_string(all.purchases) +
            " purchases had money off, expected some and not all");
  }
  const auto share_of = [](double logit) { return 1 / (1 + std::exp(-logit)); };
  const Objective objective = [&](std::span<const double> x,
                                  std::span<double> slope) {
    return log_likelihood(cases, share_of(x[0]), std::exp(x[1]), slope);
  };
  const double pooled =
      static_cast<double>(all.discounted) / static_cast<double>(all.purchases);
  const double logit =
      std::clamp(std::log(pooled / (1 - pooled)), -kBound, kBound);
  const auto best =
      maximise(objective, {{logit, 0}, {logit, 2}, {logit, 5}}, kBound);
  const double mean = share_of(best.place[0]), size = std::exp(best.place[1]);
  return {mean * size, (1 - mean) * size};
}

std::optional<DiscountFit> fit_discounts(const events::Log& log,
                                         events::Millis until,
                                         const std::string& buying,
                                         const std::vector<std::string>& said) {
  if (said == std::vector<std::string>{"none"}) return std::nullopt;
  DiscountFit out{{.columns = columns_of(log, said), .buying = buying}, {}, {}};
  if (out.source.columns.empty()) return std::nullopt;
  auto customers = counts_of(log, until, out.source);
  out.all = sum_of(customers);
  if (out.all.purchases == out.all.discounted) {
    out.source.empty_is_none = true;
    customers = counts_of(log, until, out.source);
    out.all = sum_of(customers);
  }
  if (says_nothing(out.all)) {
    if (said.empty()) return std::nullopt;
    invalid("task.discount: " + std::to_string(out.all.discounted) + " of " +
            std::to_string(out.all.purchases) +
            " purchases have money off in '" + said.front() +
            "', so customers cannot differ");
  }
  out.spread = fit_share_spread(customers);
  return out;
}

}  // namespace ensue::classic
