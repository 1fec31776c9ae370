// SPDX-License-Identifier: Apache-2.0
// What people see: tables, colour, progress, and Ctrl-C.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/base/progress.h"

namespace ensue::apps {

/// Columns that UTF-8 text takes on a terminal: Chinese, Japanese and Korean
/// characters and most emoji take two, combining marks none, a broken byte one.
std::size_t display_width(std::string_view text);

/// The text on one line of at most `width` columns, its control characters
/// escaped (a title must not move the cursor) and a cut marked by "…".
std::string clip(std::string_view text, std::size_t width);

enum class Style { kBold, kDim, kGood, kBad };

/// The text in a style when `out` is a terminal that wants colour: not under
/// NO_COLOR (any value) or TERM=dumb.
std::string styled(Style style, std::string_view text, std::FILE* out = stdout);

/// A table aligned by what is seen; columns whose cells are all numbers stand
/// to the right. Cells are clipped at `kMaxCell` columns.
class TextTable {
 public:
  static constexpr std::size_t kMaxCell = 60;

  explicit TextTable(std::vector<std::string> header);
  /// Missing cells are empty. @pre no more cells than the header has.
  TextTable& add(std::vector<std::string> cells);
  /// Lines with two spaces between columns and in front, ending in "\n"; a
  /// thin line under the header. No trailing spaces.
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;  // [0]: header
};

/// 0.18573 with 4 digits as "0.1857"; NaN as "-".
std::string fixed(double value, int digits);
/// 1234567 as "1,234,567".
std::string grouped(std::uint64_t value);
/// "47 s", "3 min 20 s", "2 h 05 min".
std::string duration(double seconds);

/// One line of progress, at most `width` columns: stage, bar, share, detail,
/// time left. Pure, so that it can be tested.
std::string progress_line(const Progress& progress, double seconds,
                          std::size_t width);

/// Prints progress on `out`: one line drawn again and again on a terminal, at
/// most ten times a second; elsewhere plain lines, one per `plain_seconds` and
/// one at the end of each stage. Ends its line when destroyed. One thread.
class ProgressPrinter {
 public:
  explicit ProgressPrinter(std::FILE* out = stderr, double plain_seconds = 10);
  ~ProgressPrinter();
  ProgressPrinter(const ProgressPrinter&) = delete;
  ProgressPrinter& operator=(const ProgressPrinter&) = delete;

  /// Valid while the printer lives.
  ProgressFn function();
  /// Ends the current line, so that other output can follow.
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// From the first call on, the first Ctrl-C (or SIGTERM) sets the flag and
/// says so on standard error; the second ends the program at once.
const StopFlag& stop_on_interrupt();

}  // namespace ensue::apps
