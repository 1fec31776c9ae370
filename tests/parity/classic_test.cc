// SPDX-License-Identifier: Apache-2.0
// Every model that is fitted without torch: through the file and back it
// answers with a distribution, the same event by event as for a whole history.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "ensue/artifact/blocks.h"
#include "ensue/classic/fit.h"
#include "ensue/events/log.h"
#include "ensue/models/catalog.h"
#include "ensue/runtime/engine.h"
#include "tests/parity/shop.h"

namespace ensue::parity {
namespace {

std::vector<std::string> classical_models() {
  std::vector<std::string> out;
  for (const models::ModelEntry& entry : models::models().all()) {
    const auto spec = entry.build(JsonObject());
    if (artifact::blocks().find(spec.heads.at(0).type).trainer ==
        artifact::Trainer::kClassic) {
      out.emplace_back(entry.name);
    }
  }
  return out;
}

events::Log sales(const events::Schema& schema) {
  events::LogBuilder builder(schema);
  for (std::uint64_t user = 0; user < 40; ++user) {
    const Customer customer(25, user);
    for (const events::Event& event : customer.events) {
      builder.add("user " + std::to_string(user),
                  "item " + std::to_string(events::index(event.item)),
                  event.time, "action 0");
    }
  }
  return builder.build();
}

class Fitted : public ::testing::TestWithParam<std::string> {
 protected:
  // `baskets`: the order within an instant is not real.
  static runtime::Engine fitted(bool baskets) {
    const auto spec = models::models().find(GetParam()).build(JsonObject());
    const artifact::Description about = describe(spec, !baskets);
    const events::Log log = sales(about.schema);
    artifact::Draft draft(about);
    const std::vector<classic::TrainRange> all(log.users(), {0, 25});
    classic::fit(log, all, spec, draft);
    return runtime::Engine(
        artifact::Artifact::from_bytes(draft.bytes(), "fitted"));
  }
};

TEST_P(Fitted, ItsLogitsAreADistributionFromTheEmptyHistoryOn) {
  for (const bool baskets : {false, true}) {
    const runtime::Engine engine = fitted(baskets);
    const Customer customer(30, /*seed=*/99);
    std::vector<float> scores(kItems);
    for (std::size_t n = 0; n <= 30; ++n) {
      engine.score(engine.encode(customer.history().first(n)), scores);
      double total = 0;
      for (const float score : scores) total += std::exp(double{score});
      ASSERT_NEAR(total, 1, 1e-4) << "after " << n << " events";
    }
  }
}

TEST_P(Fitted, EventByEventGivesTheBitsOfTheWholeHistory) {
  for (const bool baskets : {false, true}) {
    const runtime::Engine engine = fitted(baskets);
    const Customer customer(100, /*seed=*/98);
    runtime::State stepped = engine.start();
    std::vector<float> a(kItems), b(kItems);
    for (std::size_t n = 0; n < 100; ++n) {
      engine.step(stepped, customer.events[n]);
      engine.score(stepped, a);
      engine.score(engine.encode(customer.history().first(n + 1)), b);
      ASSERT_EQ(std::memcmp(a.data(), b.data(), sizeof(float) * kItems), 0)
          << "after " << n + 1 << " events";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, Fitted,
                         ::testing::ValuesIn(classical_models()),
                         [](const auto& which) {
                           std::string name = which.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace ensue::parity
