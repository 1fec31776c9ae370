// SPDX-License-Identifier: Apache-2.0
// Gorse's own client for Node against our server.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "ensue/serve/endpoints/testing.h"

namespace ensue::serve {
namespace {

// $ENSUE_GORSEJS, or where tools/setup puts it.
std::string client_folder() {
  const char* named = std::getenv("ENSUE_GORSEJS");
  return named != nullptr ? named
                          : ENSUE_SOURCE_FOLDER
             "/third_party/gorsejs/node_modules/gorsejs";
}

std::string output_of(const std::string& command) {
  std::string out;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  std::array<char, 256> part{};
  while (std::fgets(part.data(), part.size(), pipe) != nullptr) {
    out += part.data();
  }
  ::pclose(pipe);
  return out;
}

TEST(GorseClient, EveryCallOfGorsejsWorks) {
  const std::string folder = client_folder();
  if (!std::filesystem::exists(folder)) {
    GTEST_SKIP() << "gorsejs is not there; tools/setup installs it";
  }
  testing::OpenShop open;
  open.dispatcher.keys().set(
      {{.name = "shop",
        .hash = hash_key("secret"),
        .scopes = {Scope::kIngest, Scope::kRead, Scope::kAdmin}}});
  EXPECT_EQ(output_of("node " ENSUE_SOURCE_FOLDER "/tests/clients/gorse.cjs " +
                      folder + " http://127.0.0.1:" +
                      std::to_string(open.server.port())),
            "ok 41\n");
}

}  // namespace
}  // namespace ensue::serve
