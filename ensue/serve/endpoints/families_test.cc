// SPDX-License-Identifier: Apache-2.0
// Every route of other servers' interfaces, asked as its documents show it.
#include "ensue/serve/endpoints/families.h"

#include <gtest/gtest.h>

#include "ensue/serve/endpoints/testing.h"

namespace ensue::serve {
namespace {

std::string example_line(const Endpoint& endpoint) {
  std::string path(endpoint.path);
  for (const Parameter& parameter : endpoint.parameters) {
    const std::string hole = "{" + std::string(parameter.name) + "}";
    const std::size_t at = path.find(hole);
    if (at != std::string::npos)
      path.replace(at, hole.size(), parameter.example);
  }
  return std::string(name_of(endpoint.method)) + " " + path;
}

TEST(Families, EveryExampleIsAnsweredAsShown) {
  testing::OpenShop open;
  const auto all = family_routes();
  const auto ask = [&](const auto& wanted) {
    for (const Endpoint& endpoint : all) {
      if (!wanted(endpoint.method)) continue;
      const std::string line = example_line(endpoint);
      EXPECT_EQ(line.find('{'), std::string::npos) << line;
      const auto answer = open.ask(line, std::string(endpoint.body_example));
      EXPECT_EQ(answer.status, 200) << line << " " << answer.body;
      if (endpoint.answer_example.empty() || answer.status != 200) continue;
      // What is shown is of the shape that comes.
      const Json shown = parse_json(endpoint.answer_example, line);
      const Json came = answer.json();
      EXPECT_EQ(shown.kind(), came.kind()) << line;
      if (!shown.is_object()) continue;
      for (const auto& [name, value] : shown.get_object()) {
        EXPECT_TRUE(came.get_object().contains(name)) << line << " " << name;
      }
    }
  };
  ask([](Method m) { return m != Method::kGet && m != Method::kDelete; });
  ask([](Method m) { return m == Method::kGet; });
  ask([](Method m) { return m == Method::kDelete; });
}

TEST(Families, StandInTheOpenApiDocument) {
  testing::OpenShop open;
  const Json document = open.ask("GET /openapi.json").json();
  const JsonObject& paths = document.at("paths").as_object();
  for (const Endpoint& endpoint : family_routes()) {
    EXPECT_TRUE(paths.contains(endpoint.path)) << endpoint.path;
    EXPECT_FALSE(endpoint.summary.empty()) << endpoint.path;
  }
  EXPECT_EQ(open.ask("GET /docs").status, 200);
}

}  // namespace
}  // namespace ensue::serve
