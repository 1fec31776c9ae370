// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/search.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/classic/internal/search_index.h"
#include "ensue/classic/search_judge.h"
#include "ensue/runtime/search.h"

namespace ensue::classic {
namespace {

using events::Millis;
using runtime::Search;
using runtime::SearchRanking;

constexpr Millis kEver{std::numeric_limits<std::int64_t>::max()};

// Customers with a taste for red or blue things who type "mug", "lamp", … and
// take one of six: mostly of their colour, and rather the first of a colour.
events::Log make_shop() {
  const std::vector<std::string> kinds = {"mug", "lamp", "chair", "shoe"},
                                 colours = {"red", "blue"};
  events::LogBuilder builder;
  Rng rng(3);
  for (int u = 0; u < 400; ++u) {
    const std::size_t taste = rng.below(2);
    for (int e = 0; e < 10; ++e) {
      const std::string& kind = kinds[rng.below(4)];
      const std::size_t colour = rng.chance(0.85) ? taste : 1 - taste;
      const std::uint64_t place = std::min(rng.below(4), rng.below(3));
      builder.add("u" + std::to_string(u),
                  kind + "-" + colours[colour] + "-" + std::to_string(place),
                  Millis{e * 100'000 + u}, "view");
      if (rng.chance(0.5)) builder.with("query", kind);
    }
  }
  auto log = builder.build();
  std::vector<std::string> titles;
  for (std::size_t i = 0; i < log.items(); ++i) {
    std::string name(log.item_names().name(i));
    titles.push_back("A " + name.substr(0, name.find('-')));
  }
  events::Table table;
  table.columns = {{"title", std::move(titles)}};
  log.set_item_table(std::move(table));
  return log;
}

const events::Log& shop() {
  static const events::Log log = make_shop();
  return log;
}

// The time before which four fifths of the log lie.
Millis late() {
  std::vector<Millis> times(shop().columns().times.begin(),
                            shop().columns().times.end());
  std::ranges::sort(times);
  return times[times.size() * 4 / 5];
}

Search search_of(const artifact::Draft& draft) {
  return Search(artifact::Artifact::from_bytes(draft.bytes(), "search"));
}

TEST(IndexWords, WeighsRareWordsAndRepeatsAsBm25Says) {
  const std::vector<std::string> texts = {"red mug", "red red cup", "blue"};
  const ItemRows rows = index_words(texts, /*k1=*/1.2, /*b=*/0.75);
  EXPECT_EQ(rows.keys, std::vector<std::string>({"blue", "cup", "mug", "red"}));
  // "red": n 3, in 2 items; item 1 has it twice among 3 words, the mean is 2.
  const double rare = std::log(1 + (3 - 2 + 0.5) / (2 + 0.5));
  EXPECT_EQ(rows.items[rows.offsets[3] + 1], 1U);
  EXPECT_NEAR(rows.weights[rows.offsets[3] + 1],
              rare * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 1.5)), 1e-6);
}

TEST(PairLifts, CompareWhatIsTakenTogetherWithChance) {
  // 0 and 1 always together, 2 alone; four customers.
  const std::vector<std::vector<std::uint32_t>> sets = {
      {0, 1}, {0, 1}, {2}, {2}};
  const ItemRows rows = pair_lifts(sets, 3, 10);
  EXPECT_EQ(rows.offsets, std::vector<std::uint64_t>({0, 1, 2, 2}));
  EXPECT_EQ(rows.items[0], 1U);
  EXPECT_NEAR(rows.weights[0], std::log((2 + 5.0) / (1 + 5.0)), 1e-6);
}

TEST(SearchQuestions, TakeTheItemViewedAndWhatLiesStrictlyBefore) {
  events::LogBuilder builder;
  builder.add("u", "a", Millis{1000}, "view");
  builder.add("u", "b", Millis{2000}, "view").with("query", "mug");
  builder.add("u", "c", Millis{2000}, "view");
  const auto log = builder.build();
  const auto questions = search_questions(log, "query", Millis{0}, kEver);
  ASSERT_EQ(questions.size(), 1U);
  EXPECT_EQ(questions[0].query, "mug");
  EXPECT_EQ(questions[0].history, 1U);
  EXPECT_EQ(log.item_names().name(events::index(questions[0].target)), "b");
  EXPECT_THROW(search_questions(log, "typed", Millis{0}, kEver), Error);
}

TEST(FitSearch, ReadsNothingAtOrAfterTheTime) {
  // The same log, but everything from the cut on is another story.
  const Millis cut{20'000};
  const auto build = [&](bool other) {
    events::LogBuilder builder;
    for (int i = 0; i < 40; ++i) {
      const bool after = i * 1000 >= events::count(cut);
      const std::string user = "u" + std::to_string(i % 4);
      const std::string item =
          (after && other ? "x" : "i") + std::to_string(i % 3);
      builder.add(user, item, Millis{i * 1000}, "view");
      if (i % 2 == 0) builder.with("query", "word " + std::to_string(i % 3));
    }
    auto log = builder.build();
    events::Table table;
    std::vector<std::string> titles;
    for (std::size_t i = 0; i < log.items(); ++i) {
      titles.push_back("word " + std::string(log.item_names().name(i)));
    }
    table.columns = {{"title", titles}};
    log.set_item_table(table);
    return fit_search(log, cut, {}).bytes();
  };
  EXPECT_EQ(build(false), build(true));
}

TEST(FitSearch, TheBlendBeatsPopularityWhichBeatsWordsAlone) {
  const Millis cut = late();
  const Search search = search_of(fit_search(shop(), cut, {}));
  const auto questions = search_questions(shop(), "query", cut, kEver);
  ASSERT_GT(questions.size(), 200U);
  const auto judged = judge_search(shop(), search, questions);
  ASSERT_EQ(judged.size(), 3U);
  const auto mean = [](const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) /
           static_cast<double>(values.size());
  };
  const double words = mean(judged[0].ndcg), popular = mean(judged[1].ndcg),
               blend = mean(judged[2].ndcg);
  EXPECT_GT(popular, words + 0.03);
  EXPECT_GT(blend, popular + 0.03);
}

TEST(JudgeSearch, PutsWhatTiesInTheMiddleAndUnknownTargetsNowhere) {
  // Three mugs that BM25 cannot tell apart; a lamp that is no candidate.
  events::LogBuilder builder;
  for (const char* item : {"mug-a", "mug-b", "mug-c", "lamp"}) {
    builder.add("u", item, Millis{1000}, "view").with("query", "x");
  }
  auto log = builder.build();
  events::Table table;
  std::vector<std::string> titles;
  for (std::size_t i = 0; i < log.items(); ++i) {
    titles.push_back(log.item_names().name(i) == "lamp" ? "lamp" : "mug");
  }
  table.columns = {{"title", std::move(titles)}};
  log.set_item_table(std::move(table));
  const Search search = search_of(fit_search(log, kEver, {.query = ""}));
  const auto target = [&](const char* name) {
    return events::ItemId{*log.item_names().find(name)};
  };
  const std::vector<SearchQuestion> questions = {
      {events::UserId{0}, 0, "mug", target("mug-c")},
      {events::UserId{0}, 0, "mug", target("lamp")}};
  const auto judged = judge_search(log, search, questions);
  EXPECT_NEAR(judged[0].ndcg[0], 1 / std::log2(2 + 1.0), 1e-12);  // rank 2
  EXPECT_EQ(judged[0].hit[1], 0);
}

TEST(FitSearch, OrdersByWordsAndPopularityWhereNobodyTypes) {
  const Search search = search_of(fit_search(shop(), kEver, {.query = ""}));
  EXPECT_EQ(search.weights(SearchRanking::kBlend),
            search.weights(SearchRanking::kPopular));
  const auto hits = search.top({.query = "lamp"}, 6, SearchRanking::kBlend);
  ASSERT_EQ(hits.size(), 6U);  // the lamps alone
  const auto& names = search.artifact().description().items;
  std::map<std::string, int> counts;
  for (const events::ItemId item : shop().columns().items) {
    ++counts[std::string(shop().item_names().name(index(item)))];
  }
  for (std::size_t i = 1; i < hits.size(); ++i) {
    EXPECT_TRUE(names.name(hits[i].item).starts_with("lamp"));
    EXPECT_GE(counts[std::string(names.name(hits[i - 1].item))],
              counts[std::string(names.name(hits[i].item))]);
  }
}

TEST(FitSearch, DoesNotCountItemsOfAHistoryThatItDoesNotKnow) {
  const Search search = search_of(fit_search(shop(), late(), {}));
  const events::ItemId known{3}, unknown{100'000};
  events::History past, with_unknown;
  const std::vector<events::ItemId> one = {known}, many(500, unknown);
  std::vector<events::ItemId> both = one;
  both.insert(both.end(), many.begin(), many.end());
  past.items = one;
  with_unknown.items = both;
  const auto expected =
      search.top({.query = "mug", .history = past}, 5, SearchRanking::kBlend);
  const auto said = search.top({.query = "mug", .history = with_unknown}, 5,
                               SearchRanking::kBlend);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(said[i].score, expected[i].score);
  }
}

TEST(SearchQuestions, LeaveReviewsOut) {
  events::LogBuilder builder;
  builder.add("u", "a", Millis{1000}, "view").with("query", "mug");
  builder.add("u", "b", Millis{2000}, "review").with("query", "a fine mug");
  EXPECT_EQ(search_questions(builder.build(), "query", Millis{0}, kEver).size(),
            1U);
}

TEST(FitSearch, AnswersAloneForAQueryThatNobodyKnows) {
  const Search search = search_of(fit_search(shop(), late(), {}));
  const auto hits = search.top({.query = "zzzz"}, 5, SearchRanking::kBlend);
  ASSERT_EQ(hits.size(), 5U);
  double together = 0;
  for (const auto& part : hits[0].parts) together += part;
  EXPECT_NEAR(hits[0].score, together, 1e-12);
}

TEST(FitSearch, AnswersOnlyWhatIsAllowed) {
  const Search search = search_of(fit_search(shop(), late(), {}));
  std::vector<std::uint8_t> allowed(search.items(), 0);
  allowed[7] = 1;
  const auto hits = search.top({.query = "lamp", .allowed = allowed}, 5,
                               SearchRanking::kBlend);
  for (const auto& hit : hits) EXPECT_EQ(hit.item, 7U);
}

TEST(SearchAdditions, AreWorthWhatAnItemOfTheSameTextIs) {
  const Search search = search_of(fit_search(shop(), late(), {}));
  runtime::SearchAdditions additions(search);
  EXPECT_EQ(additions.set("lamp-new", "A lamp\n"), 0U);
  const auto found =
      search.candidates({.query = "a lamp", .additions = &additions});
  const auto& names = search.artifact().description().items;
  const runtime::SearchCandidate* lamp = nullptr;
  for (const auto& one : found) {
    if (one.item < search.items() && names.name(one.item).starts_with("lamp")) {
      lamp = &one;
    }
  }
  ASSERT_NE(lamp, nullptr);
  ASSERT_EQ(found.back().item, search.items());
  EXPECT_NEAR(found.back().signals[0], lamp->signals[0], 1e-6);
  EXPECT_LE(found.back().signals[1], lamp->signals[1]);  // popularity
}

TEST(SearchAdditions, BringWordsThatNobodyKnewAndTakeThemAway) {
  const Search search = search_of(fit_search(shop(), late(), {}));
  runtime::SearchAdditions additions(search);
  const auto best = [&] {
    return search
        .top({.query = "zanzibar mug", .additions = &additions}, 1,
             SearchRanking::kWords)[0]
        .item;
  };
  EXPECT_LT(best(), search.items());
  additions.set("lantern", "A Zanzibar lantern");
  additions.set("mug-z", "A Zanzibar mug");
  EXPECT_EQ(best(), search.items() + 1);
  EXPECT_TRUE(additions.knows("zanzibar"));
  EXPECT_EQ(additions.set("mug-z", "A tray"), 1U);
  EXPECT_EQ(best(), search.items());
  additions.erase("lantern");
  EXPECT_LT(best(), search.items());
  EXPECT_FALSE(additions.knows("zanzibar"));
}

TEST(SearchAdditions, AreNotFoundWhenErasedNorWhereNotAllowed) {
  const Search search = search_of(fit_search(shop(), late(), {}));
  runtime::SearchAdditions additions(search);
  additions.set("a", "zanzibar");
  additions.set("b", "zanzibar");
  additions.erase("a");
  const auto items = [&](std::span<const std::uint8_t> allowed) {
    std::vector<std::uint32_t> out;
    for (const auto& one : search.candidates(
             {.query = "zzzz", .allowed = allowed, .additions = &additions})) {
      out.push_back(one.item);
    }
    return out;
  };
  const auto all = items({});  // no word matches: everybody there
  EXPECT_EQ(all.size(), search.items() + 1);
  EXPECT_EQ(all.back(), search.items() + 1);
  std::vector<std::uint8_t> allowed(search.items() + 2, 1);
  allowed.back() = 0;
  EXPECT_EQ(items(allowed).size(), search.items());
}

}  // namespace
}  // namespace ensue::classic
