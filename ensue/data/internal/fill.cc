// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/internal/fill.h"

#include <algorithm>
#include <limits>

#include "ensue/base/error.h"

namespace ensue::data {
namespace {

constexpr const char* kMissingWords =
    "('', 'NA', 'N/A', 'NULL', 'null', 'NaN', 'nan', 'None', '\\N')";

bool is_number(capi::Type type) {
  return (type >= capi::Type::kInt8 && type <= capi::Type::kDouble);
}

// All numeric columns of the kept events, in final order.
struct Gathered {
  std::vector<std::string> names;  // [0]: value
  std::vector<Numbers> cells;
  std::vector<std::uint32_t> users;
  std::vector<std::int64_t> times;

  std::size_t at(const std::string& name) const {
    const auto it = std::find(names.begin(), names.end(), name);
    if (it != names.end()) return static_cast<std::size_t>(it - names.begin());
    std::string known;
    for (const auto& n : names) known += (known.empty() ? "" : ", ") + n;
    invalid("missing.columns: '" + name +
            "' is no numeric column; numeric are: " + known);
  }
};

Gathered gather(Connection& database, const Source& source) {
  Gathered out;
  out.names = {"value"};
  std::string list, from = " FROM kept_events() e";
  if (source.wide) {
    const Rows typed = database.run("SELECT * FROM raw LIMIT 0");
    for (std::size_t c = 0; c < typed.names().size(); ++c) {
      const std::string& name = typed.names()[c];
      const bool context =
          std::find(source.context.begin(), source.context.end(), name) !=
          source.context.end();
      if (!context || !is_number(typed.types()[c])) continue;
      out.names.push_back(name);
      list += ", CAST(raw." + sql_name(name) + " AS DOUBLE)";
    }
    from += " JOIN raw ON raw.rowid = e.seq ORDER BY e.place";
  }
  out.cells.resize(out.names.size());
  Rows rows = database.stream("SELECT e.user_id, CAST(e.value AS DOUBLE)" +
                              list + from);
  while (const auto chunk = rows.next()) {
    for (std::size_t i = 0; i < chunk->size(); ++i) {
      out.users.push_back(static_cast<std::uint32_t>((*chunk)[0].integer(i)));
      for (std::size_t c = 0; c < out.cells.size(); ++c) {
        const Vector& cells = (*chunk)[1 + c];
        out.cells[c].push_back(cells.has(i)
                                   ? cells.number(i)
                                   : std::numeric_limits<double>::quiet_NaN());
      }
    }
  }
  return out;
}

// Calls body(row, place) for every kept row of the store, to change it.
template <class Body>
void each_row(Reading& reading, const Arranged& arranged, const FinalIds& ids,
              Body&& body) {
  std::vector<std::uint64_t> begin(arranged.users.size());
  std::uint64_t place = 0;
  for (const std::uint32_t user : ids.users) {
    begin[user] = place;
    place += arranged.users[user].count;
  }
  for (std::size_t p = 0; p < RowStore::kUserless; ++p) {
    std::vector<Row> rows = reading.rows.load(p);
    std::uint64_t offset = 0;
    for (std::size_t i = 0; i < rows.size(); ++i, ++offset) {
      if (i > 0 && rows[i].user != rows[i - 1].user) offset = 0;
      body(rows[i], begin[rows[i].user] + offset);
    }
    reading.rows.store(p, std::move(rows));
  }
}

std::uint64_t apply(const MissingRule& rule, Gathered& all, std::size_t at) {
  Numbers& column = all.cells[at];
  if (rule.fill == Fill::kMean) return fill_mean(column);
  if (rule.fill == Fill::kMedian) return fill_median(column);
  if (rule.fill == Fill::kInterpolate) {
    return fill_interpolate(column, all.users, all.times);
  }
  std::vector<const Numbers*> others;
  for (std::size_t c = 0; c < all.cells.size(); ++c) {
    if (c != at) others.push_back(&all.cells[c]);
  }
  return fill_regress(column, others);
}

}  // namespace

void type_context(Connection& database, const Source& source) {
  const Rows typed = database.run("SELECT * FROM raw LIMIT 0");
  for (const std::string& name : source.context) {
    const auto at = typed.find(name);
    if (!at || typed.types()[*at] != capi::Type::kVarchar) continue;
    const std::string column = sql_name(name);
    const std::string present = "(SELECT " + column + " AS x FROM raw WHERE " +
                                column + " NOT IN " + kMissingWords + ")";
    const auto numbers = database.value(
        "SELECT count(*) > 0 AND count(*) = count(TRY_CAST(x AS DOUBLE)) AND "
        "NOT bool_or(regexp_matches(x, '^[+-]?0\\d')) FROM " +
        present);
    if (numbers != "true") continue;
    database.run("ALTER TABLE raw ALTER " + column +
                 " TYPE DOUBLE USING TRY_CAST(" + column + " AS DOUBLE)");
  }
}

FilledColumns fill_missing(Connection& database, const Source& source,
                           const std::vector<MissingRule>& rules,
                           Reading& reading, const Arranged& arranged,
                           const FinalIds& ids) {
  FilledColumns out;
  const bool any = std::any_of(rules.begin(), rules.end(), [](const auto& r) {
    return r.fill != Fill::kDrop;
  });
  if (!any) return out;
  Gathered all = gather(database, source);
  all.times.resize(all.users.size());
  each_row(reading, arranged, ids,
           [&](Row& row, std::uint64_t place) { all.times[place] = row.time; });
  for (const MissingRule& rule : rules) {
    if (rule.fill == Fill::kDrop) continue;
    const std::size_t at = all.at(rule.column);
    const std::uint64_t filled = apply(rule, all, at);
    out.notes.push_back("missing: " + std::to_string(filled) + " cells of '" +
                        rule.column + "' filled");
    if (at == 0) {
      each_row(reading, arranged, ids, [&](Row& row, std::uint64_t place) {
        row.value = static_cast<float>(all.cells[0][place]);
      });
    } else {
      out.names.push_back(rule.column);
      out.cells.push_back(all.cells[at]);
    }
  }
  return out;
}

}  // namespace ensue::data
