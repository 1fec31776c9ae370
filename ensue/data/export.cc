// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/export.h"

#include <algorithm>
#include <cmath>

#include "ensue/data/internal/copy_out.h"

namespace ensue::data {
namespace {

// Hands the table's rows to DuckDB, piece by piece.
class Feed {
 public:
  explicit Feed(const events::Table& table) : table_(table) {}

  TableSource source() {
    TableSource out;
    for (const events::Column& c : table_.columns) {
      out.fields.push_back(
          {c.name, c.is_text() ? capi::Type::kVarchar : capi::Type::kDouble});
    }
    out.rows = table_.rows();
    out.fill = [this](const TableSource::Sink& sink) { return fill(sink); };
    out.rewind = [this] { next_ = 0; };
    return out;
  }

 private:
  std::size_t fill(const TableSource::Sink& sink) {
    const std::size_t n = std::min(sink.capacity(), table_.rows() - next_);
    for (std::size_t c = 0; c < table_.columns.size(); ++c) {
      const events::Column& column = table_.columns[c];
      for (std::size_t row = 0; row < n; ++row) {
        put(sink, c, row, column, next_ + row);
      }
    }
    next_ += n;
    return n;
  }

  static void put(const TableSource::Sink& sink, std::size_t c, std::size_t row,
                  const events::Column& column, std::size_t from) {
    if (column.is_text()) {
      sink.set_text(c, row, column.text(from));
    } else if (std::isnan(column.number(from))) {
      sink.set_null(c, row);
    } else {
      sink.data<double>(c)[row] = column.number(from);
    }
  }

  const events::Table& table_;
  std::size_t next_ = 0;
};

std::string selection(const events::Table& table,
                      const std::vector<std::string>& whole) {
  std::string out;
  for (const events::Column& c : table.columns) {
    const bool integer =
        std::find(whole.begin(), whole.end(), c.name) != whole.end();
    const std::string name = sql_name(c.name);
    out += (out.empty() ? "" : ", ") +
           (integer ? "CAST(" + name + " AS BIGINT) AS " + name : name);
  }
  return out;
}

}  // namespace

void write_table(const std::filesystem::path& path, const events::Table& table,
                 const std::vector<std::string>& whole) {
  Feed feed(table);
  const TableSource source = feed.source();
  Connection database;
  database.add_table("answers", source);
  copy_out(database, "SELECT " + selection(table, whole) + " FROM answers()",
           path);
}

}  // namespace ensue::data
