// SPDX-License-Identifier: Apache-2.0
#include "ensue/metrics/numbers.h"

#include <cmath>

#include "ensue/metrics/internal/rows.h"

namespace ensue::metrics {
namespace {

using internal::weight_at;

template <class Loss>
double mean_loss(std::string_view metric, std::span<const double> predicted,
                 std::span<const double> truth, std::span<const double> weights,
                 const Loss& loss) {
  internal::check_rows(metric, predicted, truth, weights);
  double sum = 0, total = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    sum += weight_at(weights, i) * loss(truth[i] - predicted[i]);
    total += weight_at(weights, i);
  }
  return sum / total;
}

}  // namespace

double mae(std::span<const double> predicted, std::span<const double> truth,
           std::span<const double> weights) {
  return mean_loss("mae", predicted, truth, weights,
                   [](double error) { return std::abs(error); });
}

double rmse(std::span<const double> predicted, std::span<const double> truth,
            std::span<const double> weights) {
  return std::sqrt(mean_loss("rmse", predicted, truth, weights,
                             [](double error) { return error * error; }));
}

double wape(std::span<const double> predicted, std::span<const double> truth,
            std::span<const double> weights) {
  internal::check_rows("wape", predicted, truth, weights);
  double error = 0, size = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    error += weight_at(weights, i) * std::abs(truth[i] - predicted[i]);
    size += weight_at(weights, i) * std::abs(truth[i]);
  }
  if (size <= 0) internal::refuse("wape", "every truth is 0");
  return error / size;
}

double pinball(double quantile, std::span<const double> predicted,
               std::span<const double> truth, std::span<const double> weights) {
  if (!(quantile > 0 && quantile < 1)) {
    internal::refuse("pinball", "quantile " + std::to_string(quantile) +
                                    ", expected a number in (0, 1)");
  }
  return mean_loss("pinball", predicted, truth, weights, [&](double error) {
    return error >= 0 ? quantile * error : (quantile - 1) * error;
  });
}

NaiveErrors naive_errors(std::span<const double> series, std::size_t season) {
  if (season == 0 || series.size() <= season) {
    internal::refuse("mase", "a series of " + std::to_string(series.size()) +
                                 " steps with a season of " +
                                 std::to_string(season));
  }
  const auto now = series.subspan(season);
  const auto before = series.first(now.size());
  const NaiveErrors out = {mae(before, now), rmse(before, now)};
  if (out.root <= 0) {
    internal::refuse("mase", "the series repeats itself every " +
                                 std::to_string(season) + " steps");
  }
  return out;
}

double mase(std::span<const double> predicted, std::span<const double> truth,
            const NaiveErrors& naive) {
  return mae(predicted, truth) / naive.mean;
}

double rmsse(std::span<const double> predicted, std::span<const double> truth,
             const NaiveErrors& naive) {
  return rmse(predicted, truth) / naive.root;
}

}  // namespace ensue::metrics
