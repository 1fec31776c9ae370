// SPDX-License-Identifier: Apache-2.0
#include "ensue/base/json_reader.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"

namespace ensue {
namespace {

// Every value and where it stands, one a line; the message when refused.
std::string read_all(std::string_view text) {
  std::string out;
  try {
    JsonReader reader(text);
    while (const Json* value = reader.next()) {
      out += reader.where() + ": " + to_text(*value) + "\n";
    }
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kInvalidArgument);
    return error.what();
  }
  return out;
}

TEST(JsonReader, ReadsLinesListsAndSingleValuesAlike) {
  EXPECT_EQ(read_all("{\"a\":1}\n\n {\"a\":2}\r\n"),
            "line 1: {\"a\":1}\nline 3: {\"a\":2}\n");
  EXPECT_EQ(read_all("[{\"a\":1},\n{\"a\":[2,3]}]"),
            "element 1, line 1: {\"a\":1}\nelement 2, line 2: {\"a\":[2,3]}\n");
  EXPECT_EQ(read_all("[1,2]\n[]\n3"),
            "element 1, line 1: 1\nelement 2, line 1: 2\nline 3: 3\n");
}

TEST(JsonReader, GivesNothingForNothing) {
  EXPECT_EQ(read_all(""), "");
  EXPECT_EQ(read_all(" \r\n\t\n"), "");
  EXPECT_EQ(read_all("\xEF\xBB\xBF"), "");
  EXPECT_EQ(read_all(" [ ] "), "");
}

TEST(JsonReader, PassesAByteOrderMarkOverInFrontOnly) {
  EXPECT_EQ(read_all("\xEF\xBB\xBF[true]"), "element 1, line 1: true\n");
  EXPECT_NE(read_all("1 \xEF\xBB\xBF"), "line 1: 1\n");
}

TEST(JsonReader, SaysTheByteThatIsWrong) {
  EXPECT_EQ(read_all("{\"a\":1}\n{\"a\":x}"),
            "line 2, byte 6: not JSON: syntax error");
  EXPECT_EQ(read_all("{\"a\":1"),
            "line 1, byte 7: not JSON: the text ends too early");
  EXPECT_EQ(read_all("[1"),
            "line 1, byte 3: not JSON: the text ends too early");
  EXPECT_EQ(read_all("[1,2"),
            "line 1, byte 5: not JSON: the text ends too early");
  EXPECT_EQ(read_all("[1 2]"), "line 1, byte 4: not JSON: expected ',' or ']'");
  EXPECT_EQ(read_all("[1,]"), "line 1, byte 4: not JSON: syntax error");
  EXPECT_EQ(read_all("{},{}"), "line 1, byte 3: not JSON: syntax error");
  const std::string far(10'000, ' ');
  EXPECT_EQ(read_all("{\"a\":" + far + "1" + far + "x}"),
            "line 1, byte 20007: not JSON: syntax error");
}

TEST(JsonReader, RefusesTextThatIsNotUtf8AtItsPlace) {
  EXPECT_EQ(read_all("{\"a\":\"\xC3(\"}"),
            "line 1, byte 7: not JSON: invalid UTF-8");
  EXPECT_EQ(read_all("\n{\"\xFF\":1}"),
            "line 2, byte 3: not JSON: invalid UTF-8");
  EXPECT_EQ(read_all("[\"\xED\xA0\x80\"]"),  // half of a surrogate pair
            "line 1, byte 3: not JSON: invalid UTF-8");
  EXPECT_EQ(read_all("[\"\xE2\x82"), "line 1, byte 3: not JSON: invalid UTF-8");
  EXPECT_EQ(read_all("[\"€😀\"]"), "element 1, line 1: \"€😀\"\n");
}

TEST(JsonReader, RefusesNestingDeeperThanTheLimit) {
  const std::string thirty_two = std::string(32, '[') + std::string(32, ']');
  EXPECT_EQ(read_all("{\"a\":" + thirty_two.substr(1, 62) + "}").find("deeper"),
            std::string::npos);
  EXPECT_EQ(read_all("{\"a\":" + thirty_two + "}"),
            "line 1, byte 37: not JSON: nested deeper than 32");
  EXPECT_NE(read_all(std::string(1'000'000, '[')).find("deeper than 32"),
            std::string::npos);
}

TEST(JsonReader, KeepsTheLastOfEqualNames) {
  EXPECT_EQ(read_all("{\"a\":1,\"b\":2,\"a\":3}"),
            "line 1: {\"a\":3,\"b\":2}\n");
}

double number(const std::string& text) {
  JsonReader reader(text);
  return reader.next()->to_number<double>();
}

TEST(JsonReader, ReadsEveryNumberAsTheNearestDouble) {
  Rng rng(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string text = i % 2 == 0 ? "-" : "";
    text += std::to_string(rng.below(10)) + ".";
    for (auto n = 1 + rng.below(24); n > 0; --n) {
      text += std::to_string(rng.below(10));
    }
    text += "e" + std::to_string(static_cast<int>(rng.below(600)) - 300);
    ASSERT_EQ(number(text), std::strtod(text.c_str(), nullptr)) << text;
  }
}

TEST(JsonReader, RefusesNumbersThatNoDoubleHolds) {
  const std::string zeros(900, '0');
  EXPECT_EQ(read_all("[1e400]"),
            "line 1, byte 7: not JSON: a number beyond the range of a double");
  for (const std::string& text :
       {"-1e309" + std::string(), "1" + zeros, "1" + zeros + "e-100",
        std::string("1e99999999999")}) {
    EXPECT_NE(read_all("[" + text + "]").find("beyond the range"),
              std::string::npos)
        << text;
  }
  EXPECT_EQ(number("1e-400"), 0);
  EXPECT_EQ(number("0." + zeros + "1"), 0);
  EXPECT_EQ(number("1" + zeros + "e-900"), 1);
  EXPECT_EQ(read_all("18446744073709551615 -9223372036854775808 -0"),
            "line 1: 18446744073709551615\nline 1: -9223372036854775808\n"
            "line 1: 0\n");
}

TEST(FindInvalidUtf8, NamesTheFirstByteOfTheIllFormedCharacter) {
  EXPECT_FALSE(find_invalid_utf8(""));
  EXPECT_FALSE(
      find_invalid_utf8("a\x7F\xC2\x80\xE0\xA0\x80\xF0\x90\x80\x80"
                        "\xF4\x8F\xBF\xBF\xED\x9F\xBF"));
  for (const char* bad :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xC2", "\xE0\x9F\x80", "\xED\xA0\x80",
        "\xE1\x80", "\xF0\x8F\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
        "\xF0\x90\x80"}) {
    EXPECT_EQ(find_invalid_utf8(std::string("é") + bad), 2U);
  }
}

}  // namespace
}  // namespace ensue
