// SPDX-License-Identifier: Apache-2.0
// Whatever stands in a body: an Incoming that keeps the rules, or one Error.
#include <gtest/gtest.h>

#include "ensue/base/rng.h"
#include "ensue/serve/formats/format.h"
#include "ensue/serve/formats/samples.h"
#include "ensue/serve/formats/testing.h"

namespace ensue::serve {
namespace {

// One to four changes: a byte set, a stretch cut, doubled or moved, a nasty
// piece put in.
std::string mutated(std::string text, Rng& rng) {
  for (auto n = 1 + rng.below(4); n > 0; --n) {
    const std::size_t at = rng.below(text.size() + 1);
    const std::size_t size =
        rng.below(std::min<std::size_t>(24, text.size() - at + 1));
    switch (rng.below(5)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(rng.below(256));
        break;
      case 1:
        text.erase(at, size);
        break;
      case 2:
        text.insert(at, text.substr(at, size));
        break;
      case 3:
        text.insert(rng.below(text.size() + 1), text.substr(at, size));
        break;
      default:
        const auto pieces = nasty_pieces();
        text.replace(at, size, pieces[rng.below(pieces.size())]);
    }
  }
  return text;
}

class Mutations : public testing::TestWithParam<FormatEntry> {};

TEST_P(Mutations, TheSamplesAreTaken) {
  ASSERT_FALSE(samples(GetParam().name).empty());
  for (const std::string_view sample : samples(GetParam().name)) {
    const Incoming in = GetParam().parse(sample, kNow);
    EXPECT_GT(
        in.events.size() + in.items.size() + in.users.size() + in.shown.size(),
        0U);
    EXPECT_EQ(broken_rule(GetParam().name, sample), "");
  }
}

TEST_P(Mutations, KeepTheRulesOrAreRefusedInOneLine) {
  Rng rng(7);
  std::size_t refused = 0;
  constexpr std::size_t kBodies = 10'000;
  for (std::size_t i = 0; i < kBodies; ++i) {
    const auto all = samples(GetParam().name);
    const std::string body =
        mutated(std::string(all[rng.below(all.size())]), rng);
    ASSERT_EQ(broken_rule(GetParam().name, body), "") << body;
    try {
      GetParam().parse(body, kNow);
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, kBodies / 4);  // the mutations do bite …
  EXPECT_LT(refused, kBodies);      // … and do not always
}

TEST_P(Mutations, EveryPrefixKeepsTheRules) {
  for (const std::string_view sample : samples(GetParam().name)) {
    for (std::size_t size = 0; size < sample.size(); ++size) {
      ASSERT_EQ(broken_rule(GetParam().name, sample.substr(0, size)), "")
          << sample.substr(0, size);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(AllFormats, Mutations,
                         testing::ValuesIn(formats().all().begin(),
                                           formats().all().end()),
                         [](const auto& entry) {
                           return std::string(entry.param.name);
                         });

}  // namespace
}  // namespace ensue::serve
