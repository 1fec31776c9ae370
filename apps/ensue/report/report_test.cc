// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/report/report.h"

#include <gtest/gtest.h>

#include <cmath>

#include "apps/ensue/report/chart.h"
#include "apps/ensue/report/html.h"

namespace ensue::apps {
namespace {

judge::Evaluation evaluation(const std::string& model, double ndcg) {
  judge::Evaluation out;
  out.model = model;
  out.metrics["ndcg@10"] = {ndcg, ndcg - 0.01, ndcg + 0.01};
  out.slices.push_back({"history", "5-9", 12, {{"ndcg@10", ndcg}}});
  return out;
}

Report report() {
  Report out;
  out.run = "gru-1";
  out.model = "gru";
  out.split = "by time";
  out.evaluations = {evaluation("gru", 0.2), evaluation("markov", 0.15),
                     evaluation("popularity", 0.05)};
  out.comparisons = {{{0.05, 0.04, 0.06}, 0.001}, {{0.15, 0.14, 0.16}, 0.001}};
  out.curve = {{{"epoch", 1}, {"loss", 6}, {"validation ndcg@10", 0.1}},
               {{"epoch", 2}, {"loss", 5}, {"validation ndcg@10", 0.2}}};
  out.best_epoch = 2;
  out.examples = {{"<b>Ann</b>", {"tea"}, {"pot"}, {{"pot", 0.5, true}}}};
  return out;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t out = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos;
       ++at) {
    ++out;
  }
  return out;
}

TEST(HtmlReport, LoadsNothingFromElsewhere) {
  const std::string page = html_report(report());
  for (const char* word :
       {"http:", "https:", "src=", "href=", "@import", "url(", "<script"}) {
    EXPECT_EQ(page.find(word), std::string::npos) << word;
  }
}

TEST(HtmlReport, EscapesWhatCameFromTheData) {
  const std::string page = html_report(report());
  EXPECT_EQ(page.find("<b>Ann"), std::string::npos);
  EXPECT_NE(page.find("&lt;b&gt;Ann&lt;/b&gt;"), std::string::npos);
}

TEST(HtmlReport, ShowsEveryModelWithItsInterval) {
  const std::string page = html_report(report());
  EXPECT_NE(page.find("0.2000 [0.1900, 0.2100]"), std::string::npos);
  EXPECT_NE(page.find("0.1500 [0.1400, 0.1600]"), std::string::npos);
}

TEST(HtmlReport, ClosesWhatItOpens) {
  const std::string page = html_report(report());
  for (const char* tag : {"table", "section", "figure", "svg", "div", "p",
                          "details", "ol", "li", "ul"}) {
    const std::string name(tag);
    EXPECT_EQ(count(page, "<" + name + ">") + count(page, "<" + name + " "),
              count(page, "</" + name + ">"))
        << tag;
  }
}

TEST(HtmlReport, ARunWithoutCurvesOrExamplesIsAPageToo) {
  Report bare;
  bare.run = bare.model = "popularity";
  EXPECT_NE(html_report(bare).find("</html>"), std::string::npos);
}

TEST(Verdict, ComparesWithTheBestBaseline) {
  EXPECT_EQ(verdict(report()),
            "gru reaches ndcg@10 0.2000 [0.1900, 0.2100], above the best "
            "baseline, markov 0.1500 (difference 0.0500 [0.0400, 0.0600]).");
}

TEST(Verdict, DoesNotClaimWhatTheIntervalDoesNotCarry) {
  Report close = report();
  close.comparisons[0].difference = {0.001, -0.01, 0.01};
  EXPECT_NE(verdict(close).find("not distinguishable from the best baseline"),
            std::string::npos);
  close.comparisons[0].difference = {-0.03, -0.05, -0.01};
  EXPECT_NE(verdict(close).find("below the best baseline"), std::string::npos);
}

TEST(Ticks, AreRoundAndCoverTheRange) {
  EXPECT_EQ(ticks(0, 10, 5), (std::vector<double>{0, 2, 4, 6, 8, 10}));
  const auto close = ticks(0.12, 0.19, 4);
  EXPECT_LE(close.front(), 0.12);
  EXPECT_GE(close.back(), 0.19);
}

TEST(Ticks, OneValueGetsRoomAroundIt) {
  const auto one = ticks(5, 5, 4);
  EXPECT_LT(one.front(), 5);
  EXPECT_GT(one.back(), 5);
  EXPECT_LT(ticks(0, 0, 4).front(), ticks(0, 0, 4).back());
}

TEST(LineChart, LeavesOutWhatIsNotFinite) {
  const std::string chart =
      line_chart("loss", "epoch", {{1, 2}, {2, std::nan("")}, {3, 4}});
  EXPECT_EQ(count(chart, "<circle"), 2U);
  EXPECT_EQ(chart.find("nan"), std::string::npos);
}

TEST(Html, WhatStandsBehindANewlineIsSmallPrint) {
  const std::string table = html::table({"a"}, {{"0.5\n[0.4, 0.6]"}, {"<\n>"}});
  EXPECT_NE(table.find("<td>0.5<small>[0.4, 0.6]</small></td>"),
            std::string::npos);
  EXPECT_NE(table.find("<td>&lt;<small>&gt;</small></td>"), std::string::npos);
}

TEST(LineChart, NothingToDrawDrawsNothing) {
  EXPECT_EQ(line_chart("loss", "epoch", {}), "");
}

TEST(HtmlTable, NumbersStandRightAndTextLeft) {
  const std::string table = html::table({"a", "b"}, {{"x", "1.5"}});
  EXPECT_NE(table.find("<td>x</td><td class=\"n\">1.5</td>"),
            std::string::npos);
}

TEST(HtmlEscape, ReplacesMarkupAndControlCharacters) {
  EXPECT_EQ(html::escape("a<b>&\"'\x01"),
            "a&lt;b&gt;&amp;&quot;&#39;\xEF\xBF\xBD");
}

}  // namespace
}  // namespace ensue::apps
