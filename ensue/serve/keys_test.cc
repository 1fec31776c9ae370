// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/keys.h"

#include <gtest/gtest.h>

#include "ensue/base/error.h"
#include "ensue/base/file.h"
#include "ensue/serve/rate_limit.h"
#include "ensue/store/testing.h"

namespace ensue::serve {
namespace {

TEST(Keys, AreHashedAsSha256) {
  EXPECT_EQ(hex_of(hash_key("abc")),  // FIPS 180-2, appendix B.1
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Keys, AreFoundByTheirTextAndHoldTheirScopes) {
  const std::string shop = new_key(), boss = new_key();
  EXPECT_EQ(shop.size(), 49U);
  EXPECT_NE(shop, boss);
  const store::TestFolder folder;
  const auto file = folder.path() / "keys.txt";
  write_file(file, "# two\n" + key_line("shop", "ingest,read", shop) + "\n" +
                       key_line("boss", "admin", boss));
  EXPECT_EQ(read_file(file).find(shop), std::string::npos);

  Keys keys;
  EXPECT_FALSE(keys.any());
  keys.set(read_keys(file));
  EXPECT_TRUE(keys.any());
  const auto found = keys.find(shop);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->name, "shop");
  EXPECT_TRUE(found->allows(Scope::kIngest));
  EXPECT_TRUE(found->allows(Scope::kRead));
  EXPECT_FALSE(found->allows(Scope::kAdmin));
  EXPECT_TRUE(keys.find(boss)->allows(Scope::kIngest));
  EXPECT_EQ(keys.find(shop + "x"), nullptr);
  EXPECT_EQ(keys.find(""), nullptr);
}

TEST(Keys, AFileSaysWhereItIsWrong) {
  const store::TestFolder folder;
  const auto file = folder.path() / "keys.txt";
  const auto refusal = [&](const std::string& text) {
    write_file(file, text);
    try {
      read_keys(file);
    } catch (const Error& error) {
      return std::string(error.what())
          .substr(folder.path().string().size() + 1);
    }
    return std::string();
  };
  const std::string hash(64, 'a');
  EXPECT_EQ(refusal("\nshop read xyz\n"),
            "keys.txt:2: expected 'name scope[,scope] sha256' in a line");
  EXPECT_EQ(refusal("shop write " + hash + "\n"),
            "keys.txt:1: scope 'write', expected ingest, read or admin");
  EXPECT_EQ(refusal("shop read " + hash + " more\n"),
            "keys.txt:1: expected 'name scope[,scope] sha256' in a line");
  EXPECT_EQ(refusal("shop read " + hash + "\n"), "");
  EXPECT_THROW(key_line("two words", "read", "k"), Error);
}

TEST(RateLimit, LetsTwiceTheRateThroughAtOnceAndTheRateInTheLongRun) {
  RateLimit limit(/*rate=*/10);
  RateLimit::Time now{};
  int passed = 0;
  for (int i = 0; i < 100; ++i) passed += !limit.take("ann", now);
  EXPECT_EQ(passed, 20);
  EXPECT_EQ(limit.take("ann", now), 1);
  EXPECT_EQ(limit.take("bob", now), std::nullopt);  // has a bucket of his own
  for (int second = 0; second < 10; ++second) {
    now += std::chrono::seconds(1);
    for (int i = 0; i < 100; ++i) passed += !limit.take("ann", now);
  }
  EXPECT_EQ(passed, 120);
}

TEST(RateLimit, SaysHowLongToWait) {
  RateLimit limit(/*rate=*/0.1);
  RateLimit::Time now{};
  EXPECT_EQ(limit.take("ann", now), std::nullopt);
  EXPECT_EQ(limit.take("ann", now), 10);
  EXPECT_EQ(limit.take("ann", now + std::chrono::seconds(8)), 2);
  EXPECT_EQ(RateLimit(0).take("ann", now), std::nullopt);
}

}  // namespace
}  // namespace ensue::serve
