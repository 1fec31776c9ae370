// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/labels.h"

#include <algorithm>
#include <map>
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

  LabelTable read(const std::vector<LabelRow>& rows,
                  const std::string& kind) const {
    std::vector<std::string> texts;
    for (const LabelRow& row : rows) texts.push_back(row.label);
    LabelValues read = read_label_values(texts, kind, source_);
    LabelTable out{read.kind, source_, pairs(rows), std::move(read.values),
                   std::move(read.classes)};
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

}  // namespace

LabelValues LabelTable::labels() const { return {kind, values, classes}; }

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
  LabelTable out = Reader(log, source).read(rows, options.kind);
  check_vary(out.labels(), source, " labels");
  return out;
}

std::vector<AsOf> read_pairs(const Log& log, const std::string& file) {
  const auto rows = read_label_rows(
      {}, {file, file, log.schema().has_clock, /*labelled=*/false});
  return Reader(log, file).pairs(rows);
}

void check_seen(const LabelTable& train, const LabelTable& judged) {
  check_seen(train.labels(), judged.labels(), judged.source);
}

}  // namespace ensue::data
