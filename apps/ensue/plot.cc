// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/plot.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "apps/ensue/terminal.h"

namespace ensue::apps {
namespace {

constexpr std::size_t kMaxLabel = 30;

std::string bar(double share, std::size_t width) {
  constexpr std::array<const char*, 8> kEighths = {"",  "▏", "▎", "▍",
                                                   "▌", "▋", "▊", "▉"};
  auto eighths = static_cast<std::size_t>(
      std::lround(share * 8 * static_cast<double>(width)));
  if (share > 0) eighths = std::max<std::size_t>(1, eighths);
  std::string out;
  for (std::size_t i = 0; i < eighths / 8; ++i) out += "█";
  return out + kEighths[eighths % 8];
}

std::string padded(const std::string& text, std::size_t width) {
  const std::size_t seen = display_width(text);
  return text + std::string(width > seen ? width - seen : 0, ' ');
}

}  // namespace

std::string bars(std::span<const std::pair<std::string, std::uint64_t>> list,
                 std::size_t width) {
  std::size_t labels = 0, digits = 0;
  std::uint64_t largest = 1, all = 0;
  for (const auto& [label, count] : list) {
    labels = std::max(labels, display_width(clip(label, kMaxLabel)));
    digits = std::max(digits, grouped(count).size());
    largest = std::max(largest, count);
    all += count;
  }
  std::string out;
  for (const auto& [label, count] : list) {
    const double part = static_cast<double>(count);
    const std::string number = grouped(count);
    const double share = all == 0 ? 0 : 100 * part / static_cast<double>(all);
    out += "  " + padded(clip(label, kMaxLabel), labels) + "  " +
           padded(bar(part / static_cast<double>(largest), width), width) +
           "  " + std::string(digits - number.size(), ' ') + number + "  " +
           fixed(share, 1) + " %\n";
  }
  return out;
}

std::string signed_bar(double value, double largest, std::size_t width) {
  if (!(largest > 0) || !std::isfinite(value)) {
    return std::string(width, ' ') + "│" + std::string(width, ' ');
  }
  const double share = std::min(1.0, std::abs(value) / largest);
  auto cells =
      static_cast<std::size_t>(std::lround(share * static_cast<double>(width)));
  if (value != 0) cells = std::max<std::size_t>(1, cells);
  std::string full;
  for (std::size_t i = 0; i < cells; ++i) full += "█";
  const std::string empty(width, ' '), rest(width - cells, ' ');
  return value < 0 ? rest + full + "│" + empty : empty + "│" + full + rest;
}

std::string sparkline(std::span<const double> values) {
  constexpr std::array<const char*, 8> kHeights = {"▁", "▂", "▃", "▄",
                                                   "▅", "▆", "▇", "█"};
  if (values.empty()) return {};
  const double largest = *std::max_element(values.begin(), values.end());
  std::string out;
  for (const double value : values) {
    if (!(value > 0) || largest <= 0) {
      out += " ";
      continue;
    }
    const double height = std::ceil(value / largest * 8) - 1;
    out += kHeights[static_cast<std::size_t>(std::clamp(height, 0.0, 7.0))];
  }
  return out;
}

std::string scatter(std::span<const Dot> dots, std::size_t marked,
                    const std::string& from, const std::string& to,
                    std::size_t width, std::size_t height) {
  double low = INFINITY, high = -INFINITY;
  for (const Dot& dot : dots) {
    if (!std::isfinite(dot.y)) continue;
    low = std::min(low, dot.y);
    high = std::max(high, dot.y);
  }
  if (!(low <= high)) return {};
  const auto cell = [](double share, std::size_t cells) {
    const double at = std::clamp(share, 0.0, 1.0) * static_cast<double>(cells);
    return std::min(static_cast<std::size_t>(at), cells - 1);
  };
  std::vector<std::vector<const char*>> grid(
      height, std::vector<const char*>(width, " "));
  const auto draw = [&](const Dot& dot, const char* sign) {
    if (!std::isfinite(dot.y)) return;
    const double share = high > low ? (dot.y - low) / (high - low) : 0.5;
    grid[height - 1 - cell(share, height)][cell(dot.x, width)] = sign;
  };
  for (const Dot& dot : dots) draw(dot, "·");
  if (marked < dots.size()) draw(dots[marked], "●");
  std::string out;
  for (std::size_t row = 0; row < height; ++row) {
    const std::string at = row == 0            ? fixed(high, 4)
                           : row + 1 == height ? fixed(low, 4)
                                               : "";
    out +=
        "  " + std::string(at.size() < 9 ? 9 - at.size() : 0, ' ') + at + " │";
    std::string line;
    for (const char* sign : grid[row]) line += sign;
    line.resize(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  const std::size_t used = display_width(from) + display_width(to);
  return out + "            " + from +
         std::string(width > used ? width - used : 1, ' ') + to + "\n";
}

}  // namespace ensue::apps
