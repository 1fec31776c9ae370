// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/refit.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/hash.h"
#include "ensue/models/catalog.h"
#include "ensue/runtime/engine.h"
#include "ensue/train/fit.h"
#include "ensue/train/internal/toy_log.h"

namespace ensue::train {
namespace {

// Three customers: training reads a, a; validation holds b, then c, which no
// training event has, then b.
struct Shop {
  events::Log log = [] {
    events::LogBuilder builder;
    const char* last[] = {"b", "c", "b"};
    for (int user = 0; user < 3; ++user) {
      const std::string name = "u" + std::to_string(user);
      for (int i = 0; i < 3; ++i) {
        builder.add(name, i < 2 ? "a" : last[user],
                    events::Millis{1000 * i + user});
      }
    }
    builder.add("u3", "b", events::Millis{10});
    builder.add("u3", "a", events::Millis{20});
    return builder.build();
  }();
  judge::Split split = [this] {
    judge::Split out = last_event_split(log);
    out.validation.pop_back();  // u3 is for training alone
    out.train[3].end = 2;
    return out;
  }();

  BlendMember fitted(const artifact::ModelSpec& spec) const {
    TrainOptions options;
    options.epochs = 1;
    return {spec.name, fit({log, split, spec, options, {}}).draft.bytes()};
  }
};

artifact::ModelSpec popularity() {
  return models::models().find("popularity").build({{"smoothing", 1}});
}

std::shared_ptr<const artifact::Artifact> artifact_of(const BlendMember& m) {
  return artifact::Artifact::from_bytes(m.bytes, m.name);
}

// Share of the item, as popularity stores it.
float share(const BlendMember& member, const char* item) {
  const auto made = artifact_of(member);
  const auto place = made->description().items.find(item);
  return std::exp(
      made->tensor("heads.0.log_probability").as<float>()[place.value()]);
}

TEST(Refit, AClassicalMemberLearnsWhatValidationHolds) {
  const Shop shop;
  const auto before = shop.fitted(popularity());
  // 7 times a and once b; then twice b more. Smoothing adds 1 to each.
  EXPECT_NEAR(share(before, "b"), 2.0 / 10, 1e-6);
  const auto after = refit_classical(shop.log, shop.split, {before});
  EXPECT_EQ(after[0].name, "popularity");
  EXPECT_NEAR(share(after[0], "b"), 4.0 / 12, 1e-6);
}

TEST(Refit, KeepsTheItemsAndSaysWhatItLearntFrom) {
  const Shop shop;
  const auto before = shop.fitted(popularity());
  const auto after = refit_classical(shop.log, shop.split, {before});
  const auto now = artifact_of(after[0]);
  EXPECT_EQ(now->description().items.size(), 2U);  // c came too late
  EXPECT_EQ(now->description().data.at("part").as_string(),
            to_hex(with_validation(shop.split).fingerprint()));
  EXPECT_EQ(now->description().data.at("until").to_number<int>(), 2002);
}

TEST(Refit, ATrainedMemberStaysAsItIs) {
  const Shop shop;
  const auto gru = shop.fitted(toy_gru());
  const auto after =
      refit_classical(shop.log, shop.split, {shop.fitted(popularity()), gru});
  EXPECT_EQ(after[1].bytes, gru.bytes);
  // The blend still goes together.
  const runtime::Engine engine(
      artifact::Artifact::from_bytes(make_blend(after, {1, 1}).bytes(), "b"));
  EXPECT_EQ(engine.items(), 2U);
  EXPECT_EQ(engine.artifact().description().data.at("events"),
            artifact_of(after[0])->description().data.at("events"));
}

TEST(Refit, WideningASplitNeverShortensTraining) {
  const Shop shop;
  judge::Split split = shop.split;
  split.train[0].end = 3;
  const judge::Split wider = with_validation(split);
  for (std::size_t user = 0; user < 4; ++user) {
    EXPECT_EQ(wider.train[user].end, user == 3 ? 2U : 3U) << user;
  }
}

}  // namespace
}  // namespace ensue::train
