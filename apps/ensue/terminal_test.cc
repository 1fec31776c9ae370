// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/terminal.h"

#include <gtest/gtest.h>

#include <cmath>
#include <csignal>
#include <cstdlib>

namespace ensue::apps {
namespace {

std::string printed(const std::function<void(ProgressPrinter&)>& use,
                    double plain_seconds) {
  std::FILE* file = std::tmpfile();
  {
    ProgressPrinter printer(file, plain_seconds);
    use(printer);
  }
  std::string text(static_cast<std::size_t>(std::ftell(file)), '\0');
  std::rewind(file);
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

TEST(DisplayWidth, CountsChineseTwiceAndCombiningMarksNot) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("红茶"), 4U);
  EXPECT_EQ(display_width("e\u0301"), 1U);
  EXPECT_EQ(display_width("¥5"), 2U);
}

TEST(DisplayWidth, CountsABrokenByteAsOneColumn) {
  EXPECT_EQ(display_width("a\xE7\xBA"), 3U);
  EXPECT_EQ(display_width("\xFF"), 1U);
}

TEST(Clip, KeepsWhatFits) { EXPECT_EQ(clip("tea", 3), "tea"); }

TEST(Clip, MarksACutWithinTheWidth) {
  EXPECT_EQ(clip("teapot", 4), "tea…");
  EXPECT_EQ(clip("红茶壶", 5), "红茶…");
  EXPECT_EQ(clip("红茶壶", 4), "红…");
}

TEST(Clip, LetsNoControlCharacterThrough) {
  EXPECT_EQ(clip("a\x1b[31mb\nc", 20), "a?[31mb\\nc");
}

TEST(TextTable, AlignsNumbersRightAndWideTextByWhatIsSeen) {
  TextTable table({"item", "sold"});
  table.add({"红茶", "5"}).add({"teapot", "1,234"});
  EXPECT_EQ(table.text(),
            "  item     sold\n"
            "  ──────  ─────\n"
            "  红茶        5\n"
            "  teapot  1,234\n");
}

TEST(TextTable, FillsMissingCells) {
  TextTable table({"a", "b"});
  table.add({"x"});
  EXPECT_EQ(table.text(), "  a  b\n  ─  ─\n  x\n");
}

TEST(Numbers, ReadAsPeopleWriteThem) {
  EXPECT_EQ(fixed(0.18573, 4), "0.1857");
  EXPECT_EQ(fixed(std::nan(""), 4), "-");
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(duration(3.21), "3.2 s");
  EXPECT_EQ(duration(47), "47 s");
  EXPECT_EQ(duration(200), "3 min 20 s");
  EXPECT_EQ(duration(7500), "2 h 05 min");
}

TEST(ProgressLine, ShowsShareDetailAndTimeLeft) {
  EXPECT_EQ(progress_line({"epoch 1/2", 1, 4, "loss 6.1"}, 10, 100),
            "epoch 1/2 ▕█████               ▏25 %  loss 6.1  30 s left");
}

TEST(ProgressLine, NeverExceedsTheWidth) {
  const Progress progress{"epoch", 1, 2, std::string(200, 'x')};
  EXPECT_EQ(display_width(progress_line(progress, 1, 40)), 40U);
}

TEST(ProgressLine, ShowsNoBarWhenTheTotalIsUnknown) {
  EXPECT_EQ(progress_line({"reading", 5, 0, "5 rows"}, 1, 40),
            "reading  5 rows");
}

TEST(ProgressPrinter, PrintsPlainLinesRarelyAndTheEndOfEachStage) {
  const std::string text = printed(
      [](ProgressPrinter& printer) {
        const ProgressFn report = printer.function();
        for (int i = 0; i <= 100; ++i) report({"read", i * 1.0, 100, ""});
        for (int i = 0; i <= 100; ++i) report({"sort", i * 1.0, 100, "ok"});
      },
      /*plain_seconds=*/3600);
  EXPECT_EQ(text, "read  100 %  0.0 s\nsort  100 %  ok  0.0 s\n");
}

TEST(Styled, AddsNothingWhereThereIsNoTerminal) {
  std::FILE* file = std::tmpfile();
  EXPECT_EQ(styled(Style::kBold, "x", file), "x");
  std::fclose(file);
}

TEST(StopOnInterrupt, FirstSignalSetsTheFlagAndTheSecondEndsTheProgram) {
  EXPECT_EXIT(
      {
        const StopFlag& stop = stop_on_interrupt();
        std::raise(SIGINT);
        if (!stop) std::_Exit(3);
        std::raise(SIGINT);
      },
      testing::KilledBySignal(SIGINT), "stopping in good order");
}

}  // namespace
}  // namespace ensue::apps
