// SPDX-License-Identifier: Apache-2.0
// What rows to learn from say besides, and features scaled by count ratios.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/classic/internal/member_fit.h"
#include "ensue/classic/table_fit.h"
#include "ensue/metrics/binary.h"
#include "ensue/runtime/table_model.h"

namespace ensue::classic {
namespace {

// Forty numbers that all matter a little, a coin that their sum tosses, and
// the sum itself: a row says far more by it than by the coin.
struct Tosses {
  events::Table rows;
  TableLabels labels;
};

Tosses tosses(std::size_t rows, std::uint64_t seed) {
  constexpr std::size_t kColumns = 40;
  Rng rng(seed);
  std::vector<std::vector<double>> x(kColumns);
  Tosses out;
  out.labels.kind = Label::kBinary;
  for (std::size_t row = 0; row < rows; ++row) {
    double sum = 0;
    for (std::size_t c = 0; c < kColumns; ++c) {
      x[c].push_back(rng.normal());
      sum += x[c].back() * (c % 2 == 0 ? 0.4 : -0.4);
    }
    out.labels.auxiliary.push_back(5 + 2 * sum);
    out.labels.values.push_back(rng.uniform() < 1 / (1 + std::exp(-sum)));
  }
  for (std::size_t c = 0; c < kColumns; ++c) {
    out.rows.columns.push_back({"x" + std::to_string(c), x[c]});
  }
  return out;
}

runtime::TableModel fit(const Tosses& train, const Tosses& held,
                        const std::string& model) {
  TableFitOptions options;
  options.model = model;
  options.bins = false;
  return runtime::TableModel(artifact::Artifact::from_bytes(
      fit_table(train.rows, train.labels, held.rows, held.labels, options)
          .bytes(),
      "test"));
}

Tosses without(Tosses tosses) {
  tosses.labels.auxiliary.clear();
  return tosses;
}

TEST(Auxiliary, ANumberThatSaysMoreThanTheLabelHelps) {
  const Tosses train = tosses(150, 1), held = tosses(300, 2),
               test = tosses(4000, 3), none;
  const double best = metrics::auc(test.labels.auxiliary, test.labels.values);
  const auto lost = [&](const runtime::TableModel& model) {
    return best - metrics::auc(model.predict(test.rows), test.labels.values);
  };
  const double plain = lost(fit(without(train), without(held), "linear"));
  EXPECT_GT(plain, 0.03);
  EXPECT_LT(lost(fit(train, held, "linear")), plain / 3);
  EXPECT_LT(lost(fit(train, none, "linear")), plain / 2);  // weights by folds
  EXPECT_LT(lost(fit(train, held, "linear+bayes")), plain / 2);
}

TEST(Auxiliary, FewValuesAreLearntAsLevels) {
  const auto stars = [](Tosses out) {
    for (double& x : out.labels.auxiliary) {
      x = std::clamp(std::round(x / 2), 1.0, 5.0);
    }
    return out;
  };
  const Tosses train = stars(tosses(150, 1)), held = stars(tosses(300, 2)),
               test = tosses(4000, 3);
  const double best = metrics::auc(test.labels.auxiliary, test.labels.values);
  const auto lost = [&](const runtime::TableModel& model) {
    return best - metrics::auc(model.predict(test.rows), test.labels.values);
  };
  const double plain = lost(fit(without(train), without(held), "linear"));
  const auto model = fit(train, held, "linear");
  EXPECT_LT(lost(model), 0.6 * plain);
  EXPECT_GT(model.members().size(), 2U);  // several levels
  EXPECT_LE(model.members().size(), 5U);
  EXPECT_LT(lost(fit(train, held, "bayes")),
            lost(fit(without(train), without(held), "bayes")));
}

TEST(Auxiliary, NoNumberLeavesEverythingAsItWas) {
  const Tosses train = without(tosses(100, 1));
  EXPECT_EQ(fit(train, {}, "linear").members().size(), 1U);
}

std::string refusal(const Tosses& train, const Tosses& held,
                    const std::string& model = "linear") {
  try {
    fit(train, held, model);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Auxiliary, SaysInOneLineWhatIsWrong) {
  const Tosses good = tosses(60, 1);
  Tosses few = good, equal = good, classes = good;
  few.labels.auxiliary.pop_back();
  equal.labels.auxiliary.assign(60, 2);
  classes.labels.kind = Label::kClass;
  classes.labels.classes = {"tail", "head"};
  EXPECT_EQ(refusal(few, {}), "training: 60 labels, 59 auxiliary numbers");
  EXPECT_EQ(refusal(good, without(good)),
            "validation: expected an auxiliary number of each row");
  EXPECT_EQ(refusal(equal, {}),
            "auxiliary numbers: expected finite ones that are not all equal");
  EXPECT_EQ(refusal(classes, {}),
            "auxiliary numbers beside classes: expected another kind of label");
  Tosses counts = without(good);
  counts.labels.kind = Label::kCount;
  EXPECT_EQ(refusal(counts, {}, "bayes"),
            "model 'bayes' is for binary and class labels");
}

// The same as a linear fit to features that were scaled by hand.
TEST(Bayes, IsLinearOnFeaturesScaledByTheirCountRatio) {
  Rng rng(5);
  runtime::FeatureRows rows;
  rows.width = 6;
  std::vector<double> y;
  for (std::size_t row = 0; row < 200; ++row) {
    y.push_back(rng.chance(0.4) ? 1 : 0);
    for (std::uint32_t f = 0; f < rows.width; ++f) {
      if (!rng.chance(y.back() == 1 ? 0.1 + 0.1 * f : 0.5)) continue;
      rows.places.push_back(f);
      rows.values.push_back(static_cast<float>(0.5 + rng.uniform()));
    }
    rows.begin.push_back(rows.places.size());
  }
  std::vector<double> with(rows.width, 1), without(rows.width, 1), ratio;
  double all_with = 6, all_without = 6;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t i = rows.begin[row]; i < rows.begin[row + 1]; ++i) {
      (y[row] == 1 ? with : without)[rows.places[i]] += rows.values[i];
      (y[row] == 1 ? all_with : all_without) += rows.values[i];
    }
  }
  for (std::size_t f = 0; f < rows.width; ++f) {
    ratio.push_back(std::log(with[f] / all_with / (without[f] / all_without)));
  }
  runtime::FeatureRows scaled = rows;
  for (std::size_t i = 0; i < scaled.values.size(); ++i) {
    scaled.values[i] *= static_cast<float>(ratio[scaled.places[i]]);
  }
  TableFitOptions options;
  options.l2 = 1;
  const auto margins = [&](Fitted (*member)(const MemberTask&),
                           const runtime::FeatureRows& x) {
    std::vector<double> out(x.size());
    member({Label::kBinary, 1, {x, y}, {{}, {}}, 0, options})
        .scorer->margins(x, out);
    return out;
  };
  const auto bayes = margins(fit_bayes, rows),
             by_hand = margins(fit_linear, scaled),
             plain = margins(fit_linear, rows);
  double apart = 0;
  for (std::size_t row = 0; row < bayes.size(); ++row) {
    EXPECT_NEAR(bayes[row], by_hand[row], 1e-4);
    apart = std::max(apart, std::abs(bayes[row] - plain[row]));
  }
  EXPECT_GT(apart, 0.1);
}

}  // namespace
}  // namespace ensue::classic
