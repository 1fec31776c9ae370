// SPDX-License-Identifier: Apache-2.0
// Every model of the catalogue, small, without training.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "ensue/artifact/blocks.h"
#include "ensue/classic/fit.h"
#include "ensue/models/catalog.h"
#include "ensue/runtime/engine.h"
#include "ensue/runtime/testing.h"

namespace ensue::every_model {

inline constexpr std::size_t kItems = 70, kActions = 3, kWindow = 9;
inline constexpr std::size_t kEvents = 4 * kWindow + 3;

inline bool is_classical(const artifact::ModelSpec& spec) {
  return artifact::blocks().find(spec.heads.at(0).type).trainer ==
         artifact::Trainer::kClassic;
}

/// A model's settings made small and, with `context`, reading all of an event,
/// as far as it has them.
inline artifact::ModelSpec spec_of(const models::ModelEntry& entry,
                                   bool context) {
  JsonObject wanted = {{"width", 8},
                       {"heads", 2},
                       {"layers", 2},
                       {"window", kWindow},
                       {"repeats", 4}};
  if (context) {
    wanted["context"] = JsonArray{"device", "number"};
    for (const char* name : {"actions", "gaps", "calendar", "values"}) {
      wanted[name] = true;
    }
  }
  JsonObject taken;
  for (const auto& [key, value] : wanted) {
    JsonObject more = taken;
    more[key] = value;
    try {
      entry.build(more);
      taken = std::move(more);
    } catch (const Error&) {  // it has no such setting
    }
  }
  return entry.build(taken);
}

inline artifact::Draft draft_of(const artifact::ModelSpec& spec,
                                std::uint64_t seed) {
  if (!is_classical(spec)) {
    return runtime::testing::random_draft(spec, kItems, kActions, seed);
  }
  artifact::ModelSpec empty{spec.name, {}, {}, {}};
  artifact::Draft out =
      runtime::testing::random_draft(empty, kItems, kActions, seed);
  out.description().model = spec;
  events::LogBuilder builder;
  Rng rng(seed);
  for (std::size_t i = 0; i < kItems; ++i) {  // in the order of the names
    builder.add("first", "item" + std::to_string(i),
                events::Millis{static_cast<std::int64_t>(i) - 1000});
  }
  for (int i = 0; i < 2000; ++i) {
    builder.add("user" + std::to_string(rng.below(60)),
                "item" + std::to_string(rng.below(kItems)),
                events::Millis{i / 3}, "action0");
  }
  const events::Log log = builder.build();
  std::vector<classic::TrainRange> all;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const auto size = log.history(events::UserId{u}).size();
    all.push_back({0, static_cast<std::uint32_t>(size)});
  }
  classic::fit(log, all, spec, out);
  return out;
}

inline std::shared_ptr<const artifact::Artifact> load(
    const artifact::Draft& draft) {
  return artifact::Artifact::from_bytes(draft.bytes(), "toy");
}

/// A model of the catalogue with random weights, or fitted to a random log.
inline artifact::Draft of_catalogue(const std::string& name,
                                    bool context = false) {
  return draft_of(spec_of(models::models().find(name), context), /*seed=*/3);
}

/// Members that look back over different lengths.
inline artifact::Draft blend() {
  std::vector<std::vector<std::byte>> members;
  for (const char* name : {"gru", "sasrec", "markov"}) {
    members.push_back(
        draft_of(spec_of(models::models().find(name), false), 5).bytes());
  }
  artifact::ModelSpec spec{"blend", {}, {}, {}};
  artifact::Draft out =
      runtime::testing::random_draft(spec, kItems, kActions, 1);
  spec.heads = {runtime::testing::block(
      "blend", artifact::BlendConfig{{"gru", "sasrec", "markov"}})};
  out.description().model = spec;
  out.add<float>("heads.0.weights", {3}, std::vector<float>{.5F, .3F, .2F});
  for (std::size_t m = 0; m < members.size(); ++m) {
    out.add_bytes("heads.0.members." + std::to_string(m), artifact::DType::kU8,
                  {static_cast<std::int64_t>(members[m].size())}, members[m]);
  }
  return out;
}

inline std::vector<std::string> all_models() {
  std::vector<std::string> out;
  for (const models::ModelEntry& entry : models::models().all()) {
    out.emplace_back(entry.name);
  }
  return out;
}

/// For INSTANTIATE_TEST_SUITE_P.
inline std::string test_name(
    const ::testing::TestParamInfo<std::string>& which) {
  std::string name = which.param;
  std::ranges::replace(name, '-', '_');
  return name;
}

}  // namespace ensue::every_model
