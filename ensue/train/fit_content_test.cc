// SPDX-License-Identifier: Apache-2.0
// Training with item vectors from columns, and items that came later.
#include <gtest/gtest.h>

#include "ensue/base/error.h"
#include "ensue/models/catalog.h"
#include "ensue/runtime/engine.h"
#include "ensue/runtime/new_items.h"
#include "ensue/train/fit.h"
#include "ensue/train/internal/toy_fit.h"

namespace ensue::train {
namespace {

using Cells = std::vector<std::string>;

// Half of the customers take cups, half plates; twelve items of each. With
// `teapot` the last customer takes something new at the end.
events::Log cups_and_plates(bool teapot = false) {
  events::LogBuilder builder;
  for (int user = 0; user < 80; ++user) {
    for (int i = 0; i < 10; ++i) {
      const int item = 2 * ((user * 7 + i * (1 + user % 5)) % 12) + user % 2;
      builder.add("u" + std::to_string(user), "i" + std::to_string(item),
                  events::Millis{1000 * i + user});
    }
  }
  if (teapot) builder.add("u79", "teapot", events::Millis{50'000});
  events::Log log = builder.build();
  Cells titles;
  for (std::size_t i = 0; i < log.items(); ++i) {
    const std::string name(log.item_names().name(i));
    if (name == "teapot") {
      titles.emplace_back("an antique teapot of a kind not seen before");
      continue;
    }
    const bool plate = (name.back() - '0') % 2 == 1;
    titles.push_back((i % 3 == 0 ? "red " : "blue ") +
                     std::string(plate ? "plate" : "cup"));
  }
  events::Table table;
  table.columns = {{"title", titles}};
  log.set_item_table(table);
  return log;
}

// The last epoch is taken, not the luckiest.
judge::Split without_validation(const events::Log& log) {
  judge::Split out = last_event_split(log);
  out.validation.clear();
  return out;
}

FitRequest request(const events::Log& log, const judge::Split& split,
                   const std::string& loss) {
  TrainOptions options;
  options.epochs = 30;
  options.batch_tokens = 100;
  options.learning_rate = 1e-2;
  options.loss = loss;
  options.negatives = 8;
  options.threads = 1;
  auto model = models::models().find("gru").build(
      {{"width", 16}, {"hidden", {16}}, {"content", {"title:text"}}});
  return {log, split, model, options, {}};
}

// Scores of a new cup and a new plate after all that a customer took.
std::pair<float, float> new_scores(const events::Log& log,
                                   const artifact::Draft& draft,
                                   std::uint32_t user) {
  const auto trained = artifact::Artifact::from_bytes(draft.bytes(), "test");
  events::Table table;
  table.columns = {{"title", Cells{"green cup", "green plate"}}};
  const Cells names = {"new cup", "new plate"};
  const runtime::Engine engine(runtime::with_items(*trained, {names, table}));
  const runtime::Translation translation(log, engine);
  const auto past = translation.translate(log.history(events::UserId{user}));
  std::vector<float> scores(engine.items());
  engine.score(engine.encode(past.view()), scores);
  return {scores[scores.size() - 2], scores.back()};
}

class FitContent : public ::testing::TestWithParam<std::string> {};

TEST_P(FitContent, ANewItemIsForThoseWhoTakeWhatIsLikeIt) {
  const events::Log log = cups_and_plates();
  const judge::Split split = without_validation(log);
  const FitResult result = fit(request(log, split, GetParam()));
  for (std::uint32_t user = 0; user < log.users(); ++user) {
    const std::string name(log.user_names().name(user));
    const auto [cup, plate] = new_scores(log, result.draft, user);
    if ((name.back() - '0') % 2 == 0) {
      EXPECT_GT(cup, plate + 0.5F) << name;
    } else {
      EXPECT_GT(plate, cup + 0.5F) << name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Losses, FitContent,
                         ::testing::Values("softmax", "sampled_softmax",
                                           "gbce"));

TEST(FitContent, TheSameSeedGivesTheSameBytes) {
  const events::Log log = cups_and_plates();
  const judge::Split split = without_validation(log);
  EXPECT_EQ(fit(request(log, split, "softmax")).draft.bytes(),
            fit(request(log, split, "softmax")).draft.bytes());
}

TEST(FitContent, FeaturesMeanWhatTheModelToStartFromLearntThatTheyMean) {
  const auto path = fresh_folder("content_from") / "base.safetensors";
  const events::Log before = cups_and_plates();
  const judge::Split first = without_validation(before);
  const FitResult base = fit(request(before, first, "softmax"));
  base.draft.write(path);

  const events::Log log = cups_and_plates(/*teapot=*/true);
  judge::Split split = without_validation(log);
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const auto size = log.history(events::UserId{u}).size();
    split.train[u].end = static_cast<std::uint32_t>(size);
  }
  FitRequest more = request(log, split, "softmax");
  more.options.from = path.string();
  more.options.epochs = 1;
  more.options.learning_rate = 0;
  const FitResult same = fit(more);
  EXPECT_EQ(artifact::Artifact::from_bytes(same.draft.bytes(), "same")
                ->description()
                .items.size(),
            25U);
  for (std::uint32_t user = 0; user < 10; ++user) {
    const auto [cup, plate] = new_scores(before, base.draft, user);
    const auto [cup_now, plate_now] = new_scores(before, same.draft, user);
    EXPECT_NEAR(cup_now, cup, 1e-5);
    EXPECT_NEAR(plate_now, plate, 1e-5);
  }
}

TEST(FitContent, NamesAColumnThatTheLogLacks) {
  events::Log log = cups_and_plates();
  log.set_item_table({});
  const judge::Split split = without_validation(log);
  try {
    fit(request(log, split, "softmax"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kInvalidArgument);
    EXPECT_STREQ(error.what(),
                 "content: 'title', expected a column of the item table: the "
                 "log has none");
  }
}

}  // namespace
}  // namespace ensue::train
