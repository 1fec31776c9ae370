// SPDX-License-Identifier: Apache-2.0
// DuckDB, opened at run time: connections, results by chunk, our own columns
// as a table.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/data/internal/duckdb_api.h"

namespace ensue::data {

/// The library's functions, loaded at the first call. Searched: $ENSUE_DUCKDB,
/// beside the program, in ../lib of it, the source tree's third_party, the
/// system. @throws Error(kUnavailable) naming where it was looked for.
const capi::Api& duckdb();

/// One column of one chunk. Valid as long as its Chunk.
class Vector {
 public:
  Vector() = default;
  Vector(capi::Type type, capi::Handle vector);

  capi::Type type() const noexcept { return type_; }
  bool has(std::size_t row) const noexcept {
    return validity_ == nullptr || (validity_[row / 64] >> (row % 64) & 1) != 0;
  }
  template <class T>
  const T* data() const noexcept {
    return static_cast<const T*>(data_);
  }
  /// Only of a kVarchar column, and only where has(row).
  std::string_view text(std::size_t row) const noexcept {
    const capi::String& s = data<capi::String>()[row];
    return {s.length <= 12 ? s.prefix : s.pointer, s.length};
  }
  /// Any number type as double; only where has(row).
  double number(std::size_t row) const noexcept;
  /// Any integer type; only where has(row).
  std::int64_t integer(std::size_t row) const noexcept;

 private:
  capi::Type type_ = capi::Type::kInvalid;
  void* data_ = nullptr;
  const std::uint64_t* validity_ = nullptr;
};

/// Up to vector_size() rows of a result.
class Chunk {
 public:
  Chunk(capi::Handle chunk, const std::vector<capi::Type>& types);
  ~Chunk();
  Chunk(Chunk&& other) noexcept;
  Chunk& operator=(Chunk&&) = delete;
  std::size_t size() const noexcept { return size_; }
  const Vector& operator[](std::size_t column) const {
    return vectors_[column];
  }

 private:
  capi::Handle chunk_;
  std::size_t size_;
  std::vector<Vector> vectors_;
};

/// The rows of a query, chunk by chunk, in order.
class Rows {
 public:
  Rows(Rows&& other) noexcept;
  Rows& operator=(Rows&&) = delete;
  ~Rows();

  const std::vector<std::string>& names() const noexcept { return names_; }
  const std::vector<capi::Type>& types() const noexcept { return types_; }
  /// Column of that name.
  std::optional<std::size_t> find(std::string_view name) const noexcept;
  /// nullopt at the end. @throws Error as Connection::run.
  std::optional<Chunk> next();

 private:
  friend class Connection;
  explicit Rows(const capi::Result& result);
  capi::Result result_;
  std::vector<std::string> names_;
  std::vector<capi::Type> types_;
};

/// Our own columns as a table for SQL; read once, in order, by one thread.
struct TableSource {
  struct Field {
    std::string name;
    capi::Type type;
  };
  /// Writes up to `capacity` rows into the chunk's vectors.
  class Sink {
   public:
    Sink(capi::Handle chunk, std::size_t capacity) noexcept
        : chunk_(chunk), capacity_(capacity) {}
    std::size_t capacity() const noexcept { return capacity_; }
    template <class T>
    T* data(std::size_t column) const {
      return static_cast<T*>(raw(column));
    }
    void set_null(std::size_t column, std::size_t row) const;
    /// One bit per row, at first all set; a cleared one makes the cell NULL.
    std::uint64_t* validity(std::size_t column) const;
    void set_text(std::size_t column, std::size_t row,
                  std::string_view text) const;

   private:
    void* raw(std::size_t column) const;
    capi::Handle chunk_;
    std::size_t capacity_;
  };

  std::vector<Field> fields;
  std::uint64_t rows = 0;  // how many there will be
  /// Fills the next rows and returns how many; 0 at the end.
  std::function<std::size_t(const Sink&)> fill;
  /// Called before each reading: start again at the first row.
  std::function<void()> rewind;
};

/// A database (":memory:" or a file) with one connection. Not thread-safe.
class Connection {
 public:
  struct Options {
    std::string path = ":memory:";
    std::string memory = {};       // "1GB"; empty: DuckDB's own default
    std::string temp_folder = {};  // where it spills
    int threads = 0;               // 0: all cores
  };
  explicit Connection(const Options& options);
  Connection() : Connection(Options{}) {}
  ~Connection();
  Connection(const Connection&) = delete;

  /// Runs one statement; its rows are kept in memory.
  /// @throws Error: kUnavailable (disk full, out of memory), kNotFound (file),
  ///   kInvalidArgument otherwise; one line, DuckDB's words.
  Rows run(const std::string& sql);
  /// The same, but rows are made while they are fetched, in order.
  Rows stream(const std::string& sql);
  /// One row, one column, as text; nullopt when NULL or no row.
  std::optional<std::string> value(const std::string& sql);
  /// Makes `source` readable as name(). It must outlive its last reading.
  void add_table(const std::string& name, const TableSource& source);

 private:
  capi::Handle database_ = nullptr, connection_ = nullptr;
};

/// 'text' and "name" as SQL.
std::string sql_text(std::string_view text);
std::string sql_name(std::string_view name);

}  // namespace ensue::data
