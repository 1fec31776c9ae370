// SPDX-License-Identifier: Apache-2.0
// What classic/ fits is what runtime/ answers from, through an artifact.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/base/error.h"
#include "ensue/classic/fit.h"
#include "ensue/events/log.h"
#include "ensue/models/catalog.h"
#include "ensue/runtime/markov.h"
#include "ensue/runtime/popularity.h"
#include "ensue/runtime/session_knn.h"

namespace ensue {
namespace {

using events::Millis;

// ann: a, b, a, b, c; bob: a, c. Ids of the log: a 0, b 1, c 2.
events::Log small_log() {
  events::Schema schema;
  schema.order_within_instant = true;
  return events::LogBuilder(schema)
      .add("ann", "a", Millis{1})
      .add("ann", "b", Millis{2})
      .add("ann", "a", Millis{3})
      .add("ann", "b", Millis{4})
      .add("ann", "c", Millis{5})
      .add("bob", "a", Millis{6})
      .add("bob", "c", Millis{7})
      .build();
}

// Trained on ann's first four events and all of bob's; the model's ids are
// other ones than the log's: c 0, a 1, b 2.
std::vector<std::byte> train_bytes(const std::string& model,
                                   const JsonObject& config) {
  const events::Log log = small_log();
  const std::vector<std::string> names = {"c", "a", "b"};
  artifact::Description description;
  description.model = models::models().find(model).build(config);
  description.schema = log.schema();
  description.items =
      events::Vocabulary::from_names(std::span<const std::string>(names));
  description.actions = log.action_names();
  artifact::Draft draft(description);
  const std::vector<classic::TrainRange> ranges = {{0, 4}, {0, 2}};
  classic::fit(log, ranges, description.model, draft);
  return draft.bytes();
}

std::shared_ptr<const artifact::Artifact> train(const std::string& model,
                                                const JsonObject& config) {
  return artifact::Artifact::from_bytes(train_bytes(model, config), model);
}

std::vector<double> answer(const runtime::Head& head,
                           const std::vector<std::uint32_t>& items) {
  std::vector<events::Event> recent;
  for (const std::uint32_t item : items) {
    recent.push_back(
        {.item = events::ItemId{item},
         .time = Millis{static_cast<std::int64_t>(recent.size())}});
  }
  std::vector<float> out(3);
  head.score({}, recent, out);
  return {std::exp(out[0]), std::exp(out[1]), std::exp(out[2])};
}

void expect_near(const std::vector<double>& got,
                 const std::vector<double>& expected) {
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(got[i], expected[i], 1e-6) << "item " << i;
  }
}

TEST(FittedModel, PopularityCountsTheTrainingEvents) {
  // a stands there 3 times, b 2, c 1; one is added to each.
  const auto fitted = train("popularity", {});
  expect_near(answer(runtime::PopularityHead(*fitted, 0), {}),
              {2.0 / 9, 4.0 / 9, 3.0 / 9});
}

TEST(FittedModel, MarkovMixesTransitionsWithPopularity) {
  // From a: b twice, c once; b = 3 counts of back-off. From c: nothing.
  const auto fitted = train("markov", {{"backoff", 3}});
  const runtime::MarkovHead head(*fitted, 0);
  expect_near(answer(head, {1}),
              {(1 + 3 * 2.0 / 9) / 6, (3 * 4.0 / 9) / 6, (2 + 1) / 6.0});
  expect_near(answer(head, {0}), {2.0 / 9, 4.0 / 9, 3.0 / 9});
}

TEST(FittedModel, SessionKnnVotesWithTheSessionsOfTheRarestItem) {
  // Sessions {a, b} and {a, c}; after c only bob's counts: a weighs 1,
  // c 1 + log 2.
  const auto fitted = train("session-knn", {{"popularity", 0.1}});
  const double all = 2 + std::log(2.0);
  expect_near(answer(runtime::SessionKnnHead(*fitted, 0), {0}),
              {.9 * (1 + std::log(2.0)) / all + .1 * 2 / 9,
               .9 / all + .1 * 4 / 9, .1 * 3 / 9});
}

TEST(FittedModel, IsTheSameBytesEveryTime) {
  for (const std::string& model :
       std::vector<std::string>{"popularity", "markov", "session-knn"}) {
    EXPECT_EQ(train_bytes(model, {}), train_bytes(model, {})) << model;
  }
}

TEST(FittedModel, OfAnotherCatalogueIsRefused) {
  const auto fitted = train("markov", {});
  EXPECT_THROW(runtime::SessionKnnHead(*fitted, 0), Error);
}

TEST(Fit, RefusesAModelWithLayers) {
  const events::Log log = small_log();
  artifact::Draft draft({});
  EXPECT_THROW(classic::fit(log, std::vector<classic::TrainRange>(2),
                            models::models().find("gru").build({}), draft),
               Error);
}

}  // namespace
}  // namespace ensue
