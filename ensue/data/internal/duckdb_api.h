// SPDX-License-Identifier: Apache-2.0
// The part of DuckDB's stable C API that this room calls, declared by hand:
// the library comes without its header and is opened at run time.
#pragma once

#include <cstdint>

namespace ensue::data::capi {

enum class State : int { kSuccess = 0, kError = 1 };

/// DUCKDB_TYPE of duckdb.h; the ones that are read or written here.
enum class Type : int {
  kInvalid = 0,
  kBoolean = 1,
  kInt8 = 2,
  kInt16 = 3,
  kInt32 = 4,
  kInt64 = 5,
  kUInt8 = 6,
  kUInt16 = 7,
  kUInt32 = 8,
  kUInt64 = 9,
  kFloat = 10,
  kDouble = 11,
  kTimestamp = 12,  // microseconds
  kDate = 13,       // days
  kVarchar = 17,
  kTimestampS = 20,
  kTimestampMs = 21,
  kTimestampNs = 22,
  kTimestampTz = 31,  // microseconds, UTC
};

/// Up to 12 bytes lie inside, longer ones behind the pointer.
struct String {
  std::uint32_t length;
  char prefix[4];
  union {
    char rest[8];
    const char* pointer;
  };
};

struct Result {
  std::uint64_t unused_counts[3];
  void* unused_columns;
  char* unused_error;
  void* internal;
};

using Handle = void*;
using Destroy = void (*)(void*);
using Callback = void (*)(Handle info);
using Fill = void (*)(Handle info, Handle chunk);

/// The functions, named as in duckdb.h without its prefix.
struct Api {
  const char* (*library_version)();
  State (*create_config)(Handle*);
  State (*set_config)(Handle, const char*, const char*);
  void (*destroy_config)(Handle*);
  State (*open_ext)(const char*, Handle*, Handle, char**);
  void (*close)(Handle*);
  State (*connect)(Handle, Handle*);
  void (*disconnect)(Handle*);
  void (*free)(void*);
  State (*query)(Handle, const char*, Result*);
  State (*prepare)(Handle, const char*, Handle*);
  const char* (*prepare_error)(Handle);
  void (*destroy_prepare)(Handle*);
  State (*pending_prepared_streaming)(Handle, Handle*);
  const char* (*pending_error)(Handle);
  State (*execute_pending)(Handle, Result*);
  void (*destroy_pending)(Handle*);
  void (*destroy_result)(Result*);
  const char* (*result_error)(Result*);
  std::uint64_t (*column_count)(Result*);
  const char* (*column_name)(Result*, std::uint64_t);
  Type (*column_type)(Result*, std::uint64_t);
  Handle (*fetch_chunk)(Result);
  void (*destroy_data_chunk)(Handle*);
  std::uint64_t (*data_chunk_get_size)(Handle);
  void (*data_chunk_set_size)(Handle, std::uint64_t);
  Handle (*data_chunk_get_vector)(Handle, std::uint64_t);
  void* (*vector_get_data)(Handle);
  std::uint64_t* (*vector_get_validity)(Handle);
  void (*vector_ensure_validity_writable)(Handle);
  void (*vector_assign_string_element_len)(Handle, std::uint64_t, const char*,
                                           std::uint64_t);
  std::uint64_t (*vector_size)();
  Handle (*create_logical_type)(Type);
  void (*destroy_logical_type)(Handle*);
  Handle (*create_table_function)();
  void (*destroy_table_function)(Handle*);
  void (*table_function_set_name)(Handle, const char*);
  void (*table_function_set_extra_info)(Handle, void*, Destroy);
  void (*table_function_set_bind)(Handle, Callback);
  void (*table_function_set_init)(Handle, Callback);
  void (*table_function_set_function)(Handle, Fill);
  State (*register_table_function)(Handle, Handle);
  void* (*bind_get_extra_info)(Handle);
  void (*bind_add_result_column)(Handle, const char*, Handle);
  void (*bind_set_cardinality)(Handle, std::uint64_t, bool);
  void* (*function_get_extra_info)(Handle);
  void (*function_set_error)(Handle, const char*);
  void* (*init_get_extra_info)(Handle);

  /// Calls `f(name, pointer)` for each.
  void visit(auto&& f) {
    f("library_version", library_version);
    f("create_config", create_config);
    f("set_config", set_config);
    f("destroy_config", destroy_config);
    f("open_ext", open_ext);
    f("close", close);
    f("connect", connect);
    f("disconnect", disconnect);
    f("free", free);
    f("query", query);
    f("prepare", prepare);
    f("prepare_error", prepare_error);
    f("destroy_prepare", destroy_prepare);
    f("pending_prepared_streaming", pending_prepared_streaming);
    f("pending_error", pending_error);
    f("execute_pending", execute_pending);
    f("destroy_pending", destroy_pending);
    f("destroy_result", destroy_result);
    f("result_error", result_error);
    f("column_count", column_count);
    f("column_name", column_name);
    f("column_type", column_type);
    f("fetch_chunk", fetch_chunk);
    f("destroy_data_chunk", destroy_data_chunk);
    f("data_chunk_get_size", data_chunk_get_size);
    f("data_chunk_set_size", data_chunk_set_size);
    f("data_chunk_get_vector", data_chunk_get_vector);
    f("vector_get_data", vector_get_data);
    f("vector_get_validity", vector_get_validity);
    f("vector_ensure_validity_writable", vector_ensure_validity_writable);
    f("vector_assign_string_element_len", vector_assign_string_element_len);
    f("vector_size", vector_size);
    f("create_logical_type", create_logical_type);
    f("destroy_logical_type", destroy_logical_type);
    f("create_table_function", create_table_function);
    f("destroy_table_function", destroy_table_function);
    f("table_function_set_name", table_function_set_name);
    f("table_function_set_extra_info", table_function_set_extra_info);
    f("table_function_set_bind", table_function_set_bind);
    f("table_function_set_init", table_function_set_init);
    f("table_function_set_function", table_function_set_function);
    f("register_table_function", register_table_function);
    f("bind_get_extra_info", bind_get_extra_info);
    f("bind_add_result_column", bind_add_result_column);
    f("bind_set_cardinality", bind_set_cardinality);
    f("function_get_extra_info", function_get_extra_info);
    f("function_set_error", function_set_error);
    f("init_get_extra_info", init_get_extra_info);
  }
};

}  // namespace ensue::data::capi
