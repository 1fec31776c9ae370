// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/purchases.h"

#include <cmath>
#include <limits>
#include <vector>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/error.h"
#include "ensue/base/fields.h"

namespace ensue::runtime {
namespace {

using artifact::BgNbd, artifact::GammaGamma, events::PurchaseSummary;

constexpr double kRest = 1e-12;
constexpr std::size_t kMostCounts = 100'000, kMostTerms = 1'000'000;

// A customer that is alive is a new one of these.
BgNbd posterior(const BgNbd& m, const PurchaseSummary& c) {
  return {m.r + c.repeats, m.alpha + c.age, m.a, m.b + c.repeats};
}

// E[count] of a new customer over `horizon`, eq. 9:
//   C / (a - 1) (1 - (alpha / (alpha + t))^r F(r, b; C; z)),
// C = a + b - 1, z = t / (alpha + t). Euler's transformation F(r, b; C; z) =
// (1 - z)^(a - 1 - r) F(C - r, a - 1; C; z) leaves with e = a - 1
//   C (1 - (1 - z)^e) / e - (1 - z)^e S,   S = C (F(C - r, e; C; z) - 1) / e,
// where every term of S stays small and e = 0 and C = 0 are ordinary values.
double mean_of_new(const BgNbd& m, double horizon) {
  const double e = m.a - 1, c = m.a + m.b - 1;
  const double z = horizon / (m.alpha + horizon);
  const double log_rest = std::log(m.alpha / (m.alpha + horizon));
  double term = (c - m.r) * z, sum = term;
  for (std::size_t n = 1; n < kMostTerms; ++n) {
    const auto k = static_cast<double>(n);
    term *= (c - m.r + k) * (e + k) / ((c + k) * (k + 1)) * z;
    sum += term;
    // What follows falls at least like a geometric series of about z.
    if (std::abs(term) <= 1e-16 * (1 - z) * std::abs(sum)) break;
  }
  const double first =
      std::abs(e) < 1e-12 ? -log_rest : -std::expm1(e * log_rest) / e;
  return c * first - std::exp(e * log_rest) * sum;
}

// P(0), P(1), … of a new customer over `horizon`, eq. 8.
std::vector<double> counts_of_new(const BgNbd& m, double horizon) {
  const double z = horizon / (m.alpha + horizon);
  double log_nbd = m.r * std::log(m.alpha / (m.alpha + horizon));
  double rest = -std::expm1(log_nbd);  // P(more than n) of the NBD
  double going = 1;                    // P(not stopped by n purchases)
  double left = rest;                  // of the mass
  std::vector<double> out = {std::exp(log_nbd)};
  for (std::size_t n = 1; n < kMostCounts && left > kRest; ++n) {
    const auto k = static_cast<double>(n);
    const double stops = going * m.a / (m.a + m.b + k - 1);
    going *= (m.b + k - 1) / (m.a + m.b + k - 1);
    const double at_least = rest;
    log_nbd += std::log((m.r + k - 1) / k * z);
    const double nbd = std::exp(log_nbd);
    rest = std::max(0.0, rest - nbd);
    out.push_back(going * nbd + stops * at_least);
    left -= out.back();
  }
  return out;
}

void check(bool fits, const char* name, double value) {
  if (fits) return;
  throw Error(Code::kCorrupt, std::string("purchases head: ") + name + " is " +
                                  std::to_string(value) +
                                  ", expected a number above 0");
}

double positive(std::span<const double> values, std::size_t place,
                const char* name) {
  const double value = values[place];
  check(std::isfinite(value) && value > 0, name, value);
  return value;
}

std::span<const double> doubles(const artifact::Artifact& artifact,
                                const char* name, std::size_t size) {
  const auto values =
      artifact.tensor(artifact::Artifact::tensor_name("heads", 0, name))
          .as<double>();
  if (values.size() != size) {
    throw Error(Code::kCorrupt, std::string("purchases head: ") + name +
                                    " has " + std::to_string(values.size()) +
                                    " numbers, expected " +
                                    std::to_string(size));
  }
  return values;
}

}  // namespace

double alive(const BgNbd& m, const PurchaseSummary& c) noexcept {
  if (c.repeats <= 0) return 1;
  const double log_odds =
      std::log(m.a / (m.b + c.repeats - 1)) +
      (m.r + c.repeats) * std::log((m.alpha + c.age) / (m.alpha + c.recency));
  return 1 / (1 + std::exp(log_odds));
}

double expected_purchases(const BgNbd& m, const PurchaseSummary& c,
                          double horizon) noexcept {
  if (horizon <= 0) return 0;
  return alive(m, c) * mean_of_new(posterior(m, c), horizon);
}

CountDistribution purchase_counts(const BgNbd& m, const PurchaseSummary& c,
                                  double horizon) {
  if (horizon <= 0) return CountDistribution({1});
  auto out = counts_of_new(posterior(m, c), horizon);
  const double here = alive(m, c);
  for (double& p : out) p *= here;
  out[0] += 1 - here;
  return CountDistribution(std::move(out));
}

double expected_spend(const GammaGamma& m, const PurchaseSummary& c) noexcept {
  const double known = c.spend > 0 ? c.repeats : 0;
  const double below = m.p * known + m.q - 1;
  if (below <= 0) return std::numeric_limits<double>::infinity();
  return (m.gamma + known * c.spend) * m.p / below;
}

std::shared_ptr<const PurchaseModel> PurchaseModel::load(
    const std::string& path) {
  return std::make_shared<const PurchaseModel>(*artifact::Artifact::load(path));
}

PurchaseModel::PurchaseModel(const artifact::Artifact& artifact) {
  const auto& heads = artifact.description().model.heads;
  if (heads.size() != 1 || heads[0].type != "purchases") {
    invalid("model '" + artifact.description().model.name +
            "' does not count purchases: expected the head 'purchases'");
  }
  artifact::PurchasesConfig config;
  read_fields(config, heads[0].config, heads[0].type);
  check(config.unit_days > 0, "unit_days", config.unit_days);
  units_ = {config.unit_days, config.merge_days};
  action_ = config.action;

  const auto c = doubles(artifact, "counts", 4);
  counts_ = {positive(c, 0, "r"), positive(c, 1, "alpha"), positive(c, 2, "a"),
             positive(c, 3, "b")};
  if (!config.spend) return;
  const auto s = doubles(artifact, "spend", 3);
  spend_ = {positive(s, 0, "p"), positive(s, 1, "q"), positive(s, 2, "gamma")};
}

}  // namespace ensue::runtime
