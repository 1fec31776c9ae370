// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/internal/reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/hash.h"

namespace ensue::data {
namespace {

constexpr std::size_t kMaxActions = 255;
constexpr std::uint64_t kMaxRows = 1ULL << 48;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool says_missing(std::string_view text) {
  constexpr std::array<std::string_view, 9> kWords = {
      "", "NA", "N/A", "NULL", "null", "NaN", "nan", "None", "\\N"};
  return std::find(kWords.begin(), kWords.end(), text) != kWords.end();
}

// A number, NaN when missing, nullopt when it is something else.
std::optional<double> read_value(const Vector& column, std::size_t row) {
  constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
  if (!column.has(row)) return kMissing;
  if (column.type() != capi::Type::kVarchar) return column.number(row);
  const std::string_view text = trimmed(column.text(row));
  if (says_missing(text)) return kMissing;
  double out = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, out);
  if (error != std::errc() || stop != end) return std::nullopt;
  return out;
}

std::optional<std::int64_t> read_time(const Vector& column, std::size_t row,
                                      const TimeReader& reader) {
  if (!column.has(row)) return std::nullopt;
  const auto floor_div = [](std::int64_t a, std::int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
  };
  switch (column.type()) {
    case capi::Type::kVarchar:
      return reader.read(trimmed(column.text(row)));
    case capi::Type::kTimestamp:
    case capi::Type::kTimestampTz:
      return floor_div(column.integer(row), 1000);
    case capi::Type::kTimestampNs:
      return floor_div(column.integer(row), 1'000'000);
    case capi::Type::kTimestampMs:
      return column.integer(row);
    case capi::Type::kTimestampS:
      return column.integer(row) * 1000;
    case capi::Type::kDate:
      return column.integer(row) * 86'400'000;
    default:
      return reader.read(column.number(row));
  }
}

bool is_timestamp(capi::Type type) {
  return type == capi::Type::kDate || type == capi::Type::kTimestamp ||
         type == capi::Type::kTimestampTz || type == capi::Type::kTimestampNs ||
         type == capi::Type::kTimestampMs || type == capi::Type::kTimestampS;
}

// Texts met, by a 64-bit hash: 16 bytes or less for each.
class SeenTexts {
 public:
  // False when it was there before.
  bool add(std::string_view text) {
    const std::uint64_t hash = std::max<std::uint64_t>(1, checksum(text));
    if (!put(hash)) return false;
    if (2 * ++size_ > slots_.size()) grow();
    return true;
  }

 private:
  bool put(std::uint64_t hash) {
    std::size_t at = hash & (slots_.size() - 1);
    for (; slots_[at] != 0; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at] == hash) return false;
    }
    slots_[at] = hash;
    return true;
  }
  void grow() {
    const std::vector<std::uint64_t> old =
        std::exchange(slots_, std::vector<std::uint64_t>(2 * slots_.size()));
    for (const std::uint64_t hash : old) {
      if (hash != 0) put(hash);
    }
  }
  std::vector<std::uint64_t> slots_ = std::vector<std::uint64_t>(1024);
  std::size_t size_ = 0;
};

// Actions that say nothing without an item.
bool needs_item(std::string_view action) {
  constexpr std::array<std::string_view, 10> kActions = {
      "view",     "click", "favourite", "cart",   "remove",
      "purchase", "rate",  "review",    "return", "cancel"};
  return std::find(kActions.begin(), kActions.end(), action) != kActions.end();
}

// The order of day and month that the whole column agrees on.
DayMonth ask_day_month(Connection& database, const std::string& from,
                       const std::string& column) {
  const auto most = [&](const char* group) {
    const auto text = database.value(
        "SELECT max(TRY_CAST(regexp_extract(\"time\", "
        "'^\\s*(\\d{1,2})[/.-](\\d{1,2})[/.-]\\d{2,4}', " +
        std::string(group) + ") AS INTEGER)) FROM " + from);
    return text ? std::stoi(*text) : 0;
  };
  const bool day_first = most("1") > 12, month_first = most("2") > 12;
  if (day_first && month_first) {
    invalid("columns.time: '" + column +
            "' holds dates with the day first and dates with the month first; "
            "write them in one way, or give columns.time_format");
  }
  if (!day_first && !month_first) {
    invalid("columns.time: '" + column +
            "' holds dates such as 3/4/2024 and never says which is the day; "
            "set columns.time_format to %d/%m/%Y or %m/%d/%Y");
  }
  return day_first ? DayMonth::kDayFirst : DayMonth::kMonthFirst;
}

class Reader {
 public:
  Reader(Connection& database, const Source& source, const ReadOptions& options,
         Reading& out)
      : database_(database), source_(source), options_(options), out_(out) {
    from_ = source.wide ? "raw" : "(" + source.sql + ")";
    time_from_ = bound("time_from", options.clean.time_from);
    time_to_ = bound("time_to", options.clean.time_to);
  }

  void run() {
    prepare_times();
    Rows rows = database_.stream(query());
    find_columns(rows);
    while (const auto chunk = rows.next()) {
      read_chunk(*chunk);
      if (options_.progress) {
        options_.progress({"reading", static_cast<double>(seq_), 0, ""});
      }
    }
    out_.source_rows = seq_;
    read_rejects();
  }

 private:
  struct Columns {
    std::optional<std::size_t> user, item, time, action, value, rule, event_id,
        extras, drop;
  };

  static std::int64_t bound(const std::string& name, const std::string& text) {
    const auto time = read_iso(text);
    if (!time) {
      invalid("clean." + name + ": '" + text +
              "', expected a date such as 2020-01-31");
    }
    return *time;
  }

  void prepare_times() {
    std::vector<std::string> sample;
    std::string format = options_.columns.time_format;
    bool timestamps = false;
    if (source_.has_time) {
      Rows typed = database_.run("SELECT \"time\" FROM " + from_ + " LIMIT 0");
      timestamps = is_timestamp(typed.types()[0]);
      Rows rows =
          database_.run("SELECT CAST(\"time\" AS VARCHAR) FROM " + from_ +
                        " WHERE \"time\" IS NOT NULL LIMIT 4096");
      while (const auto chunk = rows.next()) {
        for (std::size_t i = 0; i < chunk->size(); ++i) {
          sample.emplace_back((*chunk)[0].text(i));
        }
      }
    } else {
      format = "order";
    }
    times_.emplace(timestamps ? "auto" : format, sample);
    if (times_->needs_day_month()) {
      times_->set_day_month(
          ask_day_month(database_, from_, options_.columns.time));
    }
    out_.has_clock = timestamps || times_->has_clock();
    out_.times = timestamps ? "timestamps" : times_->describe();
  }

  std::string query() {
    Rows rows = database_.run("SELECT * FROM " + from_ + " LIMIT 0");
    std::string narrow, wide;
    for (const std::string& name : rows.names()) {
      const bool core = name == "user" || name == "item" || name == "time" ||
                        name == "action" || name == "value" || name == "rule";
      if (core || name == "event_id") {
        narrow += (narrow.empty() ? "" : ", ") + sql_name(name);
      }
      if (!core) wide += (wide.empty() ? "" : ", ") + sql_name(name);
    }
    if (!wide.empty()) narrow += ", hash(" + wide + ") AS extras";
    narrow += drop_sql();
    return "SELECT " + narrow + " FROM " + from_;
  }

  // A flag for rows that miss a number which [missing] says to drop.
  std::string drop_sql() {
    std::string out;
    for (const MissingRule& rule : options_.missing) {
      if (rule.fill != Fill::kDrop) continue;
      if (rule.column == "value") {
        drop_value_ = true;
        continue;
      }
      const auto& names = source_.context;
      if (std::find(names.begin(), names.end(), rule.column) == names.end()) {
        invalid("missing.columns: '" + rule.column +
                "' is neither value nor one of columns.context");
      }
      out += (out.empty() ? ", " : " OR ") + sql_name(rule.column) + " IS NULL";
    }
    return out.empty() ? "" : out + " AS drop_row";
  }

  void find_columns(const Rows& rows) {
    at_ = {rows.find("user"),     rows.find("item"),   rows.find("time"),
           rows.find("action"),   rows.find("value"),  rows.find("rule"),
           rows.find("event_id"), rows.find("extras"), rows.find("drop_row")};
  }

  // Provisional ids of a column of text; kNone where there is none.
  void intern(const Chunk& chunk, std::optional<std::size_t> column,
              Interner& interner, std::vector<std::uint32_t>& ids) {
    ids.assign(chunk.size(), kNone);
    if (!column) return;
    const Vector& texts = chunk[*column];
    names_.clear();
    rows_.clear();
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      if (!texts.has(i) || texts.text(i).empty()) continue;
      names_.push_back(texts.text(i));
      rows_.push_back(static_cast<std::uint32_t>(i));
    }
    found_.resize(names_.size());
    interner.ids(names_, found_);
    for (std::size_t k = 0; k < rows_.size(); ++k) ids[rows_[k]] = found_[k];
  }

  void intern_actions(const Chunk& chunk) {
    intern(chunk, at_.action, out_.actions, actions_);
    for (std::uint32_t& action : actions_) {
      if (action == kNone) action = default_action();
    }
    if (out_.actions.size() > kMaxActions) {
      invalid("columns.action: '" + options_.columns.action +
              "' has more than 255 different values, expected a few kinds of "
              "action");
    }
  }

  std::uint32_t default_action() {
    return out_.actions.id(options_.columns.default_action);
  }

  void read_chunk(const Chunk& chunk) {
    intern(chunk, at_.user, out_.users, users_);
    intern(chunk, at_.item, out_.items, items_);
    intern_actions(chunk);
    if (seq_ + chunk.size() >= kMaxRows) invalid("data: too many rows");
    for (std::size_t i = 0; i < chunk.size(); ++i, ++seq_) {
      Row row{users_[i], items_[i], 0, seq_, actions_[i], 0, 0, 0};
      if (const auto rule = check(chunk, i, row)) {
        out_.tally.add(*rule, seq_);
      } else {
        out_.rows.append(row);
      }
    }
  }

  // Completes the row; the rule that takes it, if any.
  std::optional<Rule> check(const Chunk& chunk, std::size_t i, Row& row) {
    if (row.user == kNone && row.item == kNone &&
        !(at_.time && chunk[*at_.time].has(i))) {
      return Rule::kUnreadable;
    }
    if (at_.rule && chunk[*at_.rule].has(i)) {
      return named_rule(chunk[*at_.rule].text(i));
    }
    row.time = static_cast<std::int64_t>(seq_);
    if (at_.time) {
      const auto time = read_time(chunk[*at_.time], i, *times_);
      if (!time) return Rule::kBadTime;
      if (out_.has_clock && (*time < time_from_ || *time >= time_to_)) {
        return Rule::kTimeBounds;
      }
      row.time = *time;
    }
    double value = std::numeric_limits<double>::quiet_NaN();
    if (at_.value) {
      const auto read = read_value(chunk[*at_.value], i);
      if (!read) return Rule::kBadValue;
      value = *read;
    }
    if (value < options_.clean.value_min || value > options_.clean.value_max) {
      return Rule::kImpossibleValue;
    }
    row.value = static_cast<float>(value);
    if ((drop_value_ && std::isnan(value)) ||
        (at_.drop && chunk[*at_.drop].integer(i) != 0)) {
      return Rule::kMissingValue;
    }
    if (row.item == kNone && at_.item &&
        needs_item(out_.actions.name(actions_[i]))) {
      return Rule::kMissingItem;
    }
    if (at_.event_id && chunk[*at_.event_id].has(i) &&
        !event_ids_.add(chunk[*at_.event_id].text(i))) {
      return Rule::kRepeatedEventId;
    }
    if (at_.extras) row.extras = fold(chunk[*at_.extras], i);
    return std::nullopt;
  }

  static std::uint32_t fold(const Vector& hashes, std::size_t i) {
    const std::uint64_t hash = hashes.data<std::uint64_t>()[i];
    return static_cast<std::uint32_t>(hash ^ (hash >> 32));
  }

  static Rule named_rule(std::string_view name) {
    const auto all = cleaning_rules().all();
    for (std::size_t r = 0; r < all.size(); ++r) {
      if (all[r].name == name) return static_cast<Rule>(r);
    }
    cleaning_rules().find(name);  // throws, listing the known ones
    return Rule::kUnreadable;
  }

  // Lines that the CSV reader could not split, each once.
  void read_rejects() {
    if (source_.files.empty() || source_.layout.format != Format::kDelimited) {
      return;
    }
    Rows open = database_.run(
        "SELECT DISTINCT s.file_path::VARCHAR FROM reject_errors e JOIN "
        "reject_scans s USING (scan_id, file_id) WHERE scan_id = (SELECT "
        "max(scan_id) FROM reject_scans) AND e.error_type IN ('UNQUOTED "
        "VALUE', 'LINE SIZE OVER MAXIMUM') AND contains(e.csv_line, chr(10)) "
        "ORDER BY ALL");
    while (const auto chunk = open.next()) {
      for (std::size_t i = 0; i < chunk->size(); ++i) {
        out_.open_quotes.emplace_back((*chunk)[0].text(i));
      }
    }
    const std::string lines =
        "(SELECT s.file_path, e.line, any_value(e.csv_line) AS csv_line FROM "
        "reject_errors e JOIN reject_scans s USING (scan_id, file_id) WHERE "
        "scan_id = (SELECT max(scan_id) FROM reject_scans) GROUP BY ALL)";
    const std::string count =
        database_.value("SELECT count(*) FROM " + lines).value_or("0");
    const std::uint64_t rejected = std::stoull(count);
    for (std::uint64_t i = 0; i < rejected; ++i) {
      out_.tally.add(Rule::kUnreadable, kMaxRows + i);
    }
    out_.source_rows += rejected;
    Rows rows = database_.run(
        "SELECT file_path::VARCHAR, line::BIGINT, csv_line::VARCHAR FROM " +
        lines + " ORDER BY ALL LIMIT 3");
    while (const auto chunk = rows.next()) {
      for (std::size_t i = 0; i < chunk->size(); ++i) {
        out_.unreadable.push_back(
            {std::string((*chunk)[0].text(i)),
             static_cast<std::uint64_t>((*chunk)[1].integer(i)),
             (*chunk)[2].has(i) ? std::string((*chunk)[2].text(i)) : ""});
      }
    }
  }

  Connection& database_;
  const Source& source_;
  const ReadOptions& options_;
  Reading& out_;
  std::string from_;
  std::int64_t time_from_ = 0, time_to_ = 0;
  std::optional<TimeReader> times_;
  Columns at_;
  bool drop_value_ = false;
  SeenTexts event_ids_;
  std::uint64_t seq_ = 0;
  std::vector<std::uint32_t> users_, items_, actions_, found_, rows_;
  std::vector<std::string_view> names_;
};

}  // namespace

void read_rows(Connection& database, const Source& source,
               const ReadOptions& options, Reading& out) {
  Reader(database, source, options, out).run();
}

}  // namespace ensue::data
