// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/dataset.h"

#include <cmath>
#include <limits>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/file.h"
#include "ensue/base/hash.h"
#include "ensue/data/internal/cache.h"
#include "ensue/data/internal/context.h"
#include "ensue/data/internal/duckdb.h"
#include "ensue/data/internal/manifest.h"

namespace ensue::data {
namespace {

namespace fs = std::filesystem;
using capi::Type;

[[noreturn]] void corrupt(const fs::path& path, const std::string& what) {
  throw Error(Code::kCorrupt, path.string() + ": " + what);
}

// DuckDB's complaint about a file of ours means that the file is damaged.
template <class Body>
auto reading(const fs::path& path, Body&& body) {
  try {
    return body();
  } catch (const Error& error) {
    if (error.code() == Code::kUnavailable || error.code() == Code::kCorrupt) {
      throw;
    }
    corrupt(path, error.what());
  }
}

events::Vocabulary read_names(Connection& database, const fs::path& path) {
  return reading(path, [&] {
    std::vector<std::string> names;
    Rows rows =
        database.stream("SELECT id::BIGINT AS id, name FROM read_parquet(" +
                        sql_text(path.string()) + ")");
    while (const auto chunk = rows.next()) {
      for (std::size_t i = 0; i < chunk->size(); ++i) {
        const auto id = static_cast<std::size_t>((*chunk)[0].integer(i));
        if (id != names.size() || !(*chunk)[1].has(i)) {
          corrupt(path, "ids are not 0, 1, 2, … at row " +
                            std::to_string(names.size()));
        }
        names.emplace_back((*chunk)[1].text(i));
      }
    }
    return events::Vocabulary::from_names(std::span<const std::string>(names));
  });
}

constexpr std::size_t kNarrow = 6;  // columns read before those of context

struct ProgressReport {
  const ProgressFn& to;
  std::size_t events;  // in all

  void operator()(std::size_t done) const {
    if (!to) return;
    to({"making the cache", static_cast<double>(done),
        static_cast<double>(events), ""});
  }
};

// Appends one chunk without its context; users must not fall.
void append(const Chunk& chunk, ColumnStore& out, std::int64_t& user,
            const fs::path& path) {
  constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
  for (std::size_t i = 0; i < chunk.size(); ++i) {
    const std::int64_t next = chunk[0].integer(i);
    if (next < user ||
        static_cast<std::size_t>(next) + 1 >= out.offsets.size()) {
      corrupt(path, "users are out of order at event " +
                        std::to_string(out.items.size()));
    }
    for (; user < next; ++user) {
      out.offsets[static_cast<std::size_t>(user) + 1] = out.items.size();
    }
    out.items.push_back(
        chunk[1].has(i)
            ? events::ItemId{static_cast<std::uint32_t>(chunk[1].integer(i))}
            : events::kNoItem);
    out.actions.push_back(static_cast<events::ActionId>(chunk[2].integer(i)));
    out.times.push_back(events::Millis{chunk[3].integer(i)});
    out.values.push_back(
        chunk[4].has(i) ? static_cast<float>(chunk[4].number(i)) : kMissing);
    out.seqs.push_back(static_cast<std::uint64_t>(chunk[5].integer(i)));
  }
}

// Adds the context columns of the schema to `names`, which has all others.
std::shared_ptr<ColumnStore> read_events(Connection& database,
                                         const fs::path& path,
                                         const events::Schema& schema,
                                         events::Log::Names& names,
                                         const ProgressReport& progress) {
  const std::size_t users = names.users.size(), events = progress.events;
  return reading(path, [&] {
    auto out = std::make_shared<ColumnStore>();
    out->offsets.assign(users + 1, 0);
    out->items.reserve(events);
    out->actions.reserve(events);
    out->times.reserve(events);
    out->values.reserve(events);
    out->seqs.reserve(events);
    const std::string from =
        " FROM read_parquet(" + sql_text(path.string()) + ")";
    ContextReader context(database, from, schema.context);
    out->context.reserve(events * schema.context.size());
    const Rows typed = database.run("SELECT \"time\"" + from + " LIMIT 0");
    const bool places = typed.types()[0] == Type::kInt64;
    Rows rows =
        database.stream(std::string("SELECT user_id, item_id, action_id, ") +
                        (places ? "\"time\"" : "epoch_ms(\"time\")") +
                        ", value, seq" + context.selection() + from);
    std::int64_t user = 0;
    while (const auto chunk = rows.next()) {
      append(*chunk, *out, user, path);
      context.append(*chunk, kNarrow, out->context);
      progress(out->items.size());
    }
    names.context = context.columns();
    for (auto u = static_cast<std::size_t>(user); u < users; ++u) {
      out->offsets[u + 1] = out->items.size();
    }
    return out;
  });
}

events::Column empty_column(const std::string& name, Type type,
                            std::size_t rows) {
  if (type == Type::kVarchar) {
    return {name, std::vector<std::string>(rows)};
  }
  return {name,
          std::vector<double>(rows, std::numeric_limits<double>::quiet_NaN())};
}

std::string as_text_or_number(Rows& described) {
  std::string out;
  while (const auto chunk = described.next()) {
    for (std::size_t i = 0; i < chunk->size(); ++i) {
      const std::string name((*chunk)[0].text(i)), type((*chunk)[1].text(i));
      if (name == "id" || name == "name") continue;
      const bool number = type.ends_with("INT") || type == "INTEGER" ||
                          type == "DOUBLE" || type == "FLOAT" ||
                          type.starts_with("DECIMAL") || type == "BOOLEAN";
      out += ", CAST(" + sql_name(name) + " AS " +
             (number ? "DOUBLE" : "VARCHAR") + ") AS " + sql_name(name);
    }
  }
  return out;
}

events::Table read_table(Connection& database, const fs::path& path,
                         std::size_t size) {
  return reading(path, [&] {
    const std::string from =
        "FROM read_parquet(" + sql_text(path.string()) + ")";
    Rows described = database.run(
        "SELECT column_name, column_type FROM (DESCRIBE SELECT * " + from +
        ")");
    const std::string columns = as_text_or_number(described);
    events::Table out;
    if (columns.empty()) return out;
    Rows rows =
        database.stream("SELECT id::BIGINT AS id" + columns + " " + from);
    for (std::size_t c = 1; c < rows.names().size(); ++c) {
      out.columns.push_back(
          empty_column(rows.names()[c], rows.types()[c], size));
      if (rows.names()[c] == "known_since") out.known_since = "known_since";
    }
    while (const auto chunk = rows.next()) {
      for (std::size_t i = 0; i < chunk->size(); ++i) {
        const auto id = static_cast<std::size_t>((*chunk)[0].integer(i));
        if (id >= size) corrupt(path, "has an id that no item has");
        for (std::size_t c = 0; c < out.columns.size(); ++c) {
          const Vector& cells = (*chunk)[c + 1];
          if (!cells.has(i)) continue;
          auto& column = out.columns[c].cells;
          if (auto* texts = std::get_if<0>(&column)) {
            (*texts)[id] = cells.text(i);
          } else {
            std::get<1>(column)[id] = cells.number(i);
          }
        }
      }
    }
    return out;
  });
}

}  // namespace

Dataset Dataset::open(const fs::path& folder, bool verify) {
  Dataset out;
  out.folder_ = folder;
  out.manifest_ = read_manifest(folder, verify);
  return out;
}

events::Log Dataset::log(const ProgressFn& progress) const {
  const events::Schema schema = events::Schema::from_json(
      manifest_.at("schema"), (folder_ / "manifest.json").string());
  const std::uint64_t key = checksum(to_text(manifest_));
  const fs::path cache = folder_ / "cache" / "columns.bin";
  auto parts = read_cache(cache, key, schema.context);
  Connection database;
  if (!parts) {
    events::Log::Names names{read_names(database, folder_ / "users.parquet"),
                             read_names(database, folder_ / "items.parquet"),
                             read_names(database, folder_ / "actions.parquet")};
    const auto events =
        manifest_.at("counts").at("events").to_number<std::size_t>();
    auto store = read_events(database, folder_ / "events.parquet", schema,
                             names, {progress, events});
    try {
      fs::create_directories(cache.parent_path());
      write_cache(cache, key, store->view(), names);
    } catch (const std::exception&) {
      // A dataset that cannot be written to is read each time.
    }
    const auto view = store->view();
    parts = LogParts{std::move(names), view, std::move(store)};
  }
  events::Log log(schema, std::move(parts->names), parts->columns,
                  std::move(parts->storage));
  events::Table items =
      read_table(database, folder_ / "items.parquet", log.items());
  if (!items.columns.empty()) log.set_item_table(std::move(items));
  return log;
}

}  // namespace ensue::data
