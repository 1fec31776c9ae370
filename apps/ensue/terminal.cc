// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <span>
#include <utility>

namespace ensue::apps {
namespace {

struct Interval {
  char32_t first, last;
};

// East Asian Width W and F (Unicode 15, UAX #11), neighbours merged.
constexpr std::array kWide = {
    Interval{0x1100, 0x115F},   Interval{0x231A, 0x231B},
    Interval{0x23E9, 0x23EC},   Interval{0x25FD, 0x25FE},
    Interval{0x2614, 0x2615},   Interval{0x26A1, 0x26A1},
    Interval{0x2705, 0x2705},   Interval{0x2728, 0x2728},
    Interval{0x2753, 0x2755},   Interval{0x2795, 0x2797},
    Interval{0x2B50, 0x2B50},   Interval{0x2E80, 0x303E},
    Interval{0x3041, 0x4DBF},   Interval{0x4E00, 0xA4CF},
    Interval{0xA960, 0xA97C},   Interval{0xAC00, 0xD7A3},
    Interval{0xF900, 0xFAFF},   Interval{0xFE30, 0xFE6B},
    Interval{0xFF01, 0xFF60},   Interval{0xFFE0, 0xFFE6},
    Interval{0x1F300, 0x1F64F}, Interval{0x1F680, 0x1F6FC},
    Interval{0x1F7E0, 0x1F7EB}, Interval{0x1F90C, 0x1F9FF},
    Interval{0x1FA70, 0x1FAFF}, Interval{0x20000, 0x3FFFD}};
constexpr std::array kCombining = {
    Interval{0x0300, 0x036F}, Interval{0x200B, 0x200F},
    Interval{0x20D0, 0x20F0}, Interval{0x3099, 0x309A},
    Interval{0xFE00, 0xFE0F}, Interval{0x1F3FB, 0x1F3FF}};

bool within(std::span<const Interval> intervals, char32_t code) {
  return std::ranges::any_of(intervals, [code](const Interval& i) {
    return i.first <= code && code <= i.last;
  });
}

struct Glyph {
  char32_t code = 0xFFFD;
  std::size_t bytes = 1;  // a broken byte stands alone
};

Glyph decode(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xF0   ? 4
                           : lead >= 0xE0 ? 3
                           : lead >= 0xC0 ? 2
                                          : 1;
  if (size == 1 || size > text.size()) return {};
  char32_t code = lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80U) return {};
    code = code << 6 | (next & 0x3FU);
  }
  return {code, size};
}

std::size_t width_of(char32_t code) {
  if (within(kCombining, code)) return 0;
  return within(kWide, code) ? 2 : 1;
}

std::string shown(const Glyph& glyph, std::string_view text) {
  if (glyph.code == '\n') return "\\n";
  if (glyph.code == '\t') return " ";
  if (glyph.code >= 0x20 && glyph.code != 0x7F && glyph.code != 0xFFFD &&
      !(glyph.code >= 0x80 && glyph.code < 0xA0)) {
    return std::string(text.substr(0, glyph.bytes));
  }
  return "?";
}

bool looks_like_number(std::string_view cell) {
  return !cell.empty() &&
         cell.find_first_of("0123456789") != std::string_view::npos &&
         cell.find_first_not_of("0123456789.,+-±%e /[]–…") ==
             std::string_view::npos;
}

const char* code_of(Style style) {
  switch (style) {
    case Style::kBold:
      return "\x1b[1m";
    case Style::kDim:
      return "\x1b[2m";
    case Style::kGood:
      return "\x1b[32m";
    case Style::kBad:
      return "\x1b[31m";
  }
  return "";
}

bool wants_colour(std::FILE* out) {
  if (std::getenv("NO_COLOR") != nullptr) return false;
  const char* term = std::getenv("TERM");
  if (term == nullptr || std::strcmp(term, "dumb") == 0) return false;
  return ::isatty(::fileno(out)) == 1;
}

std::string trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Glyph glyph = decode(text);
    width += width_of(glyph.code);
    text.remove_prefix(glyph.bytes);
  }
  return width;
}

std::string clip(std::string_view text, std::size_t width) {
  std::string out, before_cut;
  for (std::size_t used = 0; !text.empty();) {
    const Glyph glyph = decode(text);
    const std::string piece = shown(glyph, text);
    const std::size_t wide = display_width(piece);
    if (used + wide > width) return before_cut + (width > 0 ? "…" : "");
    if (used + wide + 1 <= width) before_cut = out + piece;
    out += piece;
    used += wide;
    text.remove_prefix(glyph.bytes);
  }
  return out;
}

std::string styled(Style style, std::string_view text, std::FILE* out) {
  if (!wants_colour(out)) return std::string(text);
  return code_of(style) + std::string(text) + "\x1b[0m";
}

TextTable::TextTable(std::vector<std::string> header) {
  rows_.push_back(std::move(header));
}

TextTable& TextTable::add(std::vector<std::string> cells) {
  cells.resize(rows_[0].size());
  rows_.push_back(std::move(cells));
  return *this;
}

std::string TextTable::text() const {
  const std::size_t columns = rows_[0].size();
  std::vector<std::size_t> widths(columns);
  std::vector<bool> right(columns, rows_.size() > 1);
  auto rows = rows_;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      std::string& cell = rows[r][c] = clip(rows[r][c], kMaxCell);
      widths[c] = std::max(widths[c], display_width(cell));
      if (r > 0 && cell != "-" && !cell.empty() && !looks_like_number(cell)) {
        right[c] = false;
      }
    }
  }
  std::string out, rule = " ";
  for (const std::size_t width : widths) {
    rule += " ";
    for (std::size_t i = 0; i < width; ++i) rule += "─";
    rule += " ";
  }
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::string line;
    for (std::size_t c = 0; c < columns; ++c) {
      const std::string& cell = rows[r][c];
      const std::string gap(widths[c] - display_width(cell), ' ');
      line += "  " + (right[c] ? gap + cell : cell + gap);
    }
    out += trimmed(line) + "\n";
    if (r == 0) out += trimmed(rule) + "\n";
  }
  return out;
}

std::string fixed(double value, int digits) {
  if (std::isnan(value)) return "-";
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string grouped(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t i = digits.size(); i > 3;) {
    i -= 3;
    digits.insert(i, ",");
  }
  return digits;
}

std::string duration(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::max(0.0, seconds) + 0.5);
  std::array<char, 64> text{};
  if (seconds < 9.95) return fixed(seconds, 1) + " s";
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3600) {
    std::snprintf(text.data(), text.size(), "%d min %02d s",
                  static_cast<int>(whole / 60), static_cast<int>(whole % 60));
  } else {
    std::snprintf(text.data(), text.size(), "%d h %02d min",
                  static_cast<int>(whole / 3600),
                  static_cast<int>(whole % 3600 / 60));
  }
  return text.data();
}

}  // namespace ensue::apps
