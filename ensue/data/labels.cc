// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/labels.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/time_text.h"
#include "ensue/data/internal/label_rows.h"

namespace ensue::data {
namespace {

using events::Log, events::Millis, events::UserId;

std::string show(const Log& log, Millis time) {
  return log.schema().has_clock ? time_text(count(time))
                                : std::to_string(count(time));
}

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

LabelKind guess(const std::vector<LabelRow>& rows) {
  const auto all = [&](const auto& reads) {
    return std::all_of(rows.begin(), rows.end(), [&](const LabelRow& row) {
      return reads(row.label).has_value();
    });
  };
  if (all(read_binary)) return LabelKind::kBinary;
  return all(read_number) ? LabelKind::kNumber : LabelKind::kClass;
}

constexpr std::array<std::pair<LabelKind, const char*>, 4> kExpected = {{
    {LabelKind::kBinary, "0 or 1, true or false, yes or no"},
    {LabelKind::kClass, "the name of a class"},
    {LabelKind::kNumber, "a number"},
    {LabelKind::kCount, "a whole number from 0 on"},
}};

LabelKind kind_of(const LabelOptions& options,
                  const std::vector<LabelRow>& rows) {
  if (options.kind == "auto") return guess(rows);
  for (const auto& [kind, expected] : kExpected) {
    if (options.kind == name_of(kind)) return kind;
  }
  invalid("[task].kind: '" + options.kind +
          "', expected auto, binary, class, number or count");
}

class Reader {
 public:
  Reader(const Log& log, std::string source)
      : log_(log), source_(std::move(source)) {
    const auto times = log.columns().times;
    if (times.empty()) invalid(source_ + ": the log has no events");
    const auto [low, high] = std::minmax_element(times.begin(), times.end());
    first_ = *low;
    const bool days = std::all_of(times.begin(), times.end(), [](Millis t) {
      return count(t) % events::kDayMs == 0;
    });
    last_ = Millis{count(*high) + (days ? events::kDayMs : 1)};
  }

  LabelTable read(const std::vector<LabelRow>& rows, LabelKind kind) {
    LabelTable out{kind, source_, {}, {}, {}};
    if (kind == LabelKind::kClass) out.classes = class_names(rows);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      out.pairs.push_back(pair(rows[row], row));
      out.values.push_back(value(rows[row], row, out));
    }
    check_repeats(out);
    return out;
  }

  std::vector<AsOf> pairs(const std::vector<LabelRow>& rows) const {
    std::vector<AsOf> out;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      out.push_back(pair(rows[row], row));
    }
    return out;
  }

 private:
  [[noreturn]] void refuse(std::size_t row, const std::string& what) const {
    invalid(source_ + " row " + std::to_string(row + 1) + ": " + what);
  }

  static std::vector<std::string> class_names(
      const std::vector<LabelRow>& rows) {
    std::set<std::string> names;
    for (const LabelRow& row : rows) names.insert(row.label);
    return {names.begin(), names.end()};
  }

  AsOf pair(const LabelRow& row, std::size_t at) const {
    const auto user = log_.user_names().find(row.user);
    if (!user) refuse(at, "user '" + row.user + "' is not in the log");
    if (!row.time) {
      refuse(at, "time '" + row.time_text + "', expected a time");
    }
    const Millis time{*row.time};
    if (time < first_ || time > last_) {
      refuse(at, "time " + show(log_, time) + " is outside of the log, " +
                     show(log_, first_) + " to " + show(log_, last_));
    }
    const auto history = log_.history(UserId{*user});
    if (history.empty() || history.times[0] >= time) {
      refuse(at, "user '" + row.user + "' has no event before " +
                     show(log_, time) + ", so nothing to predict from");
    }
    return {UserId{*user}, time};
  }

  double value(const LabelRow& row, std::size_t at,
               const LabelTable& table) const {
    if (table.kind == LabelKind::kClass) {
      if (row.label.empty()) refuse(at, "the label is missing");
      return static_cast<double>(std::lower_bound(table.classes.begin(),
                                                  table.classes.end(),
                                                  row.label) -
                                 table.classes.begin());
    }
    const auto number =
        table.kind == LabelKind::kBinary  ? read_binary(row.label)
        : table.kind == LabelKind::kCount ? read_count(row.label)
                                          : read_number(row.label);
    if (!number) {
      refuse(at, "label '" + row.label + "', expected " +
                     kExpected[static_cast<std::size_t>(table.kind)].second);
    }
    return *number;
  }

  void check_repeats(const LabelTable& table) const {
    std::map<AsOf, std::size_t> seen;
    for (std::size_t row = 0; row < table.size(); ++row) {
      const auto [it, fresh] = seen.try_emplace(table.pairs[row], row);
      if (fresh) continue;
      refuse(row, "user '" +
                      std::string(log_.user_names().name(
                          index(table.pairs[row].user))) +
                      "' at " + show(log_, table.pairs[row].time) +
                      " stands in row " + std::to_string(it->second + 1) +
                      " already");
    }
  }

  const Log& log_;
  std::string source_;
  Millis first_{0}, last_{0};
};

std::string show_value(const LabelTable& table, double value) {
  if (table.kind == LabelKind::kClass) {
    return "'" + table.classes[static_cast<std::size_t>(value)] + "'";
  }
  std::array<char, 32> text;
  return {text.data(), std::to_chars(text.begin(), text.end(), value).ptr};
}

void check_vary(const LabelTable& table, const char* what) {
  const bool vary = std::any_of(table.values.begin(), table.values.end(),
                                [&](double v) { return v != table.values[0]; });
  if (!vary) {
    invalid(table.source + ": all " + std::to_string(table.size()) + what +
            " are " + show_value(table, table.values[0]) +
            ", so there is nothing to learn");
  }
}

}  // namespace

std::string_view name_of(LabelKind kind) {
  constexpr std::array<std::string_view, 4> kNames = {"binary", "class",
                                                      "number", "count"};
  return kNames[static_cast<std::size_t>(kind)];
}

LabelTable LabelTable::rows(std::span<const std::size_t> places) const {
  LabelTable out{kind, source, {}, {}, classes};
  for (const std::size_t place : places) {
    out.pairs.push_back(pairs[place]);
    out.values.push_back(values[place]);
  }
  return out;
}

LabelTable read_labels(const std::filesystem::path& dataset, const Log& log,
                       const LabelOptions& options) {
  if (options.label.empty()) {
    invalid("[task].label: expected a file or a SELECT");
  }
  const std::string source = is_select(options.label) ? "label" : options.label;
  const auto rows =
      read_label_rows(dataset, {options.label, source, log.schema().has_clock});
  LabelTable out = Reader(log, source).read(rows, kind_of(options, rows));
  check_vary(out, " labels");
  return out;
}

std::vector<AsOf> read_pairs(const Log& log, const std::string& file) {
  const auto rows = read_label_rows(
      {}, {file, file, log.schema().has_clock, /*labelled=*/false});
  return Reader(log, file).pairs(rows);
}

void check_seen(const LabelTable& train, const LabelTable& judged) {
  if (train.size() == 0) invalid(train.source + ": no label to learn from");
  check_vary(train, " training labels");
  if (train.kind != LabelKind::kClass) return;
  std::set<double> seen(train.values.begin(), train.values.end());
  for (const double value : judged.values) {
    if (!seen.contains(value)) {
      invalid(judged.source + ": class " + show_value(judged, value) +
              " is never seen in training");
    }
  }
}

}  // namespace ensue::data
