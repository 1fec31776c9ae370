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

}  // namespace ensue::apps
