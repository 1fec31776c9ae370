// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/internal/label_rows.h"

#include <algorithm>
#include <cctype>

#include "ensue/base/error.h"
#include "ensue/data/internal/duckdb.h"
#include "ensue/data/internal/when.h"

namespace ensue::data {
namespace {

namespace fs = std::filesystem;

std::string parquet(const fs::path& dataset, const char* file) {
  return "read_parquet(" + sql_text((dataset / file).string()) + ")";
}

// events, items and users with names in place of ids.
void make_views(Connection& database, const fs::path& dataset) {
  database.run(
      "CREATE VIEW items AS SELECT name AS item, * EXCLUDE (id, name) "
      "FROM " +
      parquet(dataset, "items.parquet"));
  database.run(
      "CREATE VIEW users AS SELECT name AS \"user\", * EXCLUDE (id, "
      "name) FROM " +
      parquet(dataset, "users.parquet"));
  database.run(
      "CREATE VIEW events AS SELECT u.name AS \"user\", i.name AS item, a.name "
      "AS action, e.* EXCLUDE (user_id, item_id, action_id, seq) FROM " +
      parquet(dataset, "events.parquet") + " e JOIN " +
      parquet(dataset, "users.parquet") + " u ON u.id = e.user_id JOIN " +
      parquet(dataset, "actions.parquet") +
      " a ON a.id = e.action_id LEFT JOIN " +
      parquet(dataset, "items.parquet") + " i ON i.id = e.item_id");
}

void require_columns(const Rows& rows, const LabelSource& source) {
  for (const char* name : {"user", "time", "label"}) {
    if (rows.find(name)) continue;
    if (!source.labelled && std::string_view(name) == "label") continue;
    std::string there;
    for (const std::string& column : rows.names()) {
      there += (there.empty() ? "" : ", ") + column;
    }
    invalid(source.name + ": no column '" + name + "'; there are: " + there);
  }
}

bool is_instant(capi::Type type) {
  using capi::Type;
  return type == Type::kTimestamp || type == Type::kTimestampS ||
         type == Type::kTimestampMs || type == Type::kTimestampNs ||
         type == Type::kTimestampTz || type == Type::kDate;
}

std::string text_of(const Chunk& chunk, std::size_t column, std::size_t row) {
  return chunk[column].has(row) ? std::string(chunk[column].text(row)) : "";
}

// Times that came as text or as bare numbers.
void read_times(std::vector<LabelRow>& rows, bool has_clock) {
  constexpr std::size_t kSample = 1000;
  std::vector<std::string> sample;
  for (std::size_t i = 0; i < std::min(kSample, rows.size()); ++i) {
    sample.push_back(rows[i].time_text);
  }
  const TimeReader reader(has_clock ? "auto" : "order", sample);
  for (LabelRow& row : rows) row.time = reader.read(row.time_text);
}

}  // namespace

bool is_select(std::string_view label) {
  const auto space = [](char c) {
    return std::isspace(static_cast<unsigned char>(c)) != 0;
  };
  const auto begin = std::find_if_not(label.begin(), label.end(), space);
  const auto end = std::find_if(begin, label.end(), space);
  std::string first(begin, end);
  std::transform(first.begin(), first.end(), first.begin(), [](char c) {
    return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  });
  return end != label.end() &&
         (first == "SELECT" || first == "WITH" || first == "FROM");
}

std::vector<LabelRow> read_label_rows(const fs::path& dataset,
                                      const LabelSource& source) {
  Connection database;
  const std::string& label = source.label;
  std::string from = sql_text(label);
  if (is_select(label)) {
    make_views(database, dataset);
    from = "(" + label + ")";
  } else if (!fs::exists(label)) {
    throw Error(Code::kNotFound, label + ": no such file");
  } else if (label.find(".csv") != std::string::npos ||
             label.find(".tsv") != std::string::npos) {
    from = "read_csv(" + from + ", all_varchar = true)";  // 007 is no number
  }
  const Rows typed = database.run("SELECT * FROM " + from + " LIMIT 0");
  require_columns(typed, source);
  const bool instants = is_instant(typed.types()[*typed.find("time")]);
  Rows found = database.stream(
      "SELECT CAST(\"user\" AS VARCHAR), " +
      std::string(source.labelled ? "CAST(label AS VARCHAR), " : "'', ") +
      (instants ? "CAST(epoch_ms(CAST(\"time\" AS TIMESTAMP)) AS VARCHAR)"
                : "CAST(\"time\" AS VARCHAR)") +
      " FROM " + from);
  std::vector<LabelRow> out;
  while (const auto chunk = found.next()) {
    for (std::size_t i = 0; i < chunk->size(); ++i) {
      out.push_back({text_of(*chunk, 0, i), text_of(*chunk, 1, i), std::nullopt,
                     text_of(*chunk, 2, i)});
      if (instants && !out.back().time_text.empty()) {
        out.back().time = std::stoll(out.back().time_text);
      }
    }
  }
  if (out.empty()) invalid(source.name + ": no rows");
  if (!instants) read_times(out, source.has_clock);
  return out;
}

}  // namespace ensue::data
