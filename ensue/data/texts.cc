// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/texts.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/data/internal/context.h"
#include "ensue/data/internal/duckdb.h"

namespace ensue::data {
namespace {

constexpr const char* kText = "text";

// A log's cells with one more column, and the log whose others they are.
struct Widened {
  events::Log log;
  std::vector<events::Cell> cells;
};

bool has_texts(Connection& database, const std::string& from) {
  return database
             .value("SELECT count(*) FROM (DESCRIBE SELECT *" + from +
                    ") WHERE column_name = 'text'")
             .value_or("0") != "0";
}

std::vector<events::Cell> interleaved(const events::Log& log,
                                      std::span<const events::Cell> texts) {
  const std::size_t width = log.context().size();
  const auto narrow = log.columns().context;
  std::vector<events::Cell> out;
  out.reserve(texts.size() * (width + 1));
  for (std::size_t e = 0; e < texts.size(); ++e) {
    for (std::size_t c = 0; c < width; ++c) {
      out.push_back(narrow[e * width + c]);
    }
    out.push_back(texts[e]);
  }
  return out;
}

}  // namespace

events::Log log_with_texts(const Dataset& dataset) {
  const events::Log log = dataset.log();
  const bool taken =
      std::ranges::find(log.context(), kText, &events::ContextColumn::name) !=
      log.context().end();
  const auto path = dataset.folder() / "events.parquet";
  const std::string from =
      " FROM read_parquet(" + sql_text(path.string()) + ")";
  Connection database;
  if (taken || !has_texts(database, from)) return log;

  ContextReader reader(database, from, {kText});
  std::vector<events::Cell> texts;
  Rows rows = database.stream("SELECT 0" + reader.selection() + from);
  while (const auto chunk = rows.next()) reader.append(*chunk, 1, texts);
  if (texts.size() != log.size()) {
    throw Error(Code::kCorrupt,
                path.string() + ": " + std::to_string(texts.size()) +
                    " texts, expected " + std::to_string(log.size()));
  }
  auto widened = std::make_shared<Widened>(log, interleaved(log, texts));
  events::Schema schema = log.schema();
  schema.context.emplace_back(kText);
  events::Log::Names names{log.user_names(), log.item_names(),
                           log.action_names(), log.context()};
  names.context.push_back(std::move(reader.columns()[0]));
  events::Log::Columns columns = log.columns();
  columns.context = widened->cells;
  events::Log out(std::move(schema), std::move(names), columns, widened);
  out.set_item_table(log.item_table());
  return out;
}

}  // namespace ensue::data
