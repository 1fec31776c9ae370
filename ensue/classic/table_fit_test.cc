// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/table_fit.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/classic/internal/column_fit.h"
#include "ensue/runtime/table_model.h"

namespace ensue::classic {
namespace {

using events::Table;

// Twice as many rows as asked; y depends on x, on the shop and on a word.
struct Example {
  Table rows;
  TableLabels labels;
};

Example example(Label kind, std::size_t rows, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<double> x, noise, y;
  std::vector<std::string> shop, text;
  const char* shops[] = {"north", "south", "west"};
  for (std::size_t i = 0; i < rows; ++i) {
    x.push_back(rng.normal());
    noise.push_back(rng.normal());
    const std::size_t s = rng.below(3);
    shop.emplace_back(shops[s]);
    const bool nice = rng.chance(0.5);
    text.emplace_back(nice ? "it is a very nice mug for the price of it"
                           : "it is a rather poor mug for the price of it");
    const double m = 1.5 * x.back() + (s == 0) - (s == 1) + (nice ? 1 : -1);
    const double draw = rng.uniform();
    switch (kind) {
      case Label::kBinary:
        y.push_back(draw < 1 / (1 + std::exp(-2 * m)));
        break;
      case Label::kClass:
        y.push_back(m + 0.3 * rng.normal() < -0.7 ? 0 : m > 0.7 ? 2 : 1);
        break;
      case Label::kNumber:
        y.push_back(100 + 10 * m + rng.normal());
        break;
      case Label::kCount:
        y.push_back(std::floor(std::exp(0.7 * m) + draw));
        break;
    }
  }
  Example out;
  out.rows.columns = {
      {"x", x}, {"noise", noise}, {"shop", shop}, {"text", text}};
  out.labels = {kind, y, {}};
  if (kind == Label::kClass) out.labels.classes = {"low", "mid", "high"};
  return out;
}

runtime::TableModel model_of(const artifact::Draft& draft) {
  return runtime::TableModel(
      artifact::Artifact::from_bytes(draft.bytes(), "test"));
}

TableFitOptions quick(const std::string& model) {
  TableFitOptions out;
  out.model = model;
  out.rounds = 200, out.patience = 20, out.depth = 3;
  out.eta = 0.1;
  out.forest = 50, out.epochs = 30, out.hidden = 16, out.neighbours = 20;
  out.columns = {"x=number", "noise=number", "shop=one_hot", "text=words:1"};
  return out;
}

// Loss relative to that of the best constant answer.
double relative_loss(const runtime::TableModel& model, const Example& asked) {
  const auto p = model.predict(asked.rows);
  const std::size_t outputs = model.outputs();
  const std::vector<double>& y = asked.labels.values;
  const auto rows = static_cast<double>(y.size());
  const double mean = std::accumulate(y.begin(), y.end(), 0.0) / rows;
  double loss = 0, constant = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (asked.labels.kind == Label::kClass) {
      loss -= std::log(p[i * outputs + static_cast<std::size_t>(y[i])]);
      constant += std::log(static_cast<double>(outputs));
    } else {
      loss += (p[i] - y[i]) * (p[i] - y[i]);
      constant += (mean - y[i]) * (mean - y[i]);
    }
  }
  return loss / constant;
}

// A word of its own in every row beside one that tells the label.
TEST(FitTable, TreesReadTextByItsFrequentWordsAlone) {
  Rng rng(4);
  std::vector<std::string> text;
  std::vector<double> y;
  for (int i = 0; i < 1200; ++i) {
    const bool nice = rng.chance(0.5);
    text.push_back("it is a mug of number" + std::to_string(i) + " and it is " +
                   (nice ? "nice" : "poor"));
    y.push_back(nice ? 1 : 0);
  }
  TableFitOptions options = quick("trees");
  options.columns = {};
  const auto model = model_of(fit_table(
      {{{"text", text}}, ""}, {Label::kBinary, y, {}}, {}, {}, options));
  EXPECT_LT(model.members()[0].columns.width(), 12);
  const auto said = model.predict(
      {{{"text",
         std::vector<std::string>{"it is a mug of clay and it is nice",
                                  "it is a mug of clay and it is poor"}}},
       ""});
  EXPECT_GT(said[0], 0.9);
  EXPECT_LT(said[1], 0.1);
}

TEST(FitTable, EveryModelLearnsEveryKindOfLabel) {
  for (const Label kind :
       {Label::kBinary, Label::kClass, Label::kNumber, Label::kCount}) {
    const Example train = example(kind, 1200, 1), held = example(kind, 400, 2),
                  test = example(kind, 400, 3);
    for (const char* model :
         {"linear", "trees", "forest", "neighbours", "dense"}) {
      const auto fitted = model_of(fit_table(
          train.rows, train.labels, held.rows, held.labels, quick(model)));
      // A forest of counts is one step from the mean: coarse.
      const bool coarse =
          kind == Label::kCount && model == std::string("forest");
      EXPECT_LT(relative_loss(fitted, test), coarse ? 0.85 : 0.72)
          << model << " " << runtime::name_of(fitted.label());
    }
  }
}

TEST(FitTable, TheSameTrainingGivesTheSameBytes) {
  const Example train = example(Label::kBinary, 300, 1);
  for (const char* model : {"linear", "trees", "forest", "dense"}) {
    TableFitOptions options = quick(model);
    options.folds = 3;
    const auto once = fit_table(train.rows, train.labels, {}, {}, options);
    const auto again = fit_table(train.rows, train.labels, {}, {}, options);
    EXPECT_EQ(once.bytes(), again.bytes()) << model;
  }
}

TEST(FitTable, ABlendLeavesOutWhoDoesNotHelp) {
  const Example train = example(Label::kNumber, 800, 1),
                held = example(Label::kNumber, 300, 2);
  TableFitOptions options = quick("linear+neighbours");
  const auto fitted = model_of(
      fit_table(train.rows, train.labels, held.rows, held.labels, options));
  // The truth is linear: neighbours add nothing.
  ASSERT_EQ(fitted.members().size(), 1U);
  EXPECT_EQ(fitted.members()[0].scorer->type(), "table_linear");
}

TEST(FitTable, WithoutValidationRoundsAreChosenOnFolds) {
  const Example train = example(Label::kBinary, 600, 1),
                test = example(Label::kBinary, 400, 3);
  const auto fitted = model_of(
      fit_table(train.rows, train.labels, {}, {}, quick("trees+linear")));
  EXPECT_LT(relative_loss(fitted, test), 0.72);
}

TEST(FitTable, ColumnsAreChosenByContent) {
  Example train = example(Label::kBinary, 400, 1);
  std::get<1>(train.rows.columns[0].cells)[7] = std::nan("");
  TableFitOptions options = quick("linear");
  options.columns = {};
  const auto fitted =
      model_of(fit_table(train.rows, train.labels, {}, {}, options));
  std::string chosen;
  for (const auto& encoder : fitted.members()[0].columns.encoders()) {
    chosen += encoder.column + "=" + encoder.spec.text() + " ";
  }
  EXPECT_EQ(chosen,
            "x=number x=bins x=missing noise=number noise=bins shop=one_hot "
            "text=one_hot ");
}

TEST(FitColumns, ALabelMeanDoesNotSeeTheRowsOwnLabel) {
  // One row per shop: what another fold knows of it is nothing.
  Example train;
  std::vector<std::string> shop;
  for (int i = 0; i < 40; ++i) shop.push_back("shop" + std::to_string(i));
  train.rows.columns = {{"shop", shop}};
  for (int i = 0; i < 40; ++i) train.labels.values.push_back(i % 2);
  TableFitOptions options;
  options.columns = {"shop=target"};
  const FittedColumns made =
      fit_columns(train.rows, train.labels, options, FeatureUse::kWeighed);
  for (const float x : made.rows.values) EXPECT_FLOAT_EQ(x, 0.5F);
  // (20 * 0.5 + 1 * label) / 21 afterwards.
  const auto later = made.columns.prepare(train.rows);
  EXPECT_FLOAT_EQ(later.values[0], 10.0F / 21);
  EXPECT_FLOAT_EQ(later.values[1], 11.0F / 21);
}

TEST(FitColumns, ComponentsAreTheDirectionsOfLargestVariance) {
  Rng rng(5);
  std::vector<double> a, b, c;
  for (int i = 0; i < 4000; ++i) {
    const double along = 3 * rng.normal(), across = rng.normal();
    a.push_back(0.6 * along - 0.8 * across + 7);
    b.push_back(0.8 * along + 0.6 * across);
    c.push_back(0.1 * rng.normal());
  }
  Table rows;
  rows.columns = {{"a", a}, {"b", b}, {"c", c}};
  TableFitOptions options;
  options.columns = {"a=raw", "b=raw", "c=raw"};
  const FittedColumns plain =
      fit_columns(rows, {Label::kNumber, a, {}}, options, FeatureUse::kSplit);
  const auto found = principal_components(plain.rows, 2, 1);
  const double expected[] = {0.6, 0.8, 0, 0.8, -0.6, 0};
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(found.directions[i], expected[i], 0.02) << i;
  }
  EXPECT_NEAR(found.mean[0], 7, 0.15);
}

std::string refusal(const Example& train, const TableFitOptions& options) {
  try {
    fit_table(train.rows, train.labels, {}, {}, options);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kInvalidArgument);
    return error.what();
  }
  return "";
}

TEST(FitTable, SaysInOneLineWhatIsWrong) {
  const Example good = example(Label::kBinary, 60, 1);
  Example equal = good, odd = good, short_one = good,
          classes = example(Label::kClass, 60, 1);
  equal.labels.values.assign(60, 1);
  odd.labels.values[4] = 0.5;
  short_one.labels.values.pop_back();
  classes.labels.classes.push_back("huge");
  EXPECT_EQ(refusal(equal, quick("linear")),
            "training: all 60 labels are 1.000000; nothing to tell apart");
  EXPECT_EQ(refusal(odd, quick("linear")),
            "label of row 5: 0.500000, expected 0 or 1");
  EXPECT_EQ(refusal(short_one, quick("linear")),
            "training: 60 rows, 59 labels");
  EXPECT_EQ(refusal(classes, quick("linear")),
            "class 'huge': no row of training has it");
  EXPECT_EQ(refusal(Example{}, quick("linear")), "training: no rows");
  EXPECT_NE(refusal(good, quick("oracle")).find("model 'oracle'"),
            std::string::npos);
  TableFitOptions options = quick("linear");
  options.columns = {"weight=number"};
  EXPECT_EQ(refusal(good, options), "column 'weight': the table has it not");
}

}  // namespace
}  // namespace ensue::classic
