// SPDX-License-Identifier: Apache-2.0
#include "ensue/base/json.h"

#include <gtest/gtest.h>

#include <string>

#include "ensue/base/error.h"

namespace ensue {
namespace {

std::string reason(std::string_view text) {
  try {
    parse_json(text, "shop.json");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kCorrupt);
    return error.what();
  }
  return "accepted";
}

TEST(Json, KeepsKeysInTheOrderTheyCame) {
  EXPECT_EQ(to_text(parse_json(R"({"b": 1, "a": [true, null, "x"]})", "t")),
            R"({"b":1,"a":[true,null,"x"]})");
}

TEST(Json, TheSameValueAlwaysGivesTheSameBytes) {
  const std::string once =
      to_text(parse_json(R"({"n": 0.1, "big": 18446744073709551615})", "t"));
  EXPECT_EQ(to_text(parse_json(once, "t")), once);
}

TEST(Json, PrettyTextIsIndentedByTwoAndEndsTheLine) {
  EXPECT_EQ(
      to_pretty_text(parse_json(R"({"a":[1,2],"b":{},"c":[]})", "t")),
      "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {},\n  \"c\": []\n}\n");
}

TEST(Json, PrettyTextReadsBackAsTheSameValue) {
  const Json value = parse_json(R"({"红\"茶": [{"x": "a\nb"}, -1.5e-7]})", "t");
  EXPECT_EQ(parse_json(to_pretty_text(value), "t"), value);
}

TEST(Json, PrettyTextWritesNumbersAsPeopleDo) {
  EXPECT_EQ(to_pretty_text(parse_json(R"([0.1, 3e-3, 5.0, 1e-7, 7])", "t")),
            "[\n  0.1,\n  0.003,\n  5.0,\n  1e-07,\n  7\n]\n");
}

TEST(Json, TomlValuesStandOnOneLine) {
  EXPECT_EQ(to_toml_value(parse_json(R"([0.1, 10, "a\"b", true])", "t")),
            R"([0.1, 10, "a\"b", true])");
}

TEST(Json, ABrokenDocumentIsRefusedWithPlaceAndByte) {
  EXPECT_EQ(reason(R"({"a": 1,})").substr(0, 22), "shop.json:8: not JSON:");
}

TEST(Json, AHalfDocumentIsRefused) {
  EXPECT_NE(reason(R"({"a": 1)"), "accepted");
  EXPECT_NE(reason(""), "accepted");
}

TEST(Json, WhatFollowsTheDocumentIsRefused) {
  EXPECT_NE(reason("{} {}"), "accepted");
}

TEST(Json, SpaceAfterTheDocumentIsFine) {
  EXPECT_EQ(reason("{}\n"), "accepted");
}

TEST(Json, PlainTextHasTheShortestDigits) {
  const Json value =
      JsonObject{{"a", 0.1},         {"b", JsonArray{1.0, 2, true, nullptr}},
                 {"c\"", "x\ny"},    {"d", JsonObject()},
                 {"e", JsonArray()}, {"f", shortest(0.1F)}};
  EXPECT_EQ(to_plain_text(value),
            R"({"a":0.1,"b":[1.0,2,true,null],"c\"":"x\ny","d":{},"e":[],)"
            R"("f":0.1})");
  EXPECT_EQ(parse_json(to_plain_text(value), "here"), value);
}

}  // namespace
}  // namespace ensue
