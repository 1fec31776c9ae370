// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/code_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#define HWY_WANT_AVX3_DL  // a level of code_scan.cc
#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/kernels/internal/levels.h"

namespace ensue::kernels {
namespace {

struct Catalogue {
  std::vector<float> weight, bias;
  std::size_t width;
  LinearRows rows() const { return {weight, bias, width}; }
};

float normal(Rng& rng) { return static_cast<float>(rng.normal()); }

Catalogue random_catalogue(std::size_t rows, std::size_t width, bool biased,
                           Rng& rng) {
  Catalogue out{std::vector<float>(rows * width),
                std::vector<float>(biased ? rows : 0), width};
  for (float& w : out.weight) w = normal(rng);
  for (float& b : out.bias) b = 3 * normal(rng);
  return out;
}

// What makes bounds hard, one after the other.
void distort(Catalogue& c, std::size_t kind, Rng& rng) {
  const std::size_t rows = c.rows().outputs();
  const auto times = [&](std::size_t row, float by) {
    for (std::size_t k = 0; k < c.width; ++k) c.weight[row * c.width + k] *= by;
  };
  for (std::size_t r = 0; r < rows; ++r) {
    if (kind == 1) times(r, static_cast<float>(std::exp(2 * rng.normal())));
    if (kind == 2 && r % 3 == 0) times(r, 0);
    if (kind == 3) times(r, 1e-42F);  // denormal numbers
    if (kind == 4 && r == rows / 2) times(r, 1e6F);
    if (kind == 5) {  // all equal
      std::copy_n(c.weight.begin(), c.width,
                  c.weight.begin() + static_cast<std::ptrdiff_t>(r * c.width));
    }
    if (kind == 6) c.weight[r * c.width] += 1000;  // a large mean
    if (kind == 7) times(r, 1e12F);
  }
}

// Scores of all rows, and the rows that the table names for a threshold.
std::vector<float> all_scores(const Catalogue& c, const std::vector<float>& x) {
  std::vector<std::uint32_t> all(c.rows().outputs());
  for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
  std::vector<float> out(all.size());
  chosen_rows(c.rows(), all, x, out);
  return out;
}

std::vector<bool> named(const CodeTable& table, const CodeQuery& query,
                        float threshold) {
  std::vector<bool> out(table.rows());
  for (std::size_t from = 0; from < table.blocks(); ++from) {
    const CodeHit hit = table.next(query, threshold, from, table.blocks());
    EXPECT_EQ(hit.items == 0, hit.block == table.blocks());
    for (std::size_t i = 0; i < CodeTable::kBlock; ++i) {
      if ((hit.items >> i & 1) == 0) continue;
      out.at(table.order()[hit.block * CodeTable::kBlock + i]) = true;
    }
    from = hit.block;
  }
  return out;
}

void expect_none_left_out(const Catalogue& c, const std::vector<float>& x) {
  const CodeTable table(c.rows());
  CodeQuery query;
  table.prepare(x, query);
  ASSERT_TRUE(query.usable());
  const auto scores = all_scores(c, x);
  auto sorted = scores;
  std::ranges::sort(sorted);
  for (const std::size_t from_top : {0, 3, 40, 1000000}) {
    const float threshold =
        sorted[sorted.size() - 1 - std::min(sorted.size() - 1, from_top)];
    const auto some = named(table, query, threshold);
    for (std::size_t r = 0; r < scores.size(); ++r) {
      ASSERT_TRUE(some[r] || scores[r] < threshold)
          << "row " << r << " scores " << scores[r] << ", threshold "
          << threshold;
    }
  }
}

TEST(CodeTable, LeavesOutNoRowThatReachesTheThreshold) {
  on_every_level([] {
    Rng rng(1);
    for (const std::size_t width : {1, 7, 50, 64, 100, 128}) {
      for (std::size_t kind = 0; kind < 8; ++kind) {
        for (const bool biased : {false, true}) {
          const std::size_t rows = 1 + rng.below(300);
          Catalogue c = random_catalogue(rows, width, biased, rng);
          distort(c, kind, rng);
          std::vector<float> x(width);
          for (float& v : x) v = normal(rng);
          if (kind % 3 == 1) x[0] *= 500;
          SCOPED_TRACE("width " + std::to_string(width) + " kind " +
                       std::to_string(kind) + (biased ? " biased" : ""));
          expect_none_left_out(c, x);
        }
      }
    }
  });
}

TEST(CodeTable, AQueryOfZerosComparesBiases) {
  Rng rng(1);
  const Catalogue c = random_catalogue(200, 5, true, rng);
  expect_none_left_out(c, std::vector<float>(5));
}

// Codes of 8 bits know a score to within a few hundredths of its deviation:
// half of 4 bits would name several times as many.
TEST(CodeTable, NamesFewRowsThatDoNotReachTheThreshold) {
  on_every_level([] {
    Rng rng(1);
    const std::size_t rows = 20'000, width = 64;
    for (const bool biased : {false, true}) {
      Catalogue c = random_catalogue(rows, width, biased, rng);
      std::vector<float> x(width);
      for (float& v : x) v = normal(rng);
      const CodeTable table(c.rows());
      CodeQuery query;
      table.prepare(x, query);
      auto scores = all_scores(c, x);
      std::ranges::sort(scores, std::greater<>());
      const auto few = named(table, query, scores[9]);
      const auto many = named(table, query, scores[9999]);
      EXPECT_LT(std::ranges::count(few, true), 600);
      EXPECT_LT(std::ranges::count(many, true), 11'500);
    }
  });
}

TEST(CodeTable, SkipsWhatIsTooShort) {
  Rng rng(1);
  Catalogue c = random_catalogue(6400, 8, false, rng);
  for (std::size_t i = 0; i < c.weight.size(); ++i) {
    if (i / 8 % 100 != 0) c.weight[i] *= 1e-3F;
  }
  const CodeTable table(c.rows());
  CodeQuery query;
  table.prepare(std::vector<float>(8, 1), query);
  EXPECT_EQ(table.next(query, 0.1F, 0, 100).block, 0u);
  EXPECT_EQ(table.next(query, 0.1F, 1, 100).block, 100u)
      << "the 64 long rows stand in the first block";
}

TEST(CodeTable, EveryRowStandsInOneBlock) {
  Rng rng(1);
  const CodeTable table(random_catalogue(1000, 3, true, rng).rows());
  ASSERT_EQ(table.order().size(), 1024u);
  std::vector<std::uint32_t> order(table.order().begin(), table.order().end());
  std::ranges::sort(order);
  for (std::uint32_t i = 0; i < 1024; ++i) {
    EXPECT_EQ(order[i], i < 1000 ? i : CodeTable::kNone);
  }
}

TEST(CodeTable, RefusesWhatIsNotFiniteAndGivesUpOnTheEnormous) {
  Rng rng(1);
  for (const float bad : {std::numeric_limits<float>::infinity(),
                          std::numeric_limits<float>::quiet_NaN()}) {
    Catalogue weight = random_catalogue(100, 4, true, rng), bias = weight;
    weight.weight[42 * 4 + 1] = bad;
    bias.bias[7] = bad;
    EXPECT_THROW(CodeTable(weight.rows()), Error);
    EXPECT_THROW(CodeTable(bias.rows()), Error);
  }
  Catalogue c = random_catalogue(100, 4, true, rng);
  c.weight[9] = 3e38F;
  CodeQuery query;
  CodeTable(c.rows()).prepare(std::vector<float>(4, 1), query);
  EXPECT_FALSE(query.usable());
  c.weight[9] = 1;
  const CodeTable table(c.rows());
  table.prepare(std::vector<float>(4, 1e38F), query);
  EXPECT_FALSE(query.usable());
  const float nan = std::numeric_limits<float>::quiet_NaN();
  table.prepare(std::vector<float>{1, 2, 3, nan}, query);
  EXPECT_FALSE(query.usable());
}

}  // namespace
}  // namespace ensue::kernels
