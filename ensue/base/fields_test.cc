// SPDX-License-Identifier: Apache-2.0
#include "ensue/base/fields.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace ensue {
namespace {

struct Config {
  int width = 64;
  double dropout = 0.2;
  bool tied = true;
  std::string name = "gru";
  std::vector<int> ks = {10};
  std::vector<std::string> files;
  std::uint64_t seed = 1;
  void visit(auto&& field) {
    field("width", width, "model width");
    field("dropout", dropout, "share dropped");
    field("tied", tied, "one embedding");
    field("name", name, "a name");
    field("ks", ks, "list lengths");
    field("files", files, "event files");
    field("seed", seed, "seed");
  }
};

Config read(const std::string& json) {
  Config config;
  read_fields(config, parse_json(json, "test").as_object(), "[model]");
  return config;
}

std::string reason(const std::string& json) {
  try {
    read(json);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kInvalidArgument);
    return error.what();
  }
  return "accepted";
}

TEST(Fields, WhatIsNotNamedKeepsItsDefault) {
  const Config config = read(R"({"width": 8})");
  EXPECT_EQ(config.width, 8);
  EXPECT_EQ(config.dropout, 0.2);
}

TEST(Fields, EveryTypeIsRead) {
  const Config config = read(
      R"({"dropout": 0.5, "tied": false, "name": "x", "ks": [1, 5],
          "files": ["a", "b"], "seed": 18446744073709551615})");
  EXPECT_EQ(config.dropout, 0.5);
  EXPECT_FALSE(config.tied);
  EXPECT_EQ(config.name, "x");
  EXPECT_EQ(config.ks, (std::vector<int>{1, 5}));
  EXPECT_EQ(config.files, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(config.seed, ~0ULL);
}

TEST(Fields, TextCountsAsANumberOrABoolean) {
  const Config config =
      read(R"({"width": "8", "dropout": "1e-3", "tied": "false"})");
  EXPECT_EQ(config.width, 8);
  EXPECT_EQ(config.dropout, 1e-3);
  EXPECT_FALSE(config.tied);
}

TEST(Fields, ASingleValueCountsAsAList) {
  EXPECT_EQ(read(R"({"files": "a"})").files, (std::vector<std::string>{"a"}));
  EXPECT_EQ(read(R"({"ks": "20"})").ks, (std::vector<int>{20}));
}

TEST(Fields, AnIntegerCountsAsANumber) {
  EXPECT_EQ(read(R"({"dropout": 1})").dropout, 1.0);
}

TEST(Fields, AWrongTypeNamesPlaceValueAndWhatWasExpected) {
  EXPECT_EQ(reason(R"({"width": "wide"})"),
            "[model].width: \"wide\", expected an integer");
  EXPECT_EQ(reason(R"({"tied": 1})"),
            "[model].tied: 1, expected true or false");
  EXPECT_EQ(reason(R"({"ks": [1, "a"]})"),
            "[model].ks: [1,\"a\"], expected a list of integers");
}

TEST(Fields, AFractionOrAnOverflowIsNoInteger) {
  EXPECT_NE(reason(R"({"width": 1.5})"), "accepted");
  EXPECT_NE(reason(R"({"width": 3000000000})"), "accepted");
  EXPECT_NE(reason(R"({"width": "8 "})"), "accepted");
}

TEST(Fields, NotANumberIsRefused) {
  EXPECT_NE(reason(R"({"dropout": "nan"})"), "accepted");
}

TEST(Fields, AnUnknownKeyListsTheKnownOnes) {
  EXPECT_EQ(reason(R"({"witdh": 8})"),
            "[model]: unknown key 'witdh'; known: width, dropout, tied, name, "
            "ks, files, seed");
}

TEST(Fields, WhatIsWrittenReadsBackTheSame) {
  Config config;
  config.width = 7;
  config.files = {"a,b"};
  const JsonObject json = write_fields(config);
  Config again;
  read_fields(again, json, "test");
  EXPECT_EQ(write_fields(again), json);
  EXPECT_EQ(again.width, 7);
}

TEST(Fields, DocumentNameTypeDefaultAndHelp) {
  const std::vector<FieldDoc> docs = describe_fields<Config>();
  ASSERT_EQ(docs.size(), 7U);
  EXPECT_EQ(docs[1].name, "dropout");
  EXPECT_EQ(docs[1].type, "a number");
  EXPECT_EQ(docs[3].value, "\"gru\"");
  EXPECT_EQ(docs[4].type, "a list of integers");
  EXPECT_EQ(docs[0].help, "model width");
}

}  // namespace
}  // namespace ensue
