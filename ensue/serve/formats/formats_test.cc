// SPDX-License-Identifier: Apache-2.0
// Our own format, and the rules that all formats keep.
#include <gtest/gtest.h>

#include "ensue/serve/formats/documents.h"
#include "ensue/serve/formats/format.h"
#include "ensue/serve/formats/testing.h"

namespace ensue::serve {
namespace {

std::string own(std::string_view body) { return said("events", body); }

TEST(OwnFormat, ReadsEveryFieldAndTakesTheRestForContext) {
  EXPECT_EQ(
      own(R"({"user":"ann","item":"a","action":"cart","time":1712145601000,)"
          R"("value":2.5,"text":"red","session":"s","event_id":"e",)"
          R"("answer_id":"x","device":"phone","depth":3,"member":true,)"
          R"("coupon":null})"),
      "ann a cart 1000 value=2.5 text=red session=s id=e answer=x "
      "device='phone' depth=3.0 member='true'\n");
}

TEST(OwnFormat, NeedsAUserAlone) {
  EXPECT_EQ(own(R"({"user":"ann"})"), "ann - view 0\n");
  EXPECT_EQ(own(R"({"user":"ann","item":"","action":"","session":null})"),
            "ann - view 0\n");
}

TEST(OwnFormat, TakesWholeNumbersForIds) {
  EXPECT_EQ(own(R"({"user":7,"item":-3})"), "7 -3 view 0\n");
  EXPECT_EQ(own(R"({"user":18446744073709551615,"item":0})"),
            "18446744073709551615 0 view 0\n");
  EXPECT_EQ(own(R"({"user":-0})"), "0 - view 0\n");
  EXPECT_EQ(own(R"({"user":1.5})"),
            "line 1: user: 1.5, expected text or a whole number");
  EXPECT_EQ(own(R"({"user":18446744073709551616})"),
            "line 1: user: 18446744073709551616.0, expected text or a whole "
            "number");
}

TEST(OwnFormat, ReadsOneObjectAListOrLines) {
  const std::string two = "a - view 0\nb - view 0\n";
  EXPECT_EQ(own(R"([{"user":"a"},{"user":"b"}])"), two);
  EXPECT_EQ(own("{\"user\":\"a\"}\r\n{\"user\":\"b\"}\r\n"), two);
  EXPECT_EQ(own("\xEF\xBB\xBF\n{\"user\":\"a\"} {\"user\":\"b\"}"), two);
}

TEST(OwnFormat, ReadsTimesInTheirUsualShapes) {
  for (const char* time :
       {"1712145600000", "1712145600", "1712145600.0", "\"1712145600\"",
        "\"2024-04-03T12:00:00Z\"", "\"2024-04-03 12:00:00\"",
        "\"2024-04-03T14:00:00.000+02:00\"",
        "\"Wed, 03 Apr 2024 12:00:00 GMT\"", "null"}) {
    EXPECT_EQ(own(std::string(R"({"user":"a","time":)") + time + "}"),
              "a - view 0\n")
        << time;
  }
  EXPECT_EQ(own(R"({"user":"a","time":1712145600.25})"), "a - view 250\n");
  EXPECT_EQ(own(R"({"user":"a","time":"20240403"})"), "a - view -43200000\n");
  EXPECT_EQ(own(R"({"user":"a","time":"08806.e9"})").substr(0, 15),
            "line 1: time: '");
  EXPECT_EQ(own(R"({"user":"a","time":99999999999})").substr(0, 27),
            "line 1: time: 99999999999, ");
  EXPECT_EQ(own(R"({"user":"a","time":1})"), "a - view -1712145599000\n");
}

TEST(OwnFormat, RefusesTimesThatAreNoneOrFarAway) {
  for (const char* time :
       {"1712145600000000", "-1e300", "\"\"", "\"soon\"", "\"2024-02-30\"",
        "\"9999-01-01\"", "true", "[1]", "7258118400000"}) {
    EXPECT_NE(own(std::string(R"({"user":"a","time":)") + time + "}")
                  .find("from 1900 to 2199"),
              std::string::npos)
        << time;
  }
  EXPECT_EQ(own(R"({"user":"a","time":"2199-12-31T23:59:59Z"})").substr(0, 9),
            "a - view ");
}

TEST(OwnFormat, SaysWhereAndWhatIsWrong) {
  EXPECT_EQ(own("{\"user\":\"a\"}\n{\"item\":\"b\"}"),
            "line 2: user: missing, expected text or a whole number");
  EXPECT_EQ(own("[{\"user\":\"a\"},\n\n{\"user\":\"a\",\"value\":\"much\"}]"),
            "element 2, line 3: value: 'much', expected a number");
  EXPECT_EQ(own(R"({"user":"a","value":1e39})"),
            "line 1: value: 1e+39, expected a number that fits a float");
  EXPECT_EQ(own(R"({"user":"a","tags":["x"]})"),
            "line 1: tags: a list, expected text, a number, true or false");
  EXPECT_EQ(own("7"), "line 1: 7, expected an object");
  EXPECT_EQ(own("[[{\"user\":\"a\"}]]"),
            "element 1, line 1: a list, expected an object");
  EXPECT_EQ(own(R"({"user":"a","value":1e400})"),
            "line 1, byte 26: not JSON: a number beyond the range of a double");
}

TEST(OwnFormat, ShortensValuesBetweenCharacters) {
  std::string text = "x";
  for (int i = 0; i < 50; ++i) text += "é";
  std::string expected = "line 1: value: 'x";
  for (int i = 0; i < 29; ++i) expected += "é";
  EXPECT_EQ(own("{\"user\":\"a\",\"value\":\"" + text + "\"}"),
            expected + "…', expected a number");
  EXPECT_EQ(own(R"({"user":"a","value":"a\nb"})"),
            "line 1: value: 'a b', expected a number");
}

TEST(OwnFormat, BoundsIdsAndNames) {
  const std::string longest(1024, 'u');
  EXPECT_EQ(own("{\"user\":\"" + longest + "\"}"), longest + " - view 0\n");
  EXPECT_EQ(own("{\"user\":\"" + longest + "u\"}"),
            "line 1: user: 1025 bytes, expected at most 1024");
  EXPECT_EQ(own(R"({"user":"a\u0000b"})"),
            "line 1: user: a NUL as byte 2, expected none");
  EXPECT_EQ(own(R"({"user":"","item":"b"})"),
            "line 1: user: empty, expected text or a whole number");
  EXPECT_EQ(
      own("{\"user\":\"a\",\"" + longest + "n\":1}").substr(0, 26),
      "line 1: " + std::string(18, 'n').replace(0, 18, "uuuuuuuuuuuuuuuuuu"));
  std::string wide = R"({"user":"a")";
  for (int i = 0; i < 256; ++i) wide += ",\"c" + std::to_string(i) + "\":1";
  EXPECT_EQ(own(wide + "}").substr(0, 9), "a - view ");
  EXPECT_EQ(own(wide + ",\"d\":1}"),
            "line 1: d: 1, expected at most 256 context columns in one event");
}

TEST(OwnFormat, TheLastOfEqualNamesCounts) {
  EXPECT_EQ(own(R"({"user":"a","user":"b"})"), "b - view 0\n");
}

TEST(OwnFormat, TextMayHoldWhatIdsMayNot) {
  const Incoming in =
      formats().find("events").parse(R"({"user":"a","text":"x\u0000y"})", kNow);
  EXPECT_EQ(in.events[0].text, std::string("x\0y", 3));
}

TEST(Formats, RefuseNothingButTakeAnEmptyList) {
  for (const FormatEntry& format : formats().all()) {
    if (format.name == "recbole") continue;  // has its header
    for (const char* nothing : {"", " \r\n\t", "\xEF\xBB\xBF"}) {
      EXPECT_EQ(said(format.name, nothing),
                "empty body, expected a JSON object, a list of them or JSON "
                "lines")
          << format.name;
    }
    EXPECT_EQ(said(format.name, "[]"), "") << format.name;
  }
}

TEST(Formats, RefuseWhatIsNoObject) {
  for (const FormatEntry& format : formats().all()) {
    if (format.name == "recbole") continue;
    EXPECT_EQ(said(format.name, "\"x\""), "line 1: 'x', expected an object")
        << format.name;
    // An enriched event of Snowplow may well have nothing for a shop.
    EXPECT_NE(said(format.name, "{}")
                  .find(format.name == "snowplow" ? "skipped 1" : "missing"),
              std::string::npos)
        << format.name;
  }
}

TEST(Documents, KeepTheFieldsOfAnItemAndTheLastWord) {
  const auto documents = parse_documents(
      "{\"item\":\"a\",\"title\":\"A\",\"tags\":[\"x\"]}\n"
      "{\"item\":2,\"price\":1.5}\n{\"item\":\"a\",\"title\":\"B\"}",
      "item");
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_EQ(documents[0].id, "a");
  EXPECT_EQ(documents[0].json, R"({"title":"B","tags":["x"]})");
  EXPECT_EQ(documents[1].id, "2");
  EXPECT_EQ(documents[1].json, R"({"price":1.5})");
}

TEST(Documents, APatchSetsFieldsAndNullTakesThemAway) {
  EXPECT_EQ(patched(R"({"a":1,"b":2})", R"({"b":null,"c":{"d":null}})"),
            R"({"a":1,"c":{"d":null}})");
  EXPECT_THROW(patched("[]", "{}"), Error);
}

}  // namespace
}  // namespace ensue::serve
