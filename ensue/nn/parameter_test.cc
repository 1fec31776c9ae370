// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/parameter.h"

#include <gtest/gtest.h>

#include "ensue/nn/internal/rows.h"
#include "ensue/nn/internal/test_model.h"

namespace ensue::nn {
namespace {

using Rows = std::vector<std::uint32_t>;

TEST(RowMarks, AreGivenOnceEachAndAscending) {
  const auto t = table(at::zeros({10, 1}));
  for (const std::size_t row : {7, 2, 7, 9, 2}) t->marks.add(row);
  EXPECT_EQ(marked_rows(*t), (Rows{2, 7, 9}));
  t->marks.add(0);
  EXPECT_EQ(marked_rows(*t), (Rows{0, 2, 7, 9}));
  EXPECT_TRUE(t->marks.has(7));
  EXPECT_FALSE(t->marks.has(1));
}

TEST(RowMarks, AreMadeAnewAfterTheyWereCleared) {
  const auto t = table(at::zeros({10, 1}));
  t->marks.add(3);
  t->clear_marks();
  EXPECT_FALSE(t->marks.has(3));
  t->marks.add(5);
  t->marks.add(3);
  EXPECT_EQ(marked_rows(*t), (Rows{3, 5}));
}

TEST(Parameter, ClearsTheGradientOfMarkedRows) {
  const auto t = table(at::zeros({4, 2}));
  const at::Tensor from = at::ones({2});
  const std::vector<RowTerm> terms = {{3, from.data_ptr<float>(), 1},
                                      {1, from.data_ptr<float>(), 1}};
  add_rows(*t, terms);
  EXPECT_EQ(t->grad.sum().item<float>(), 4);
  t->clear_gradient();
  EXPECT_EQ(t->grad.abs().sum().item<float>(), 0);
  EXPECT_TRUE(marked_rows(*t).empty());
}

// Enough terms for several threads, which own different rows.
TEST(AddRows, MarksEveryRowOnceWhicheverThreadOwnsIt) {
  const std::size_t terms = 20'000, rows = 501;
  const auto t = table(at::zeros({static_cast<std::int64_t>(rows), 64}));
  const at::Tensor from = at::ones({64});
  std::vector<RowTerm> all;
  for (std::size_t i = 0; i < terms; ++i) {
    all.push_back({static_cast<std::int64_t>(2 * (i * 7 % 250)),
                   from.data_ptr<float>(), 1});
  }
  add_rows(*t, all);
  Rows expected;
  for (std::uint32_t row = 0; row < 500; row += 2) expected.push_back(row);
  EXPECT_EQ(marked_rows(*t), expected);
  EXPECT_EQ(t->grad[498][63].item<float>(), terms / 250);
}

}  // namespace
}  // namespace ensue::nn
