// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/segments.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/classic/interests.h"
#include "ensue/classic/internal/k_means.h"
#include "ensue/metrics/clusters.h"

namespace ensue::classic {
namespace {

using events::Millis;

constexpr Millis kEnd{100 * events::kDayMs};

struct Crowd {
  events::Log log;
  std::vector<std::uint32_t> kind;  // of "u<i>"
};

// Three kinds of 60 customers: they take items of their own ten, one kind buys
// often, one seldom, one never.
Crowd make_crowd(std::uint64_t seed) {
  Crowd out;
  Rng rng(seed);
  events::LogBuilder builder;
  for (std::uint32_t u = 0; u < 180; ++u) {
    const std::uint32_t kind = u % 3;
    out.kind.push_back(kind);
    for (int day = 0; day < 90; ++day) {
      if (!rng.chance(kind == 0 ? 0.6 : kind == 1 ? 0.2 : 0.03) && day > 0) {
        continue;
      }
      for (int e = 0; e < 4; ++e) {
        const auto item = "i" + std::to_string(kind * 10 + rng.below(10));
        const Millis time{day * events::kDayMs + e * 60'000};
        const bool buys = kind < 2 && rng.chance(kind == 0 ? 0.5 : 0.1);
        builder.add("u" + std::to_string(u), item, time,
                    buys ? "purchase" : "view", 10);
      }
    }
  }
  out.log = builder.build();
  return out;
}

std::vector<std::uint32_t> kinds_of(const Crowd& crowd,
                                    const std::vector<events::UserId>& users) {
  std::vector<std::uint32_t> out;
  for (const auto user : users) {
    const std::string name(crowd.log.user_names().name(events::index(user)));
    out.push_back(crowd.kind[std::stoul(name.substr(1))]);
  }
  return out;
}

SegmentOptions small(const std::string& by) {
  SegmentOptions out;
  out.by = by;
  out.interests = 2;
  out.most = 6;
  out.resamples = 10;
  return out;
}

runtime::Segments loaded(const artifact::Draft& draft) {
  return runtime::Segments(
      artifact::Artifact::from_bytes(draft.bytes(), "segments"));
}

TEST(FitSegments, FindsKindsAndTheirNumberByInterests) {
  const Crowd crowd = make_crowd(1);
  const auto fit = fit_segments(crowd.log, kEnd, small("interests"));
  EXPECT_EQ(choose_groups(fit.curve), 3);
  EXPECT_EQ(metrics::adjusted_rand(fit.group, kinds_of(crowd, fit.users)), 1);
}

TEST(FitSegments, FindsKindsByBehaviour) {
  const Crowd crowd = make_crowd(1);
  auto options = small("behaviour");
  options.columns = {"sessions_per_month", "share_purchase"};
  options.groups = 3;
  const auto fit = fit_segments(crowd.log, kEnd, options);
  EXPECT_GT(metrics::adjusted_rand(fit.group, kinds_of(crowd, fit.users)), 0.8);
}

TEST(FitSegments, AnArtifactAnswersWhatWasFitted) {
  const Crowd crowd = make_crowd(2);
  const auto fit = fit_segments(crowd.log, kEnd, small("both"));
  const runtime::Segments model = loaded(fit.draft);
  for (std::size_t i = 0; i < fit.users.size(); ++i) {
    const auto answer = model.answer(crowd.log.history(fit.users[i]), kEnd);
    EXPECT_EQ(answer.group, fit.group[i]);
    EXPECT_LE(answer.distance, answer.next);
  }
  EXPECT_EQ(fit.draft.bytes(),
            fit_segments(crowd.log, kEnd, small("both")).draft.bytes());
}

TEST(FitSegments, GroupsKeepTheirIdsWhenFittedAnew) {
  const Crowd first = make_crowd(3), second = make_crowd(4);
  auto options = small("interests");
  options.groups = 3;
  auto before = fit_segments(first.log, kEnd, options);
  options.seed = 9;  // another start, another order
  const runtime::Segments old = loaded(before.draft);
  const auto after = fit_segments(second.log, kEnd, options, &old);
  const runtime::Segments now = loaded(after.draft);
  // A customer of either log takes the same items as before.
  for (std::uint32_t kind = 0; kind < 3; ++kind) {
    const std::string name = "u" + std::to_string(kind);
    const auto id = [&](const Crowd& crowd, const runtime::Segments& model) {
      const auto user = crowd.log.user_names().find(name);
      return model.answer(crowd.log.history(events::UserId{*user}), kEnd).id;
    };
    EXPECT_EQ(id(first, old), id(second, now)) << name;
  }
}

// What a sequence model might say: three numbers around a corner per kind.
EmbedUser corners(const Crowd& crowd) {
  return [&crowd](events::UserId user) {
    const std::string name(crowd.log.user_names().name(events::index(user)));
    const std::size_t place = std::stoul(name.substr(1));
    Rng rng(place);
    std::vector<double> out(3);
    for (double& x : out) x = 0.1 * rng.normal();
    out[crowd.kind[place]] += 1;
    return out;
  };
}

TEST(FitSegments, FindsKindsByWhatASequenceModelSays) {
  const Crowd crowd = make_crowd(6);
  const SegmentEncoders encoders{.now = corners(crowd)};
  const auto fit =
      fit_segments(crowd.log, kEnd, small("encoder"), nullptr, encoders);
  EXPECT_EQ(metrics::adjusted_rand(fit.group, kinds_of(crowd, fit.users)), 1);
  const runtime::Segments model = loaded(fit.draft);
  EXPECT_EQ(model.embedding(), 3U);
  for (std::size_t i = 0; i < fit.users.size(); ++i) {
    const auto history = crowd.log.history(fit.users[i]);
    const auto place = model.place(history, kEnd, encoders.now(fit.users[i]));
    double square = 0;
    for (const double x : place) square += x * x;
    EXPECT_NEAR(square, 1, 1e-12);
    EXPECT_EQ(model.nearest(place).group, fit.group[i]);
  }
  EXPECT_THROW(model.answer(crowd.log.history(fit.users[0]), kEnd), Error);
}

// Of columns [from, to) of everybody's places, added up.
double variance_of(const runtime::Segments& model, const Crowd& crowd,
                   const EmbedUser& embed, std::size_t from, std::size_t to) {
  const auto users = static_cast<std::uint32_t>(crowd.log.users());
  std::vector<double> sum(to), square(to);
  for (std::uint32_t u = 0; u < users; ++u) {
    const events::UserId user{u};
    const auto place = model.place(crowd.log.history(user), kEnd, embed(user));
    for (std::size_t c = from; c < to; ++c) {
      sum[c] += place[c] / users;
      square[c] += place[c] * place[c] / users;
    }
  }
  double out = 0;
  for (std::size_t c = from; c < to; ++c) out += square[c] - sum[c] * sum[c];
  return out;
}

TEST(FitSegments, WeighWhatASequenceModelSaysAgainstTheRest) {
  const Crowd crowd = make_crowd(6);
  const SegmentEncoders encoders{.now = corners(crowd)};
  auto options = small("behaviour");
  options.groups = 3;
  for (const double weight : {1.0, 2.5}) {
    options.encoder_weight = weight;
    const runtime::Segments model =
        loaded(fit_segments(crowd.log, kEnd, options, nullptr, encoders).draft);
    const std::size_t rest = model.width() - model.embedding();
    ASSERT_GT(rest, 0U);
    EXPECT_NEAR(variance_of(model, crowd, encoders.now, rest, model.width()),
                weight * variance_of(model, crowd, encoders.now, 0, rest),
                1e-9);
  }
  options.encoder_weight = 0;
  EXPECT_THROW(fit_segments(crowd.log, kEnd, options, nullptr, encoders),
               Error);
}

TEST(FitSegments, KeepsIdsOfGroupsThatReadASequenceModel) {
  const Crowd crowd = make_crowd(6);
  const SegmentEncoders now{.now = corners(crowd)},
      both{.now = corners(crowd), .previous = corners(crowd)};
  auto options = small("encoder");
  options.groups = 3;
  const runtime::Segments old =
      loaded(fit_segments(crowd.log, kEnd, options, nullptr, now).draft);
  options.seed = 9;
  const auto after = fit_segments(crowd.log, kEnd, options, &old, both);
  const runtime::Segments again = loaded(after.draft);
  for (const events::UserId user : after.users) {
    const auto history = crowd.log.history(user);
    EXPECT_EQ(again.answer(history, kEnd, now.now(user)).id,
              old.answer(history, kEnd, now.now(user)).id);
  }
  EXPECT_THROW(fit_segments(crowd.log, kEnd, options, &old, now), Error);
}

TEST(FitSegments, RefusesAnEncoderThatIsNotThere) {
  EXPECT_THROW(fit_segments(make_crowd(1).log, kEnd, small("encoder")), Error);
}

TEST(MatchIds, GivesANewIdToAGroupThatIsNew) {
  // New group 0 shares most with old 1; new 1 shares little with anybody.
  const std::vector<double> shared = {1, 9, /**/ 1, 0};
  EXPECT_EQ(match_ids(shared, 2, std::vector<std::int64_t>{5, 7}, 8),
            std::vector<std::int64_t>({7, 5}));
  const std::vector<double> apart = {0, 9, /**/ 1, 20, /**/ 9, 0};
  EXPECT_EQ(match_ids(apart, 3, std::vector<std::int64_t>{5, 7}, 8),
            std::vector<std::int64_t>({9, 7, 5}));
}

TEST(ChooseGroups, TakesTheMostThatAreAsStableAsTheBest) {
  const std::vector<Stability> curve = {
      {2, 0.90, 0.02}, {3, 0.95, 0.02}, {4, 0.94, 0.02}, {5, 0.7, 0.1}};
  EXPECT_EQ(choose_groups(curve), 4);
}

TEST(FitInterests, IsTheLeadingSpaceOfTheWeightedItems) {
  // Two worlds of items: customers of one differ from those of the other along
  // one axis, to which everybody's vector is (after the mean) parallel.
  const Crowd crowd = make_crowd(5);
  std::vector<events::History> histories;
  for (std::uint32_t u = 0; u < crowd.log.users(); ++u) {
    histories.push_back(crowd.log.history(events::UserId{u}));
  }
  const auto fit = fit_interests(histories, crowd.log.items(), 3, 1);
  double gram[3][3] = {};
  for (std::size_t i = 0; i < crowd.log.items(); ++i) {
    for (int a = 0; a < 3; ++a) {
      for (int b = 0; b < 3; ++b) {
        gram[a][b] += double{fit.vectors[i * 3 + a]} * fit.vectors[i * 3 + b];
      }
    }
  }
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 3; ++b) EXPECT_NEAR(gram[a][b], a == b, 1e-5);
  }
}

TEST(KMeans, MovesCentresToTheMeansOfTheirRows) {
  const std::vector<double> rows = {0, 0, 0, 2, 10, 0, 10, 2};
  auto centres = k_means({rows, 2}, 2, 3, 1);
  if (centres[0] > centres[2]) {
    std::swap_ranges(centres.begin(), centres.begin() + 2, centres.begin() + 2);
  }
  EXPECT_EQ(centres, std::vector<double>({0, 1, 10, 1}));
}

TEST(FitSegments, RefusesTooFewCustomersAndUnknownColumns) {
  const Crowd crowd = make_crowd(1);
  auto options = small("behaviour");
  options.groups = 50;
  EXPECT_THROW(fit_segments(crowd.log, kEnd, options), Error);
  options.groups = 2;
  options.columns = {"charm"};
  EXPECT_THROW(fit_segments(crowd.log, kEnd, options), Error);
  options.by = "stars";
  EXPECT_THROW(fit_segments(crowd.log, kEnd, options), Error);
}

}  // namespace
}  // namespace ensue::classic
