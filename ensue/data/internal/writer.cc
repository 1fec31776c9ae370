// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/internal/writer.h"

#include <algorithm>
#include <string>

namespace ensue::data {
namespace {

constexpr const char* kParquet =
    " (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)";

class Writer {
 public:
  Writer(Connection& database, const std::filesystem::path& folder)
      : database_(database), folder_(folder) {}

  void copy(const std::string& sql, const std::string& file) {
    database_.run("COPY (" + sql + ") TO " +
                  sql_text((folder_ / file).string()) + kParquet);
  }

  void names(const std::string& table, const NameTable& names,
             const std::string& side_sql) {
    database_.add_table(table + "_names", names.source());
    const std::string all = table + "_names()";
    if (side_sql.empty()) {
      copy("SELECT * FROM " + all, table + ".parquet");
      return;
    }
    database_.run("CREATE TEMP TABLE " + table + "_side AS " + side_sql);
    const std::string count =
        database_
            .value("SELECT count(*) - count(DISTINCT name) FROM " + table +
                   "_side WHERE name IS NOT NULL")
            .value_or("0");
    if (count != "0") {
      remarks_.push_back(table + ": " + count +
                         " rows repeat a name; the first of each was taken");
    }
    copy("SELECT n.id, n.name, s.* EXCLUDE (name) FROM " + all +
             " n LEFT JOIN (SELECT * FROM " + table +
             "_side QUALIFY row_number() OVER (PARTITION BY name) = 1) s ON "
             "n.name = s.name ORDER BY n.id",
         table + ".parquet");
  }

  std::vector<std::string> take_remarks() { return std::move(remarks_); }

 private:
  Connection& database_;
  std::filesystem::path folder_;
  std::vector<std::string> remarks_;
};

// The columns of `raw` that are no part of the narrow rows; filled ones come
// from `f`.
std::string wide_columns(Connection& database, const FilledColumns& filled) {
  std::string out;
  const Rows rows = database.run("SELECT * FROM raw LIMIT 0");
  for (const std::string& name : rows.names()) {
    if (name == "user" || name == "item" || name == "time" ||
        name == "action" || name == "value" || name == "rule") {
      continue;
    }
    const bool own = std::find(filled.names.begin(), filled.names.end(),
                               name) == filled.names.end();
    out += (own ? ", raw." : ", f.") + sql_name(name);
  }
  return out;
}

}  // namespace

std::vector<std::string> write_tables(
    Connection& database, const Source& source, const Reading& reading,
    const Arranged& arranged, const FinalIds& ids, const FilledColumns& filled,
    const std::filesystem::path& folder) {
  Writer writer(database, folder);
  const std::string wide = source.wide ? wide_columns(database, filled) : "";
  const FilledTable filled_table(filled, arranged.kept);
  if (wide.empty()) {
    writer.copy("SELECT * EXCLUDE (place) FROM kept_events()",
                "events.parquet");
  } else {
    std::string from = " FROM kept_events() e JOIN raw ON raw.rowid = e.seq";
    if (!filled.names.empty()) {
      database.add_table("filled_columns", filled_table.source());
      from += " JOIN filled_columns() f ON f.place = e.place";
    }
    writer.copy(
        "SELECT e.* EXCLUDE (place)" + wide + from + " ORDER BY e.place",
        "events.parquet");
  }
  const AsideTable aside(reading);
  if (arranged.aside > 0) {
    database.add_table("aside_rows", aside.source());
    writer.copy(wide.empty() ? std::string("SELECT * FROM aside_rows()")
                             : "SELECT a.*" + wide_columns(database, {}) +
                                   " FROM aside_rows() a JOIN raw ON "
                                   "raw.rowid = a.seq ORDER BY a.time, a.seq",
                "aside.parquet");
  }
  const NameTable users(reading.users, ids.users),
      items(reading.items, ids.items), actions(reading.actions, ids.actions);
  writer.names("users", users, source.users_sql);
  writer.names("items", items, source.items_sql);
  writer.names("actions", actions, "");
  return writer.take_remarks();
}

}  // namespace ensue::data
