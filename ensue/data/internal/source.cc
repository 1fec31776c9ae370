// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/internal/source.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>

#include "ensue/base/error.h"
#include "ensue/data/internal/duckdb.h"

namespace ensue::data {
namespace {

namespace fs = std::filesystem;

std::string list_sql(const std::vector<std::string>& files) {
  std::string out = "[";
  for (const std::string& file : files) {
    out += (out.size() > 1 ? ", " : "") + sql_text(file);
  }
  return out + "]";
}

std::string columns_sql(const std::vector<std::string>& names) {
  std::string out = "columns = {";
  for (std::size_t c = 0; c < names.size(); ++c) {
    out += (c > 0 ? ", " : "") + sql_text(names[c]) + ": 'VARCHAR'";
  }
  return out + "}";
}

// Files of a preset that say they come last do.
void order_files(std::vector<std::string>& files, const Preset* preset) {
  const std::string last = preset == nullptr ? "" : preset->value("last");
  if (last.empty()) return;
  std::stable_partition(files.begin(), files.end(), [&](const auto& file) {
    return fs::path(file).filename().string().find(last) == std::string::npos;
  });
}

void check_same_layout(const std::vector<std::string>& files,
                       const Layout& first) {
  for (std::size_t i = 1; i < files.size(); ++i) {
    const Layout other = look_at(files[i]);
    if (other.format != first.format || other.columns != first.columns ||
        other.delimiter != first.delimiter) {
      invalid(files[i] + ": has other columns than " + files[0] +
              "; import files of one layout at a time");
    }
  }
}

std::string known(const Layout& layout) {
  std::string out;
  for (const std::string& name : layout.columns) {
    out += (out.empty() ? "" : ", ") + name;
  }
  return out;
}

// A context column must not be taken for one of ours; SQL ignores case.
std::string context_name(const std::string& column) {
  constexpr std::array<std::string_view, 16> kOurs = {
      "user",    "item",     "time",   "action",  "value",   "text",
      "session", "event_id", "rule",   "user_id", "item_id", "action_id",
      "seq",     "place",    "extras", "drop_row"};
  std::string lower = column;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  const bool ours = std::find(kOurs.begin(), kOurs.end(), lower) != kOurs.end();
  return ours ? column + "_column" : column;
}

// The columns of [columns] as a SELECT.
class Selection {
 public:
  Selection(const Source& source, const std::string& table)
      : source_(source), table_(table) {}

  void add(const std::string& role, const std::string& column,
           const std::string& cast = "") {
    if (column.empty()) return;
    const auto& names = source_.layout.columns;
    if (!names.empty() &&
        std::find(names.begin(), names.end(), column) == names.end()) {
      invalid((source_.files.empty() ? "data.sql" : source_.files[0]) +
              ": has no column '" + column + "' (columns." + role +
              "); it has " + known(source_.layout));
    }
    const std::string name = sql_name(column);
    put(role, cast.empty() ? name : "CAST(" + name + " AS " + cast + ")");
  }
  void put(const std::string& role, const std::string& expression) {
    list_ += (list_.empty() ? "" : ", ") + expression + " AS " + sql_name(role);
  }
  std::string sql() const { return "SELECT " + list_ + " FROM " + table_; }

 private:
  const Source& source_;
  std::string table_, list_;
};

std::string rule_sql(const ColumnOptions& columns, const CleanOptions& clean) {
  std::string out;
  if (!clean.price.empty()) {
    out += " WHEN TRY_CAST(" + sql_name(clean.price) +
           " AS DOUBLE) <= 0 THEN 'price'";
  }
  if (!clean.product_pattern.empty() && !columns.item.empty()) {
    out += " WHEN NOT regexp_full_match(CAST(" + sql_name(columns.item) +
           " AS VARCHAR), " + sql_text(clean.product_pattern) +
           ") THEN 'not_a_product'";
  }
  return out.empty() ? "" : "CASE" + out + " END";
}

std::string selected(const Source& source, const std::string& table,
                     const ColumnOptions& columns, const CleanOptions& clean) {
  Selection select(source, table);
  select.add("user", columns.user, "VARCHAR");
  select.add("item", columns.item, "VARCHAR");
  select.add("time", columns.time);
  select.add("action", columns.action, "VARCHAR");
  select.add("value", columns.value);
  select.add("text", columns.text, "VARCHAR");
  select.add("session", columns.session, "VARCHAR");
  select.add("event_id", columns.event_id, "VARCHAR");
  for (const std::string& name : columns.context) {
    select.add(context_name(name), name);
  }
  const std::string rule = rule_sql(columns, clean);
  if (!rule.empty()) select.put("rule", rule);
  return select.sql();
}

// A table beside the events that a preset names with a glob.
std::string beside(const std::string& events, const std::string& glob) {
  const fs::path folder = fs::path(events).parent_path();
  for (const char* ending : {"", ".zst", ".gz"}) {
    try {
      return expand({(folder / (glob + ending)).string()}).front();
    } catch (const Error&) {
    }
  }
  return {};
}

// The SQL of a preset's [items] or [users]; "" when its file is not there.
std::string side_sql(const Source& source, const std::string& section,
                     const std::string& given) {
  std::string sql(source.preset->section_sql(section));
  const std::string where = source.preset->value(section);
  if (sql.empty() || where.empty()) return {};
  if (where == "events") return given.empty() ? sql : std::string();
  const std::string file = !given.empty() ? given
                           : source.files.empty()
                               ? std::string()
                               : beside(source.files[0], where);
  if (file.empty()) return {};
  replace_all(sql, "$" + section, sql_text(file));
  if (sql.find("$columns") != std::string::npos) {
    replace_all(sql, ", all_varchar = true, $columns",
                ", " + columns_sql(look_at(file).columns));
  }
  return sql;
}

// Any table with a header: the column that names the rows is called so, or is
// the first.
std::string plain_side_sql(const std::string& file,
                           const std::vector<std::string>& key_names) {
  const Layout layout = look_at(file);
  std::string key = layout.columns.at(0);
  for (const std::string& name : key_names) {
    const auto& all = layout.columns;
    if (std::find(all.begin(), all.end(), name) != all.end()) key = name;
  }
  return "SELECT CAST(" + sql_name(key) + " AS VARCHAR) AS name, * EXCLUDE (" +
         sql_name(key) + ") FROM " +
         (layout.format == Format::kDelimited
              ? "read_csv(" + sql_text(file) +
                    ", delim = " + sql_text(layout.delimiter) +
                    ", sample_size = -1, nullstr = ['', 'NA'])"
              : table_sql({file}, layout));
}

void add_side_tables(Source& out, const SourceOptions& options,
                     const ColumnOptions& columns) {
  if (out.preset != nullptr) {
    out.items_sql = side_sql(out, "items", options.items);
    out.users_sql = side_sql(out, "users", options.users);
  }
  if (out.items_sql.empty() && !options.items.empty()) {
    out.items_sql = plain_side_sql(
        expand({options.items}).front(),
        {"sku", "asin", "id", "product_id", "item_id", "item", columns.item});
  }
  if (out.users_sql.empty() && !options.users.empty()) {
    out.users_sql =
        plain_side_sql(expand({options.users}).front(),
                       {"id", "customer_id", "user_id", "user", columns.user});
  }
}

void read_columns_of_select(Source& out, const std::string& sql) {
  Connection connection;
  Rows rows = connection.run("SELECT * FROM (" + sql + ") LIMIT 0");
  out.layout.columns = rows.names();
  out.layout.format = Format::kParquet;
}

void finish(Source& out) {
  Connection connection;
  Rows rows = connection.run("SELECT * FROM (" + out.sql + ") LIMIT 0");
  if (!rows.find("user")) {
    invalid("no column says who: set columns.user to one of " +
            known(out.layout) + ", or run ensue init");
  }
  out.has_time = rows.find("time").has_value();
  out.has_sessions = rows.find("session").has_value();
  for (const std::string& name : rows.names()) {
    const bool core = name == "user" || name == "item" || name == "time" ||
                      name == "action" || name == "value" || name == "rule";
    const bool role = name == "text" || name == "session" || name == "event_id";
    out.wide = out.wide || !core;
    if (!core && !role) out.context.push_back(name);
  }
  // A table of items made from the log itself needs the log as a table.
  out.wide = out.wide || out.items_sql.find(" raw") != std::string::npos;
}

}  // namespace

void replace_all(std::string& text, const std::string& from,
                 const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos;
       at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

std::string table_sql(const std::vector<std::string>& files,
                      const Layout& layout) {
  switch (layout.format) {
    case Format::kParquet:
      return "read_parquet(" + list_sql(files) + ")";
    case Format::kJsonLines:
      return "read_json(" + list_sql(files) +
             ", format = 'newline_delimited', ignore_errors = true)";
    case Format::kText:
      return lines_sql(files);
    case Format::kDelimited:
      break;
  }
  return "read_csv(" + list_sql(files) +
         ", auto_detect = false, store_rejects = true, header = " +
         (layout.header ? "true" : "false") +
         ", delim = " + sql_text(layout.delimiter) +
         (layout.quoted ? ", quote = '\"', escape = '\"', "
                        : ", quote = '', escape = '', ") +
         columns_sql(layout.columns) + ")";
}

std::string lines_sql(const std::vector<std::string>& files) {
  return "read_csv(" + list_sql(files) +
         ", auto_detect = false, header = false, delim = '\x01', quote = '', "
         "escape = '', strict_mode = false, ignore_errors = true, columns = "
         "{'line': 'VARCHAR'})";
}

Source make_source(const SourceOptions& source, const ColumnOptions& columns,
                   const CleanOptions& clean) {
  Source out;
  if (source.files.empty() == source.sql.empty()) {
    invalid("data: name event files or give data.sql, and not both");
  }
  if (!source.preset.empty()) out.preset = &presets().find(source.preset);
  std::string table;
  if (source.sql.empty()) {
    out.files = expand(source.files);
    order_files(out.files, out.preset);
    out.layout = look_at(out.files.front());
    if (out.layout.format != Format::kText) {
      check_same_layout(out.files, out.layout);
    }
    table = table_sql(out.files, out.layout);
  } else {
    read_columns_of_select(out, source.sql);
    table = "(" + source.sql + ")";
  }
  if (out.preset != nullptr) {
    out.sql = out.preset->events_sql();
    out.whole_lines = out.sql.find("unnest(") == std::string::npos;
    replace_all(out.sql, "$table", table);
    replace_all(out.sql, "$lines", lines_sql(out.files));
    replace_all(out.sql, "$files", list_sql(out.files));
  } else {
    if (columns.user.empty() && columns.item.empty()) {
      invalid("data: no preset and no [columns]; run ensue init " +
              (out.files.empty() ? "FILE" : out.files[0]) + " first");
    }
    out.sql = selected(out, table, columns, clean);
  }
  add_side_tables(out, source, columns);
  finish(out);
  return out;
}

}  // namespace ensue::data
