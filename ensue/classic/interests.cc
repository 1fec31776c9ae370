// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/interests.h"

#include <cmath>
#include <string>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"

namespace ensue::classic {
namespace {

constexpr int kRounds = 12;

using Matrix = std::vector<double>;  // row by row
using Rows = std::vector<runtime::WeightedItems>;

std::vector<float> rarity_of(std::span<const events::History> customers,
                             std::size_t items) {
  const std::vector<float> plain(items, 1.0F);
  std::vector<double> holders(items, 0);
  for (const events::History& history : customers) {
    for (const auto item : runtime::weigh_items(history, plain).items) {
      holders[item] += 1;
    }
  }
  std::vector<float> out;
  for (const double count : holders) {
    const auto all = static_cast<double>(customers.size());
    out.push_back(count > 0 ? static_cast<float>(std::log1p(all / count)) : 0);
  }
  return out;
}

// Customers in the coordinates of `vectors`.
Matrix project(const Rows& rows, const Matrix& vectors, std::size_t width) {
  Matrix out(rows.size() * width, 0);
  for (std::size_t u = 0; u < rows.size(); ++u) {
    for (std::size_t i = 0; i < rows[u].items.size(); ++i) {
      const double* v = &vectors[rows[u].items[i] * width];
      for (std::size_t k = 0; k < width; ++k) {
        out[u * width + k] += rows[u].weights[i] * v[k];
      }
    }
  }
  return out;
}

Matrix back(const Rows& rows, const Matrix& customers, std::size_t items,
            std::size_t width) {
  Matrix out(items * width, 0);
  for (std::size_t u = 0; u < rows.size(); ++u) {
    for (std::size_t i = 0; i < rows[u].items.size(); ++i) {
      double* v = &out[rows[u].items[i] * width];
      for (std::size_t k = 0; k < width; ++k) {
        v[k] += rows[u].weights[i] * customers[u * width + k];
      }
    }
  }
  return out;
}

// Columns made orthonormal, the first ones first (Gram-Schmidt, twice).
void orthonormalise(Matrix& m, std::size_t rows, std::size_t width) {
  const auto product = [&](std::size_t a, std::size_t b) {
    double out = 0;
    for (std::size_t i = 0; i < rows; ++i) {
      out += m[i * width + a] * m[i * width + b];
    }
    return out;
  };
  for (std::size_t k = 0; k < width; ++k) {
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t j = 0; j < k; ++j) {
        const double along = product(j, k);
        for (std::size_t i = 0; i < rows; ++i) {
          m[i * width + k] -= along * m[i * width + j];
        }
      }
    }
    const double length = std::sqrt(product(k, k));
    const double scale = length > 1e-12 ? 1 / length : 0;
    for (std::size_t i = 0; i < rows; ++i) m[i * width + k] *= scale;
  }
}

}  // namespace

InterestVectors fit_interests(std::span<const events::History> customers,
                              std::size_t items, std::size_t width,
                              std::uint64_t seed) {
  if (width < 1 || width > items || customers.empty()) {
    invalid("interests: " + std::to_string(width) + " numbers for " +
            std::to_string(items) + " items of " +
            std::to_string(customers.size()) +
            " customers, expected between 1 and the number of items");
  }
  InterestVectors out{.width = width,
                      .vectors = {},
                      .rarity = rarity_of(customers, items),
                      .mean = {}};
  Rows rows;
  for (const events::History& history : customers) {
    rows.push_back(runtime::weigh_items(history, out.rarity));
  }
  Rng rng(seed);
  Matrix vectors(items * width);
  for (double& v : vectors) v = rng.normal();
  for (int round = 0; round < kRounds; ++round) {
    orthonormalise(vectors, items, width);
    vectors = back(rows, project(rows, vectors, width), items, width);
  }
  orthonormalise(vectors, items, width);
  out.vectors.assign(vectors.begin(), vectors.end());
  const Matrix all = project(rows, vectors, width);
  std::vector<double> mean(width, 0);
  for (std::size_t i = 0; i < all.size(); ++i) {
    mean[i % width] += all[i] / static_cast<double>(rows.size());
  }
  out.mean.assign(mean.begin(), mean.end());
  return out;
}

}  // namespace ensue::classic
