// SPDX-License-Identifier: Apache-2.0
#include "ensue/features/definition.h"

#include <gtest/gtest.h>

#include "ensue/base/error.h"

namespace ensue::features {
namespace {

TEST(Definition, IsReadBackFromJsonAsItWas) {
  const std::vector<Definition> list = {{.name = "a", .kind = "recency"},
                                        {.name = "b",
                                         .kind = "rate",
                                         .action = "view",
                                         .other = "cart",
                                         .window_days = 7.5},
                                        {.name = "c",
                                         .kind = "share",
                                         .column = "category",
                                         .value = "安 \"x\"",
                                         .low = -1,
                                         .high = 2,
                                         .edges = {0.1, 3, 3, 1e300}}};
  const std::string text = to_text(to_json(list));
  EXPECT_EQ(definitions_from_json(parse_json(text, "test"), "test"), list);
}

TEST(Definition, SaysInJsonOnlyWhatDiffersFromTheDefaults) {
  EXPECT_EQ(to_text(to_json(Definition{.name = "a", .kind = "age"})),
            R"({"name":"a","kind":"age"})");
}

std::string refusal(const std::string& json) {
  try {
    definitions_from_json(parse_json(json, "f.json"), "f.json");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Definition, RefusesUnknownFieldsRepeatedNamesAndEdgesThatFall) {
  EXPECT_NE(refusal(R"([{"name":"a","knd":"x"}])").find("f.json[0]"),
            std::string::npos);
  EXPECT_EQ(refusal(R"([{"name":"a"},{"name":"a"}])"),
            "f.json[1]: the name 'a' stands twice");
  EXPECT_EQ(refusal(R"([{"name":"a","edges":[2,1]}])"),
            "f.json[0].edges: [2,1], expected rising numbers");
  EXPECT_EQ(refusal(R"({"name":"a"})"), "f.json: expected a list of features");
}

}  // namespace
}  // namespace ensue::features
