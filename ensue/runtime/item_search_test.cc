// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/internal/item_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "ensue/base/rng.h"
#include "ensue/kernels/packed_linear.h"

namespace ensue::runtime {
namespace {

float normal(Rng& rng) { return static_cast<float>(rng.normal()); }

struct Catalogue {
  std::vector<float> weight, bias;
  std::size_t width;
  kernels::LinearRows rows() const { return {weight, bias, width}; }
  std::size_t items() const { return weight.size() / width; }
};

// Catalogues that are hard in one way each.
enum class Kind {
  kNormal,
  kWholeNumbers,
  kTwins,
  kAllEqual,
  kOneHuge,
  kZeros,
  kTiny,
  kDenormal,
  kByPopularity,
  kFarMean,
  kOneDirection,
  kEnormous,
  kCount
};

void distort_row(Kind kind, std::size_t row, std::size_t rows,
                 std::span<float> w, std::span<const float> first, Rng& rng) {
  const auto times = [&](float by) {
    for (float& v : w) v *= by;
  };
  const auto rank = static_cast<double>(row + 1);
  switch (kind) {
    case Kind::kWholeNumbers:
      for (float& v : w) v = std::round(v);
      return;
    case Kind::kTwins:
      if (row >= rows / 4) std::ranges::copy(first, w.begin());
      return;
    case Kind::kAllEqual:
      std::ranges::copy(first, w.begin());
      return;
    case Kind::kOneHuge:
      return times(row == rows / 3 ? 1e7F : 1.0F);
    case Kind::kZeros:
      return times(row % 3 == 0 ? 1.0F : 0.0F);
    case Kind::kTiny:
      return times(1e-30F);
    case Kind::kDenormal:
      return times(1e-41F);
    case Kind::kByPopularity:
      return times(static_cast<float>(1 / std::sqrt(rank)));
    case Kind::kFarMean:
      w[0] += 300;
      return;
    case Kind::kOneDirection:
      for (std::size_t k = 0; k < w.size(); ++k) w[k] = first[k] * (1 + w[k]);
      return;
    case Kind::kEnormous:
      return times(row % 50 == 0 ? 1e33F : static_cast<float>(rng.uniform()));
    default:
      return;
  }
}

Catalogue make(Kind kind, std::size_t items, std::size_t width, bool biased,
               Rng& rng) {
  Catalogue out{std::vector<float>(items * width),
                std::vector<float>(biased ? items : 0), width};
  for (float& v : out.weight) v = normal(rng);
  for (float& v : out.bias) v = std::round(4 * normal(rng)) / 2;
  const std::vector<float> first(out.weight.begin(),
                                 out.weight.begin() + static_cast<int>(width));
  for (std::size_t r = 0; r < items; ++r) {
    distort_row(kind, r, items, std::span(out.weight).subspan(r * width, width),
                first, rng);
  }
  return out;
}

// A filter and what it is a view of.
struct Filter {
  std::vector<std::uint64_t> allowed;
  std::vector<std::uint32_t> excluded;
  ItemFilter view() const { return {allowed, excluded}; }
};

Filter random_filter(std::size_t items, Rng& rng) {
  Filter out;
  if (rng.chance(0.4)) {
    const double share = std::pow(rng.uniform(), 4);
    out.allowed.resize(words_of(items));
    for (std::size_t i = 0; i < items; ++i) {
      if (rng.chance(share)) out.allowed[i / 64] |= std::uint64_t{1} << i % 64;
    }
    if (rng.chance(0.5)) out.allowed.back() |= ~std::uint64_t{0} << 63;
  }
  const double share = rng.chance(0.5) ? 0 : std::pow(rng.uniform(), 3);
  for (std::uint32_t i = 0; i < items; ++i) {
    if (rng.chance(share)) out.excluded.push_back(i);
  }
  return out;
}

std::vector<ItemAddition> random_additions(std::size_t items, Rng& rng) {
  std::vector<ItemAddition> out;
  if (rng.chance(0.5)) return out;
  for (std::uint32_t i = 0; i < items; i += 1 + rng.below(items)) {
    out.push_back({i, 10 * normal(rng)});
  }
  return out;
}

// The slow way: all logits, one by one, and a full sort.
std::vector<Scored> reference(const Catalogue& c, const ItemQuery& query) {
  std::vector<float> logits(c.items());
  kernels::PackedLinear(c.weight, c.bias, c.items(), c.width)
      .apply(query.x, 1, logits);
  for (const auto& [item, logit] : query.additions) logits[item] += logit;
  std::vector<Scored> out;
  for (std::uint32_t i = 0; i < logits.size(); ++i) {
    const bool allowed = query.filter.allowed.empty() ||
                         (query.filter.allowed[i / 64] >> i % 64 & 1) != 0;
    if (!allowed || std::ranges::binary_search(query.filter.excluded, i)) {
      continue;
    }
    out.push_back({i, logits[i]});
  }
  std::ranges::stable_sort(
      out, [](const Scored& a, const Scored& b) { return a.score > b.score; });
  out.resize(std::min(out.size(), query.k));
  return out;
}

void expect_same(const std::vector<Scored>& got,
                 const std::vector<Scored>& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i].item, expected[i].item) << "rank " << i;
    ASSERT_EQ(std::memcmp(&got[i].score, &expected[i].score, 4), 0)
        << "rank " << i << ": " << got[i].score << " and " << expected[i].score;
  }
}

// One to five queries of all sizes at once; how many were answered.
std::size_t try_queries(const Catalogue& c, Rng& rng) {
  const ItemSearch search(c.rows());
  const std::size_t count = 1 + rng.below(5);
  std::vector<std::vector<float>> x(count, std::vector<float>(c.width));
  std::vector<Filter> filters;
  std::vector<std::vector<ItemAddition>> additions;
  std::vector<ItemQuery> queries;
  for (std::size_t q = 0; q < count; ++q) {
    const float size = rng.chance(0.1) ? 0 : 1;
    for (float& v : x[q]) v = size * normal(rng);
    if (rng.chance(0.2)) x[q][0] *= 100;
    filters.push_back(random_filter(c.items(), rng));
    additions.push_back(random_additions(c.items(), rng));
  }
  for (std::size_t q = 0; q < count; ++q) {
    const std::size_t k = rng.chance(0.1) ? 2 * c.items() : rng.below(30);
    queries.push_back({x[q], k, filters[q].view(), additions[q]});
  }
  const auto answers = search.top(queries);
  std::size_t answered = 0;
  for (std::size_t q = 0; q < count; ++q) {
    if (!answers[q]) continue;
    ++answered;
    expect_same(*answers[q], reference(c, queries[q]));
    if (::testing::Test::HasFatalFailure()) break;
  }
  return answered;
}

TEST(ItemSearch, EqualsTheFullSortInItemsAndBits) {
  Rng rng(1);
  std::size_t tried = 0, answered = 0;
  for (int round = 0; round < 4; ++round) {
    for (const std::size_t width : {1, 7, 50, 64, 100, 128}) {
      for (std::size_t kind = 0; kind < std::size_t(Kind::kCount); ++kind) {
        for (const bool biased : {false, true}) {
          const std::size_t items = 1 + rng.below(round == 0 ? 100 : 3000);
          SCOPED_TRACE("kind " + std::to_string(kind) + " items " +
                       std::to_string(items) + " width " +
                       std::to_string(width) + " draw " +
                       std::to_string(tried++));
          answered +=
              try_queries(make(Kind(kind), items, width, biased, rng), rng);
          ASSERT_FALSE(HasFatalFailure());
        }
      }
    }
  }
  EXPECT_GT(2 * answered, 3 * tried) << "most are answered";
}

Catalogue normal_catalogue(std::size_t items) {
  Rng rng(3);
  return make(Kind::kNormal, items, 64, false, rng);
}

TEST(ItemSearch, TheTenBestOfManyItemsAreFoundByScanning) {
  const Catalogue c = normal_catalogue(20'000);
  const ItemSearch search(c.rows());
  Rng rng(5);
  for (int i = 0; i < 20; ++i) {
    std::vector<float> x(64);
    for (float& v : x) v = normal(rng);
    const ItemQuery query{x, 10};
    const auto answer = search.top({&query, 1});
    ASSERT_TRUE(answer[0].has_value());
    expect_same(*answer[0], reference(c, query));
  }
}

TEST(ItemSearch, AFilterThatLeavesFewIsAnsweredFromThoseAlone) {
  const Catalogue c = normal_catalogue(20'000);
  const ItemSearch search(c.rows());
  const std::vector<float> x(64, 1);
  std::vector<std::uint64_t> allowed(words_of(20'000));
  for (const std::size_t item : {17, 4000, 19'999}) {
    allowed[item / 64] |= std::uint64_t{1} << item % 64;
  }
  const std::vector<std::uint32_t> excluded = {4000};
  const ItemQuery query{x, 10, {allowed, excluded}};
  const auto answer = search.top({&query, 1});
  ASSERT_TRUE(answer[0].has_value());
  expect_same(*answer[0], reference(c, query));
  EXPECT_EQ(answer[0]->size(), 2u);
}

TEST(ItemSearch, LeavesToOthersWhatScoringAllDoesSooner) {
  Rng rng(1);
  const Catalogue normal = normal_catalogue(20'000);
  const Catalogue equal = make(Kind::kAllEqual, 20'000, 64, false, rng);
  const std::vector<float> x(64, 1);
  const std::vector<float> wild(64, std::numeric_limits<float>::infinity());
  const auto answers = [](const Catalogue& c, const ItemQuery& query) {
    return ItemSearch(c.rows()).top({&query, 1})[0].has_value();
  };
  EXPECT_TRUE(answers(normal, {x, 100}));
  EXPECT_FALSE(answers(normal, {x, 10'000})) << "half of all";
  EXPECT_FALSE(answers(normal, {wild, 10}));
  EXPECT_FALSE(answers(equal, {x, 10})) << "nothing can be skipped";
}

TEST(ItemSearch, NothingIsAskedOrNothingIsThere) {
  const Catalogue c = normal_catalogue(100);
  const std::vector<float> x(64, 1);
  const ItemQuery none{x, 0};
  EXPECT_TRUE(ItemSearch(c.rows()).top({&none, 1})[0].value().empty());
  EXPECT_TRUE(ItemSearch(c.rows()).top({}).empty());
}

}  // namespace
}  // namespace ensue::runtime
