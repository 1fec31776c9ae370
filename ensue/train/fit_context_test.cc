// SPDX-License-Identifier: Apache-2.0
// Training with named context columns.
#include <gtest/gtest.h>

#include <algorithm>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/judge/evaluate.h"
#include "ensue/models/catalog.h"
#include "ensue/runtime/engine.h"
#include "ensue/train/blend.h"
#include "ensue/train/fit.h"
#include "ensue/train/internal/toy_fit.h"

namespace ensue::train {
namespace {

constexpr int kUsers = 60, kLength = 16, kDevices = 4;

// The device of an event, drawn by chance, says which item comes next; so does
// `shelf`, as a number. With `permuted` each event tells another's device.
events::Log devices(bool permuted = false) {
  Rng rng(1);
  std::vector<int> drawn(kUsers * kLength);
  for (int& device : drawn) device = static_cast<int>(rng.below(kDevices));
  std::vector<int> told = drawn;
  if (permuted) shuffle(told, rng);
  events::LogBuilder builder;
  for (int user = 0; user < kUsers; ++user) {
    int item = user % kDevices;
    for (int i = 0; i < kLength; ++i) {
      const auto at = static_cast<std::size_t>(user * kLength + i);
      builder.add("u" + std::to_string(user), "i" + std::to_string(item),
                  events::Millis{1000 * i + user});
      builder.with("device", "设备 " + std::to_string(told[at]));
      builder.with("shelf", static_cast<float>(told[at] < kDevices / 2));
      item = drawn[at];
    }
  }
  return builder.build();
}

artifact::ModelSpec model(const std::string& name,
                          std::vector<std::string> context) {
  JsonObject config = {{"width", 16}, {"dropout", 0}};
  config["context"] = boost::json::value_from(context);
  if (name == "gru") config["hidden"] = JsonArray{16};
  return models::models().find(name).build(config);
}

FitResult fitted(const events::Log& log, const artifact::ModelSpec& model,
                 const std::string& from = "") {
  TrainOptions options = thorough();
  options.from = from;
  if (!from.empty()) {
    options.epochs = 1;
    options.learning_rate = 0;
    options.evaluate_every = 1;
  }
  return fit({log, last_event_split(log), model, options, {}});
}

double hit(const FitResult& result) {
  double best = 0;
  for (const CurveRow& row : result.curve) {
    best = std::max(best, row.at("validation hit@1"));
  }
  return best;
}

class FitContext : public ::testing::TestWithParam<std::string> {};

TEST_P(FitContext, ADeviceThatDecidesTheNextItemIsLearnt) {
  EXPECT_GE(hit(fitted(devices(), model(GetParam(), {"device"}))), 0.95)
      << "chance is 0.25";
}

INSTANTIATE_TEST_SUITE_P(Models, FitContext,
                         ::testing::Values("gru", "sasrec", "nextitnet"));

TEST(FitContext, WithoutItOrWithThatOfOtherEventsThereIsNothingToLearn) {
  EXPECT_LE(hit(fitted(devices(), model("gru", {}))), 0.5);
  EXPECT_LE(hit(fitted(devices(/*permuted=*/true), model("gru", {"device"}))),
            0.5);
}

// A shelf says one of two items.
TEST(FitContext, ANumberIsLearntToo) {
  const events::Log log = devices();
  const double share = hit(fitted(log, model("gru", {"shelf"})));
  EXPECT_GE(share, 0.35);
  EXPECT_LE(share, 0.75);
}

// What counts is the device of the last event, and neither an earlier one's nor
// one that the target itself has.
TEST(FitContext, TheLastEventsDeviceAnswersAtOnceAndStepByStep) {
  const events::Log log = devices();
  const auto draft = fitted(log, model("gru", {"device"})).draft;
  const runtime::Engine engine(
      artifact::Artifact::from_bytes(draft.bytes(), "test"));
  const runtime::Translation translation(log, engine);
  const auto past = translation.translate(log.history(events::UserId{7}));
  std::vector<float> scores(engine.items()), again(engine.items());
  for (std::uint32_t code = 0; code < kDevices; ++code) {
    runtime::State state = engine.encode(past.view().first(5));
    const std::vector<events::Cell> row = {events::Cell::of_code(code)};
    engine.step(state, past.view()[5], row);
    engine.score(state, scores);
    const std::string device(engine.context()[0].values.name(code));
    const auto best = std::ranges::max_element(scores) - scores.begin();
    EXPECT_EQ(engine.artifact().description().items.name(
                  static_cast<std::size_t>(best)),
              "i" + device.substr(device.size() - 1));
    auto changed = past;
    changed.context[5] = row[0];
    engine.score(engine.encode(changed.view().first(6)), again);
    EXPECT_EQ(scores, again);
  }
}

TEST(FitContext, TheSameSeedGivesTheSameBytes) {
  const events::Log log = devices();
  const auto spec = model("gru", {"shelf", "device"});
  EXPECT_EQ(fitted(log, spec).draft.bytes(), fitted(log, spec).draft.bytes());
}

TEST(FitContext, AugmentedSequencesKeepTheirContext) {
  const events::Log log = devices();
  TrainOptions options = thorough();
  options.augment_share = 1;
  options.augment_crop = 0.3;
  EXPECT_GE(
      hit(fit(
          {log, last_event_split(log), model("gru", {"device"}), options, {}})),
      0.95);
}

TEST(FitContext, IsJudgedOnALogWithTheColumnAlone) {
  const events::Log log = devices();
  const auto bytes = fitted(log, model("gru", {"device"})).draft.bytes();
  const auto engine = std::make_shared<const runtime::Engine>(
      artifact::Artifact::from_bytes(bytes, "test"));
  const auto split = last_event_split(log);
  const auto scorer = judge::engine_scorer("x", engine, log);
  EXPECT_GE(judge::evaluate(log, split, split.validation, *scorer)
                .metrics.at("recall@10")
                .mean,
            0.99);
  const Toy other;
  EXPECT_THROW(judge::engine_scorer("x", engine, other.log), Error);
}

// Values in another order, one of them new, another mean.
TEST(FitContext, AModelToStartFromGivesItsValuesByNameAndItsScale) {
  const events::Log log = devices();
  const auto folder = fresh_folder("fit_context_from");
  const std::string path = (folder / "base.safetensors").string();
  const auto spec = model("gru", {"device", "shelf"});
  fitted(log, spec).draft.write(path);
  events::LogBuilder builder;
  builder.add("first", "i0", events::Millis{-5}).with("device", "new");
  builder.with("shelf", 100);
  builder.add("first", "i1", events::Millis{-4}).with("device", "设备 3");
  builder.add("first", "i1", events::Millis{-3});
  for (std::uint32_t user = 0; user < log.users(); ++user) {
    const auto history = log.history(events::UserId{user});
    for (std::size_t i = 0; i < history.size(); ++i) {
      const auto row = history.context.row(i);
      builder.add(log.user_names().name(user),
                  log.item_names().name(index(history.items[i])),
                  history.times[i]);
      builder.with("device", log.context()[0].values.name(row[0].code()));
      builder.with("shelf", row[1].number());
    }
  }
  EXPECT_GE(hit(fitted(builder.build(), spec, path)), 0.9)
      << "not a step was made: it knew the rule";
  const auto swapped = model("gru", {"shelf", "device"});
  try {
    fitted(log, swapped, path);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "context: 'shelf' (number) stands where the model to start "
                 "from has 'device', expected the same columns of the same "
                 "kinds");
  }
}

TEST(FitContext, MembersOfABlendReadTheirOwnColumns) {
  const events::Log log = devices();
  const std::vector<BlendMember> members = {
      {"a", fitted(log, model("gru", {"shelf"})).draft.bytes()},
      {"b", fitted(log, model("gru", {})).draft.bytes()},
      {"c", fitted(log, model("sasrec", {"device", "shelf"})).draft.bytes()}};
  const runtime::Engine blend(artifact::Artifact::from_bytes(
      make_blend(members, {0.5, 1, 2}).bytes(), "blend"));
  ASSERT_EQ(blend.context().size(), 3u);
  const auto past = runtime::Translation(log, blend)
                        .translate(log.history(events::UserId{7}));
  std::vector<float> got(blend.items()), one(blend.items());
  std::vector<double> wanted(blend.items());
  for (std::size_t m = 0; m < members.size(); ++m) {
    const runtime::Engine engine(
        artifact::Artifact::from_bytes(members[m].bytes, "member"));
    const auto theirs = runtime::Translation(log, engine)
                            .translate(log.history(events::UserId{7}));
    engine.score(engine.encode(theirs.view()), one);
    const double weight = m == 0 ? 0.5 : static_cast<double>(m);
    for (std::size_t i = 0; i < one.size(); ++i) wanted[i] += weight * one[i];
  }
  blend.score(blend.encode(past.view()), got);
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(got[i], wanted[i], 1e-4);
  }
  runtime::State state = blend.start();
  for (std::size_t i = 0; i < past.items.size(); ++i) {
    blend.step(state, past.view()[i], past.view().context.row(i));
  }
  blend.score(state, one);
  EXPECT_EQ(one, got);
}

}  // namespace
}  // namespace ensue::train
