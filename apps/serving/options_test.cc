// SPDX-License-Identifier: Apache-2.0
#include "apps/serving/options.h"

#include <gtest/gtest.h>

#include "ensue/base/error.h"

namespace ensue::apps {
namespace {

std::string refusal(const ServingOptions& options) {
  try {
    options.check();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(ServingOptions, ReadSizesInPowersOf1024) {
  EXPECT_EQ(bytes_of("256MB", "x"), std::size_t{256} << 20);
  EXPECT_EQ(bytes_of("1.5 GB", "x"), std::size_t{3} << 29);
  EXPECT_EQ(bytes_of("1000", "x"), 1000U);
  for (const char* bad : {"", "x", "12 parsecs", "-1MB", "1e300"}) {
    EXPECT_THROW(bytes_of(bad, "x"), Error) << bad;
  }
}

TEST(ServingOptions, StandAsTheyAre) { EXPECT_EQ(refusal({}), ""); }

TEST(ServingOptions, OtherMachinesNeedKeysUnlessToldOtherwise) {
  ServingOptions options;
  options.server.address = "0.0.0.0";
  EXPECT_NE(refusal(options).find("there are no keys"), std::string::npos);
  options.insecure = true;
  EXPECT_EQ(refusal(options), "");
  options.insecure = false;
  options.keys = "keys.txt";
  EXPECT_EQ(refusal(options), "");
}

TEST(ServingOptions, NameWhatIsWrong) {
  ServingOptions options;
  options.sync = "sometimes";
  EXPECT_EQ(refusal(options), "sync: 'sometimes', expected always or everysec");
  options = {};
  options.explore = 1.5;
  EXPECT_EQ(refusal(options), "explore: 1.5E0, expected 0E0 to 1E0");
  options = {};
  options.server.tls_cert = "a.pem";
  EXPECT_NE(refusal(options).find("tls_key"), std::string::npos);
  options = {};
  options.model = {"a=b@x"};
  EXPECT_NE(refusal(options).find("share"), std::string::npos);
}

}  // namespace
}  // namespace ensue::apps
