// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/table_blend.h"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/metrics/binary.h"
#include "ensue/runtime/calibration.h"

namespace ensue::classic {
namespace {

// The label hangs on a and b alike; `margin` knows b alone.
struct Example {
  events::Table rows;
  TableLabels labels;
};
Example example(std::size_t rows, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<double> a, margin, noise, y;
  for (std::size_t i = 0; i < rows; ++i) {
    a.push_back(rng.normal());
    margin.push_back(1.5 * rng.normal());
    noise.push_back(rng.normal());
    y.push_back(rng.chance(runtime::logistic(1.5 * a[i] + margin[i])) ? 1 : 0);
  }
  Example out;
  out.rows.columns = {{"a", a}, {"margin", margin}, {"noise", noise}};
  out.labels = {Label::kBinary, y};
  return out;
}

events::Table only(const events::Table& rows, const char* name) {
  events::Table out;
  out.columns = {*rows.find(name)};
  return out;
}

runtime::TableModel loaded(const artifact::Draft& draft) {
  return runtime::TableModel(
      artifact::Artifact::from_bytes(draft.bytes(), "blend"));
}

TEST(TableBlend, GivenMarginsAreTheColumnsThemselves) {
  const Example held = example(50, 1);
  const auto model = given_margins(held.labels, {"margin"});
  const auto margins = model.margins(held.rows);
  for (std::size_t i = 0; i < 50; ++i) {
    EXPECT_NEAR(margins[i], held.rows.find("margin")->number(i), 1e-6);
  }
  EXPECT_THROW(given_margins(held.labels, {"a", "margin"}), Error);
}

TEST(TableBlend, PartsThatReadOtherColumnsAddUp) {
  const Example train = example(3000, 1), held = example(1500, 2),
                test = example(3000, 3);
  const TableFitOptions plain{.model = "linear", .calibration = "none"};
  const auto part = [&] {
    return loaded(
        fit_table(only(train.rows, "a"), train.labels, {}, {}, plain));
  };
  std::vector<runtime::TableModel> parts;
  parts.push_back(given_margins(train.labels, {"margin"}));
  parts.push_back(part());
  const runtime::TableModel blend = loaded(
      draft_of(blend_tables(std::move(parts), held.rows, held.labels, {}), {}));
  const auto loss = [&](const runtime::TableModel& model) {
    return metrics::logloss_of(model.predict(test.rows), test.labels.values);
  };
  std::vector<double> truth;
  for (std::size_t i = 0; i < 3000; ++i) {
    truth.push_back(runtime::logistic(1.5 * test.rows.find("a")->number(i) +
                                      test.rows.find("margin")->number(i)));
  }
  const double best = metrics::logloss_of(truth, test.labels.values);
  EXPECT_LT(loss(blend), best + 0.02);
  EXPECT_GT(loss(part()), best + 0.05);
  EXPECT_GT(loss(given_margins(train.labels, {"margin"})), best + 0.05);
}

TEST(TableBlend, APartThatTellsNothingGetsNoWeight) {
  Example held = example(2000, 2);
  Rng rng(5);
  for (std::size_t i = 0; i < 2000; ++i) {  // surer than the margin says
    const double margin = held.rows.find("margin")->number(i);
    held.labels.values[i] = rng.chance(runtime::logistic(2 * margin)) ? 1 : 0;
  }
  std::vector<runtime::TableModel> parts;
  parts.push_back(given_margins(held.labels, {"margin"}));
  parts.push_back(given_margins(held.labels, {"noise"}));
  const auto blend = blend_tables(std::move(parts), held.rows, held.labels, {});
  double weight = 0;
  for (const auto& member : blend.members()) {
    if (member.columns.encoders()[0].column == "noise") weight = member.weight;
  }
  EXPECT_LE(weight, 0.05);
  std::vector<runtime::TableModel> alike;
  alike.push_back(given_margins(held.labels, {"margin"}));
  alike.push_back(given_margins(held.labels, {"noise"}));
  const auto equal = blend_tables(std::move(alike), held.rows, held.labels,
                                  {.blend = "equal"});
  EXPECT_EQ(equal.members().size(), 2U);
  for (const auto& member : equal.members()) EXPECT_EQ(member.weight, 0.5);
  EXPECT_THROW(blend_tables({}, held.rows, held.labels, {}), Error);
}

}  // namespace
}  // namespace ensue::classic
