// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/internal/duckdb.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "ensue/base/error.h"

namespace ensue::data {
namespace {

using capi::Handle;
using capi::State;
using capi::Type;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// DuckDB says much over many lines; one line is enough.
[[noreturn]] void fail(const char* message) {
  const std::string_view all = message == nullptr ? "unknown error" : message;
  const bool full =
      contains(all, "No space left") || contains(all, "File too large") ||
      contains(all, "Disk quota") || contains(all, "Out of Memory") ||
      contains(all, "Could not write");
  const bool absent =
      contains(all, "No files found") || contains(all, "No such file");
  throw Error(full     ? Code::kUnavailable
              : absent ? Code::kNotFound
                       : Code::kInvalidArgument,
              std::string(all.substr(0, all.find('\n'))));
}

void must(State state, const char* what) {
  if (state != State::kSuccess) {
    throw Error(Code::kUnavailable, std::string("DuckDB: cannot ") + what);
  }
}

}  // namespace

Vector::Vector(Type type, Handle vector)
    : type_(type),
      data_(duckdb().vector_get_data(vector)),
      validity_(duckdb().vector_get_validity(vector)) {}

double Vector::number(std::size_t row) const noexcept {
  if (type_ == Type::kFloat) return data<float>()[row];
  if (type_ == Type::kDouble) return data<double>()[row];
  return static_cast<double>(integer(row));
}

std::int64_t Vector::integer(std::size_t row) const noexcept {
  switch (type_) {
    case Type::kBoolean:
    case Type::kUInt8:
      return data<std::uint8_t>()[row];
    case Type::kInt8:
      return data<std::int8_t>()[row];
    case Type::kInt16:
      return data<std::int16_t>()[row];
    case Type::kUInt16:
      return data<std::uint16_t>()[row];
    case Type::kInt32:
    case Type::kDate:
      return data<std::int32_t>()[row];
    case Type::kUInt32:
      return data<std::uint32_t>()[row];
    case Type::kFloat:
      return static_cast<std::int64_t>(data<float>()[row]);
    case Type::kDouble:
      return static_cast<std::int64_t>(data<double>()[row]);
    default:
      return data<std::int64_t>()[row];
  }
}

Chunk::Chunk(Handle chunk, const std::vector<Type>& types)
    : chunk_(chunk), size_(duckdb().data_chunk_get_size(chunk)) {
  vectors_.reserve(types.size());
  for (std::size_t c = 0; c < types.size(); ++c) {
    vectors_.emplace_back(types[c], duckdb().data_chunk_get_vector(chunk, c));
  }
}

Chunk::Chunk(Chunk&& other) noexcept
    : chunk_(std::exchange(other.chunk_, nullptr)),
      size_(other.size_),
      vectors_(std::move(other.vectors_)) {}

Chunk::~Chunk() {
  if (chunk_ != nullptr) duckdb().destroy_data_chunk(&chunk_);
}

Rows::Rows(const capi::Result& result) : result_(result) {
  for (std::uint64_t c = 0; c < duckdb().column_count(&result_); ++c) {
    names_.emplace_back(duckdb().column_name(&result_, c));
    types_.push_back(duckdb().column_type(&result_, c));
  }
}

Rows::Rows(Rows&& other) noexcept
    : result_(std::exchange(other.result_, capi::Result{})),
      names_(std::move(other.names_)),
      types_(std::move(other.types_)) {}

Rows::~Rows() {
  if (result_.internal != nullptr) duckdb().destroy_result(&result_);
}

std::optional<std::size_t> Rows::find(std::string_view name) const noexcept {
  const auto it = std::find(names_.begin(), names_.end(), name);
  if (it == names_.end()) return std::nullopt;
  return static_cast<std::size_t>(it - names_.begin());
}

std::optional<Chunk> Rows::next() {
  const Handle chunk = duckdb().fetch_chunk(result_);
  if (chunk == nullptr) {
    const char* error = duckdb().result_error(&result_);
    if (error != nullptr) fail(error);
    return std::nullopt;
  }
  return Chunk(chunk, types_);
}

void* TableSource::Sink::raw(std::size_t column) const {
  return duckdb().vector_get_data(
      duckdb().data_chunk_get_vector(chunk_, column));
}

std::uint64_t* TableSource::Sink::validity(std::size_t column) const {
  const Handle vector = duckdb().data_chunk_get_vector(chunk_, column);
  duckdb().vector_ensure_validity_writable(vector);
  return duckdb().vector_get_validity(vector);
}

void TableSource::Sink::set_null(std::size_t column, std::size_t row) const {
  validity(column)[row / 64] &= ~(1ULL << (row % 64));
}

void TableSource::Sink::set_text(std::size_t column, std::size_t row,
                                 std::string_view text) const {
  duckdb().vector_assign_string_element_len(
      duckdb().data_chunk_get_vector(chunk_, column), row, text.data(),
      text.size());
}

Connection::Connection(const Options& options) {
  const capi::Api& api = duckdb();
  Handle config = nullptr;
  must(api.create_config(&config), "make a configuration");
  const auto set = [&](const char* name, const std::string& value) {
    if (!value.empty()) {
      if (api.set_config(config, name, value.c_str()) != State::kSuccess) {
        api.destroy_config(&config);
        invalid(std::string("DuckDB: ") + name + " = '" + value +
                "' is not understood");
      }
    }
  };
  set("memory_limit", options.memory);
  set("temp_directory", options.temp_folder);
  set("threads", options.threads > 0 ? std::to_string(options.threads) : "");
  set("preserve_insertion_order", "true");
  set("autoinstall_known_extensions", "false");
  char* error = nullptr;
  const State state =
      api.open_ext(options.path.c_str(), &database_, config, &error);
  api.destroy_config(&config);
  if (state != State::kSuccess) {
    const std::string text = error == nullptr ? "cannot open" : error;
    api.free(error);
    fail(text.c_str());
  }
  must(api.connect(database_, &connection_), "connect");
  run("SET TimeZone = 'UTC'");
}

Connection::~Connection() {
  if (connection_ != nullptr) duckdb().disconnect(&connection_);
  if (database_ != nullptr) duckdb().close(&database_);
}

Rows Connection::run(const std::string& sql) {
  capi::Result result{};
  if (duckdb().query(connection_, sql.c_str(), &result) != State::kSuccess) {
    const Rows failed(result);
    fail(duckdb().result_error(&result));
  }
  return Rows(result);
}

Rows Connection::stream(const std::string& sql) {
  const capi::Api& api = duckdb();
  Handle statement = nullptr, pending = nullptr;
  const struct Guard {
    Handle *statement, *pending;
    ~Guard() {
      if (*pending != nullptr) duckdb().destroy_pending(pending);
      if (*statement != nullptr) duckdb().destroy_prepare(statement);
    }
  } guard{&statement, &pending};
  if (api.prepare(connection_, sql.c_str(), &statement) != State::kSuccess) {
    fail(api.prepare_error(statement));
  }
  if (api.pending_prepared_streaming(statement, &pending) != State::kSuccess) {
    fail(api.pending_error(pending));
  }
  capi::Result result{};
  if (api.execute_pending(pending, &result) != State::kSuccess) {
    const Rows failed(result);
    fail(api.result_error(&result));
  }
  return Rows(result);
}

std::optional<std::string> Connection::value(const std::string& sql) {
  Rows rows = run("SELECT CAST((" + sql + ") AS VARCHAR)");
  const auto chunk = rows.next();
  if (!chunk || chunk->size() == 0 || !(*chunk)[0].has(0)) return std::nullopt;
  return std::string((*chunk)[0].text(0));
}

void Connection::add_table(const std::string& name, const TableSource& source) {
  const capi::Api& api = duckdb();
  Handle function = api.create_table_function();
  api.table_function_set_name(function, name.c_str());
  api.table_function_set_extra_info(function, const_cast<TableSource*>(&source),
                                    nullptr);
  api.table_function_set_bind(function, [](Handle info) {
    const auto& table =
        *static_cast<const TableSource*>(duckdb().bind_get_extra_info(info));
    for (const TableSource::Field& field : table.fields) {
      Handle type = duckdb().create_logical_type(field.type);
      duckdb().bind_add_result_column(info, field.name.c_str(), type);
      duckdb().destroy_logical_type(&type);
    }
    duckdb().bind_set_cardinality(info, table.rows, true);
  });
  api.table_function_set_init(function, [](Handle info) {
    static_cast<const TableSource*>(duckdb().init_get_extra_info(info))
        ->rewind();
  });
  api.table_function_set_function(function, [](Handle info, Handle chunk) {
    const auto& table = *static_cast<const TableSource*>(
        duckdb().function_get_extra_info(info));
    try {
      const TableSource::Sink sink(chunk, duckdb().vector_size());
      duckdb().data_chunk_set_size(chunk, table.fill(sink));
    } catch (const std::exception& error) {
      duckdb().function_set_error(info, error.what());
    }
  });
  const State state = api.register_table_function(connection_, function);
  api.destroy_table_function(&function);
  must(state, "register a table");
}

std::string sql_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "''" : std::string(1, c);
  return out + "'";
}

std::string sql_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

}  // namespace ensue::data
