// SPDX-License-Identifier: Apache-2.0
#include "ensue/simulate/catalogue.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace ensue::simulate {
namespace {

struct Word {
  const char *en, *zh;
};
constexpr std::array<Word, 24> kCategories = {
    {{"Coffee", "咖啡"},      {"Lamps", "灯具"},      {"Shoes", "鞋"},
     {"Tea", "茶叶"},         {"Chairs", "椅子"},     {"Jackets", "夹克"},
     {"Shampoo", "洗发水"},   {"Headphones", "耳机"}, {"Backpacks", "背包"},
     {"Cat Food", "猫粮"},    {"Kettles", "水壶"},    {"Scarves", "围巾"},
     {"Vitamins", "维生素"},  {"Keyboards", "键盘"},  {"Bicycles", "自行车"},
     {"Snacks", "零食"},      {"Mirrors", "镜子"},    {"Watches", "手表"},
     {"Detergent", "洗衣液"}, {"Cameras", "相机"},    {"Tents", "帐篷"},
     {"Diapers", "尿布"},     {"Knives", "刀具"},     {"Toys", "玩具"}}};
constexpr std::array<Word, 8> kStyles = {{{"Nordic", "北欧"},
                                          {"Classic", "经典"},
                                          {"Eco", "环保"},
                                          {"Budget", "实惠"},
                                          {"Premium", "高级"},
                                          {"Retro", "复古"},
                                          {"Sport", "运动"},
                                          {"Mini", "迷你"}}};
constexpr int kMostCategories = 400;
constexpr double kEntryExponent = 0.8;  // Zipf-like front of a line

template <std::size_t N>
std::string pick(const std::array<Word, N>& words, int at, bool zh) {
  const Word& word = words[static_cast<std::size_t>(at) % N];
  const int round = at / static_cast<int>(N);
  std::string out = zh ? word.zh : word.en;
  return round == 0 ? out : out + " " + std::to_string(round + 1);
}

}  // namespace

Catalogue::Catalogue(const SimulateOptions& options, const Calendar& calendar)
    : styles_(options.styles),
      weeks_(static_cast<std::size_t>(calendar.weeks())) {
  categories_ =
      std::clamp(options.items / (options.styles * options.line_length), 2,
                 kMostCategories);
  const std::int64_t count = options.items, all = lines();
  for (std::int64_t l = 0; l <= all; ++l) {
    first_.push_back(static_cast<std::uint32_t>(count * l / all));
  }
  line_of_.resize(items());
  std::uint32_t longest = 0;
  for (int l = 0; l < lines(); ++l) {
    std::fill(line_of_.begin() + first_[l], line_of_.begin() + first_[l + 1],
              l);
    longest = std::max(longest, first_[l + 1] - first_[l]);
  }
  double sum = 0;
  for (std::uint32_t p = 0; p < longest; ++p) {
    entry_.push_back(std::pow(p + 1, -kEntryExponent));
    entry_cum_.push_back(sum += entry_.back());
  }
  Rng rng(options.seed, /*stream=*/~0ULL);
  price_items(rng);
  time_arrivals(options, rng);
  sum_entries();
}

void Catalogue::price_items(Rng& rng) {
  std::vector<double> level;
  for (int l = 0; l < lines(); ++l) {
    level.push_back(l % styles_ == 0 || level.empty()
                        ? 3 + 0.8 * rng.normal()
                        : level[l - l % styles_] + 0.3 * rng.normal());
  }
  for (std::uint32_t i = 0; i < items(); ++i) {
    const double price = std::exp(level[line_of_[i]] + 0.15 * rng.normal());
    // Whole units less a cent, as prices are.
    price_.push_back(static_cast<std::uint32_t>(
        std::clamp(std::ceil(price), 1.0, 9999.0) * 100 - 1));
  }
}

void Catalogue::time_arrivals(const SimulateOptions& options, Rng& rng) {
  arrival_.assign(items(), 0);
  const auto last = static_cast<std::uint64_t>(static_cast<double>(weeks_ - 1) *
                                               options.arrivals_end);
  if (last == 0) return;
  for (std::uint32_t i = 0; i < items(); ++i) {
    const bool front = i == first_[line_of_[i]];
    if (rng.chance(options.late_items) && !front) {
      arrival_[i] = static_cast<std::int16_t>(1 + rng.below(last));
    }
  }
}

void Catalogue::sum_entries() {
  totals_.assign(weeks_ * static_cast<std::size_t>(lines()), 0);
  available_.assign(weeks_, 0);
  for (std::uint32_t i = 0; i < items(); ++i) {
    double* row = &totals_[static_cast<std::size_t>(line_of_[i]) * weeks_];
    row[arrival_[i]] += entry_weight(i);
    ++available_[arrival_[i]];
  }
  for (std::size_t w = 1; w < weeks_; ++w) {
    available_[w] += available_[w - 1];
    for (int l = 0; l < lines(); ++l) {
      double* row = &totals_[static_cast<std::size_t>(l) * weeks_];
      row[w] += row[w - 1];
    }
  }
}

std::uint32_t Catalogue::draw_entry(int line, int week,
                                    Rng& rng) const noexcept {
  const std::uint32_t begin = first_[line], n = first_[line + 1] - begin;
  while (true) {
    const double u = rng.uniform() * entry_cum_[n - 1];
    const auto at =
        std::upper_bound(entry_cum_.begin(), entry_cum_.begin() + (n - 1), u);
    const auto item =
        begin + static_cast<std::uint32_t>(at - entry_cum_.begin());
    if (available(item, week)) return item;
  }
}

std::uint32_t Catalogue::draw_any(int week, Rng& rng) const noexcept {
  while (true) {
    const auto item = static_cast<std::uint32_t>(rng.below(items()));
    if (available(item, week)) return item;
  }
}

std::uint32_t Catalogue::along(std::uint32_t item, int steps,
                               int week) const noexcept {
  const std::uint32_t begin = first_[line_of_[item]],
                      end = first_[line_of_[item] + 1];
  while (steps > 0) {
    item = item + 1 == end ? begin : item + 1;
    steps -= available(item, week);
  }
  return item;
}

std::string Catalogue::id(std::uint32_t item) const {
  char text[16];
  std::snprintf(text, sizeof text, "i%07u", item);
  return text;
}

std::string Catalogue::title(std::uint32_t item) const {
  return style_name(style(item)) + " " + category_name(category(item)) +
         " No. " + std::to_string(item - first_[line_of_[item]] + 1);
}

std::string Catalogue::title_zh(std::uint32_t item) const {
  return style_name_zh(style(item)) + category_name_zh(category(item)) +
         std::to_string(item - first_[line_of_[item]] + 1) + "号";
}

std::string Catalogue::category_name(int category) const {
  return pick(kCategories, category, /*zh=*/false);
}
std::string Catalogue::category_name_zh(int category) const {
  return pick(kCategories, category, /*zh=*/true);
}
std::string Catalogue::style_name(int style) const {
  return pick(kStyles, style, /*zh=*/false);
}
std::string Catalogue::style_name_zh(int style) const {
  return pick(kStyles, style, /*zh=*/true);
}

}  // namespace ensue::simulate
