// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/label_values.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "ensue/base/error.h"

namespace ensue::data {
namespace {

std::optional<double> read_number(const std::string& text) {
  double out = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() ||
      !std::isfinite(out)) {
    return std::nullopt;
  }
  return out;
}

std::optional<double> read_binary(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  if (text == "1" || text == "true" || text == "yes") return 1;
  if (text == "0" || text == "false" || text == "no") return 0;
  const auto number = read_number(text);
  if (number && (*number == 0 || *number == 1)) return *number;
  return std::nullopt;
}

std::optional<double> read_count(const std::string& text) {
  const auto number = read_number(text);
  if (!number || *number < 0 || *number != std::floor(*number)) {
    return std::nullopt;
  }
  return number;
}

using Texts = std::span<const std::string>;

LabelKind guess(Texts texts) {
  const auto all = [&](const auto& reads) {
    return std::all_of(texts.begin(), texts.end(), [&](const auto& text) {
      return reads(text).has_value();
    });
  };
  if (all(read_binary)) return LabelKind::kBinary;
  return all(read_number) ? LabelKind::kNumber : LabelKind::kClass;
}

constexpr std::array<std::pair<std::string_view, const char*>, 4> kKinds = {{
    {"binary", "0 or 1, true or false, yes or no"},
    {"class", "the name of a class"},
    {"number", "a number"},
    {"count", "a whole number from 0 on"},
}};

LabelKind kind_of(std::string_view kind, Texts texts) {
  if (kind == "auto") return guess(texts);
  for (std::size_t k = 0; k < kKinds.size(); ++k) {
    if (kind == kKinds[k].first) return static_cast<LabelKind>(k);
  }
  invalid("[task].kind: '" + std::string(kind) +
          "', expected auto, binary, class, number or count");
}

[[noreturn]] void refuse(const std::string& source, std::size_t row,
                         const std::string& what) {
  invalid(source + " row " + std::to_string(row + 1) + ": " + what);
}

double value_of(const std::string& text, LabelKind kind,
                const std::string& source, std::size_t row) {
  const auto number = kind == LabelKind::kBinary  ? read_binary(text)
                      : kind == LabelKind::kCount ? read_count(text)
                                                  : read_number(text);
  if (!number) {
    refuse(source, row,
           "label '" + text + "', expected " +
               kKinds[static_cast<std::size_t>(kind)].second);
  }
  return *number;
}

}  // namespace

std::string_view name_of(LabelKind kind) {
  return kKinds[static_cast<std::size_t>(kind)].first;
}

std::string LabelValues::show(double value) const {
  if (kind == LabelKind::kClass) {
    return "'" + classes[static_cast<std::size_t>(value)] + "'";
  }
  std::array<char, 32> text;
  return {text.data(), std::to_chars(text.begin(), text.end(), value).ptr};
}

LabelValues LabelValues::rows(std::span<const std::size_t> places) const {
  LabelValues out{kind, {}, classes};
  for (const std::size_t place : places) out.values.push_back(values[place]);
  return out;
}

LabelValues read_label_values(Texts texts, std::string_view kind,
                              const std::string& source) {
  LabelValues out{kind_of(kind, texts), {}, {}};
  if (out.kind != LabelKind::kClass) {
    for (std::size_t row = 0; row < texts.size(); ++row) {
      out.values.push_back(value_of(texts[row], out.kind, source, row));
    }
    return out;
  }
  const std::set<std::string> names(texts.begin(), texts.end());
  out.classes.assign(names.begin(), names.end());
  for (std::size_t row = 0; row < texts.size(); ++row) {
    if (texts[row].empty()) refuse(source, row, "the label is missing");
    const auto place =
        std::lower_bound(out.classes.begin(), out.classes.end(), texts[row]);
    out.values.push_back(static_cast<double>(place - out.classes.begin()));
  }
  return out;
}

void check_vary(const LabelValues& labels, const std::string& source,
                const std::string& what) {
  const auto& values = labels.values;
  if (values.empty()) invalid(source + ": no label to learn from");
  if (std::all_of(values.begin(), values.end(),
                  [&](double v) { return v == values[0]; })) {
    invalid(source + ": all " + std::to_string(values.size()) + what + " are " +
            labels.show(values[0]) + ", so there is nothing to learn");
  }
}

void check_seen(const LabelValues& train, const LabelValues& judged,
                const std::string& source) {
  check_vary(train, source, " training labels");
  if (train.kind != LabelKind::kClass) return;
  const std::set<double> seen(train.values.begin(), train.values.end());
  for (const double value : judged.values) {
    if (!seen.contains(value)) {
      invalid(source + ": class " + judged.show(value) +
              " is never seen in training");
    }
  }
}

}  // namespace ensue::data
