// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/grow.h"

#include <algorithm>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/data/dataset.h"
#include "ensue/data/internal/duckdb.h"
#include "ensue/events/schema.h"

namespace ensue::data {
namespace {

namespace fs = std::filesystem;

// Names that no column of a base has.
constexpr char kUser[] = "__user", kItem[] = "__item", kPart[] = "__part",
               kPlace[] = "__place";

struct Column {
  std::string name, type;
};

std::string parquet(const fs::path& file) {
  return "read_parquet(" + sql_text(file.string()) + ")";
}

std::vector<Column> columns_of(Connection& database, const fs::path& file) {
  std::vector<Column> out;
  Rows rows = database.run(
      "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM " +
      parquet(file) + ")");
  while (const auto chunk = rows.next()) {
    for (std::size_t i = 0; i < chunk->size(); ++i) {
      out.push_back(
          {std::string((*chunk)[0].text(i)), std::string((*chunk)[1].text(i))});
    }
  }
  return out;
}

// The SQL that gives the events of a base and of files behind it.
class Union {
 public:
  Union(Connection& database, const GrowRequest& request, bool duplicates)
      : request_(request), duplicates_(duplicates) {
    constexpr const char* kNarrow[] = {"user_id", "item_id", "action_id",
                                       "time",    "value",   "seq"};
    for (Column& column :
         columns_of(database, request.base / "events.parquet")) {
      if (std::ranges::find(kNarrow, column.name) == std::end(kNarrow)) {
        further_.push_back(std::move(column));
      }
    }
    if (!has("event_id")) {
      further_.push_back({"event_id", "VARCHAR"});
      base_has_ids_ = false;
    }
  }

  bool has(const std::string& name) const {
    return std::ranges::any_of(
        further_, [&](const Column& column) { return column.name == name; });
  }

  /// One row per part with `__part`: 0 is the base.
  std::string parts() const {
    std::string fresh;
    for (std::size_t k = 0; k < request_.events.size(); ++k) {
      fresh += (k > 0 ? " UNION ALL " : "") + file(k);
    }
    std::string out = "WITH base AS (" + base() + ")";
    if (fresh.empty()) return out + " SELECT * FROM base";
    out += ", fresh AS (" + fresh +
           ") SELECT * FROM base UNION ALL SELECT * FROM fresh";
    return duplicates_ ? out + " f WHERE NOT " + known() : out;
  }

  std::string sql() const {
    return std::string("SELECT * EXCLUDE (") + kPart + ", " + kPlace +
           ") FROM (" + parts() + ") ORDER BY " + kPart + ", " + kPlace;
  }

 private:
  std::string base() const {
    const fs::path& from = request_.base;
    std::string out = std::string("SELECT u.name AS ") + kUser +
                      ", i.name AS " + kItem +
                      ", epoch_ms(e.\"time\") AS \"time\", a.name AS action, "
                      "CAST(e.value AS DOUBLE) AS value";
    for (const Column& column : further_) {
      const bool there = column.name != "event_id" || base_has_ids_;
      out += there ? ", e." + sql_name(column.name)
                   : ", CAST(NULL AS VARCHAR) AS event_id";
    }
    return out + ", 0 AS " + kPart + ", e.seq AS " + kPlace + " FROM " +
           parquet(from / "events.parquet") + " e JOIN " +
           parquet(from / "users.parquet") +
           " u ON u.id = e.user_id LEFT JOIN " +
           parquet(from / "items.parquet") + " i ON i.id = e.item_id JOIN " +
           parquet(from / "actions.parquet") + " a ON a.id = e.action_id";
  }

  std::string file(std::size_t k) const {
    std::string types =
        "\"user\": 'VARCHAR', item: 'VARCHAR', \"time\": 'BIGINT', action: "
        "'VARCHAR', value: 'DOUBLE'";
    std::string names = std::string("\"user\" AS ") + kUser + ", item AS " +
                        kItem + ", \"time\", action, value";
    for (const Column& column : further_) {
      types += ", " + sql_name(column.name) + ": " + sql_text(column.type);
      names += ", " + sql_name(column.name);
    }
    return "SELECT " + names + ", " + std::to_string(k + 1) + " AS " + kPart +
           ", row_number() OVER () AS " + kPlace + " FROM read_json(" +
           sql_text(request_.events[k].string()) +
           ", format = 'newline_delimited', ignore_errors = true, columns = {" +
           types + "})";
  }

  // Whether the base has the row of `f` already.
  static std::string known() {
    return std::string(
               "EXISTS (SELECT 1 FROM base b WHERE b.event_id IS NULL "
               "AND b.") +
           kUser + " = f." + kUser +
           " AND b.\"time\" = f.\"time\" AND b.action = f.action AND b." +
           kItem + " IS NOT DISTINCT FROM f." + kItem + ")";
  }

  const GrowRequest& request_;
  bool duplicates_, base_has_ids_ = true;
  std::vector<Column> further_;  // beside those that every dataset has
};

// A table of the base without its ids, as import reads tables; gone at the end.
class SideTable {
 public:
  SideTable(Connection& database, const fs::path& from, fs::path to,
            const char* key)
      : path_(std::move(to)) {
    if (columns_of(database, from).size() <= 2) {  // id and name
      path_.clear();
      return;
    }
    database.run("COPY (SELECT name AS " + std::string(key) +
                 ", * EXCLUDE (id, name) FROM " + parquet(from) + ") TO " +
                 sql_text(path_.string()) + " (FORMAT parquet)");
  }
  ~SideTable() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove(path_, ignored);
  }
  SideTable(const SideTable&) = delete;
  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

// Where each part's rows begin in the whole.
std::vector<std::uint64_t> firsts(Connection& database, const Union& all,
                                  std::size_t files) {
  std::vector<std::uint64_t> rows(files + 1);
  Rows counted = database.run(std::string("SELECT ") + kPart +
                              "::BIGINT, count(*)::BIGINT FROM (" +
                              all.parts() + ") GROUP BY ALL");
  while (const auto chunk = counted.next()) {
    for (std::size_t i = 0; i < chunk->size(); ++i) {
      rows[static_cast<std::size_t>((*chunk)[0].integer(i))] =
          static_cast<std::uint64_t>((*chunk)[1].integer(i));
    }
  }
  for (std::size_t k = 1; k < rows.size(); ++k) rows[k] += rows[k - 1];
  return rows;
}

std::uint64_t lines_of(Connection& database, const fs::path& file) {
  const auto count = database.value(
      "SELECT count(*) FROM read_json(" + sql_text(file.string()) +
      ", format = 'newline_delimited', columns = {\"user\": 'VARCHAR'})");
  return count ? std::stoull(*count) : 0;
}

ImportRequest import_of(const GrowRequest& request, const Dataset& base,
                        const events::Schema& schema, const Union& all) {
  ImportRequest out;
  const std::string where = (request.base / "manifest.json").string();
  const auto read = [&](auto& fields, const char* section) {
    const Json* found = base.manifest().if_contains(section);
    if (found != nullptr && found->is_object()) {
      read_fields(fields, found->get_object(), where);
    }
  };
  ColumnOptions before;
  read(before, "columns");
  read(out.clean, "clean");
  out.clean.price.clear();
  out.clean.outliers = 0;
  ColumnOptions& columns = out.columns;
  columns.user = kUser;
  columns.item = kItem;
  columns.time = "time";
  columns.time_format = "milliseconds";
  columns.action = "action";
  columns.value = "value";
  columns.event_id = "event_id";
  if (all.has("text")) columns.text = "text";
  if (all.has("session")) columns.session = "session";
  columns.context = schema.context;
  columns.order_within_instant = schema.order_within_instant;
  columns.default_action = before.default_action;
  out.source.sql = all.sql();
  out.source.dataset = request.dataset;
  out.source.memory = request.memory;
  out.source.threads = request.threads;
  out.progress = request.progress;
  return out;
}

}  // namespace

Grown grow_dataset(const GrowRequest& request) {
  const Dataset base = Dataset::open(request.base);
  const events::Schema schema = events::Schema::from_json(
      base.manifest().at("schema"), (request.base / "manifest.json").string());
  if (!schema.has_clock) {
    invalid(request.base.string() +
            ": has an order but no clock, so that it is not known which events "
            "came later; expected a log with times");
  }
  const Json* clean = base.manifest().if_contains("clean");
  const Json* duplicates = clean != nullptr && clean->is_object()
                               ? clean->get_object().if_contains("duplicates")
                               : nullptr;
  Connection database;
  const Union all(database, request,
                  duplicates == nullptr || duplicates->as_bool());
  const SideTable items(database, request.base / "items.parquet",
                        request.dataset + ".items.parquet", kItem),
      users(database, request.base / "users.parquet",
            request.dataset + ".users.parquet", kUser);
  ImportRequest import = import_of(request, base, schema, all);
  import.source.items = items.path();
  import.source.users = users.path();
  Grown out;
  out.first = firsts(database, all, request.events.size());
  for (const fs::path& file : request.events) {
    out.known += lines_of(database, file);
  }
  out.known -= out.first.back() - out.first.front();
  out.import = import_log(import);
  return out;
}

}  // namespace ensue::data
