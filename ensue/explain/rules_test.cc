// SPDX-License-Identifier: Apache-2.0
#include "ensue/explain/rules.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/explain/table_reasons.h"
#include "ensue/runtime/dense_scorer.h"
#include "ensue/runtime/linear_scorer.h"
#include "ensue/runtime/trees.h"

namespace ensue::explain {
namespace {

using events::Table;

struct Answered {
  Table rows;
  std::vector<double> answers;
};

// 5 where the price is 3 or more, else 1 in shops a and c, 2 elsewhere.
Answered shop(std::size_t size, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<double> price, noise;
  std::vector<std::string> name;
  Answered out;
  for (std::size_t i = 0; i < size; ++i) {
    price.push_back(rng.chance(0.1) ? std::nan("")
                                    : std::floor(6 * rng.uniform()));
    noise.push_back(rng.normal());
    name.push_back(std::string(1, static_cast<char>('a' + rng.below(4))));
    const bool cheap = !(price.back() >= 3);
    const bool low = name.back() == "a" || name.back() == "c";
    out.answers.push_back(!cheap ? 5 : low ? 1 : 2);
  }
  out.rows.columns = {{"price", price}, {"noise", noise}, {"shop", name}};
  return out;
}

TEST(Rules, FindTheRulesOfAModelThatHasThem) {
  const Answered made = shop(500, 1), held = shop(200, 2);
  const Rules rules(made.rows, made.answers);
  EXPECT_EQ(rules.size(), 3U);
  EXPECT_EQ(rules.fidelity(held.rows, held.answers), 1);
  const std::string text = rules.text();
  EXPECT_NE(text.find("if price < 2.5 or missing\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("  if shop is one of 'a' 'c'\n"), std::string::npos)
      << text;
}

TEST(Rules, FidelityOfTheMeanIsNone) {
  const Answered made = shop(300, 1);
  Answered other = shop(300, 2);
  Rng rng(9);
  for (double& answer : other.answers) answer = rng.normal();
  EXPECT_LT(Rules(made.rows, made.answers).fidelity(other.rows, other.answers),
            0.1);
}

TEST(Rules, ARuleSpeaksForEnoughRowsAndDepthIsLimited) {
  const Answered made = shop(100, 1);
  RuleOptions options;
  options.least_rows = 60;
  EXPECT_EQ(Rules(made.rows, made.answers, options).size(), 1U);
  options.depth = 5;
  EXPECT_THROW(Rules(made.rows, made.answers, options), Error);
}

TEST(Rules, RefuseATableWithoutTheColumn) {
  const Answered made = shop(100, 1);
  Table other;
  other.columns = {{"price", std::vector<double>{1}}};
  EXPECT_THROW(Rules(made.rows, made.answers).predict(other), Error);
}

runtime::TableColumns columns() {
  return runtime::TableColumns(
      {{"price", runtime::EncodingSpec::parse("raw")},
       {"size", runtime::EncodingSpec::parse("number"), {}, {2, 4}}});
}

TEST(TableReasons, AddUpOverMembersAndColumns) {
  std::vector<runtime::TableModel::Member> members;
  members.push_back(
      {columns(),
       std::make_unique<runtime::LinearScorer>(std::vector<float>{0.5F, 2},
                                               std::vector<float>{0.25F}),
       0.5});
  members.push_back({columns(),
                     std::make_unique<runtime::Trees>(
                         runtime::TreeTables{.begin = {0, 3},
                                             .output_of = {0},
                                             .left = {1, -1, -1},
                                             .right = {2, -1, -1},
                                             .feature = {0, 0, 0},
                                             .value = {4, 1, 5},
                                             .cover = {4, 3, 1},
                                             .missing_left = {0, 0, 0},
                                             .base = {1}},
                         2),
                     2});
  const runtime::TableModel model(runtime::TableLabel::kNumber, {},
                                  std::move(members), {});
  Table rows;
  rows.columns = {{"price", std::vector<double>{8}},
                  {"size", std::vector<double>{6}}};
  const TableReasons found = explain_row(model, rows, 0);
  // Linear: 0.5 * (0.5 * 8), 0.5 * (2 * (6 - 2) / 4); the tree expects 2, is 5.
  EXPECT_NEAR(found.base, 0.5 * 0.25 + 2 * (1 + 2), 1e-9);
  EXPECT_EQ(found.reasons[0].column, "price");
  EXPECT_NEAR(found.reasons[0].added, 2 + 2 * 3, 1e-9);
  EXPECT_NEAR(found.reasons[1].added, 1, 1e-9);
  EXPECT_NEAR(found.margin, found.base + 8 + 1, 1e-9);
  EXPECT_EQ(to_text(found),
            "margin +15.1250 = base +6.1250\n  +8.0000  price = 8\n"
            "  +1.0000  size = 6\n");
}

TEST(TableReasons, AMemberWithoutContributionsIsNamed) {
  std::vector<runtime::TableModel::Member> members;
  members.push_back({columns(),
                     std::make_unique<runtime::DenseScorer>(
                         runtime::DenseTables{1, 1, 1, {1, 1}, {0}, {1}, {0}}),
                     1});
  const runtime::TableModel model(runtime::TableLabel::kNumber, {},
                                  std::move(members), {});
  Table rows;
  rows.columns = {{"price", std::vector<double>{8}},
                  {"size", std::vector<double>{6}}};
  EXPECT_THROW(explain_row(model, rows, 0), Error);
}

}  // namespace
}  // namespace ensue::explain
