// SPDX-License-Identifier: Apache-2.0
// Finds and opens the shared library.
#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <type_traits>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/data/internal/duckdb.h"
#include "ensue/data/version.h"

namespace ensue::data {
namespace {

namespace fs = std::filesystem;

fs::path program_folder() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored).parent_path();
}

std::vector<std::string> places() {
  std::vector<std::string> out;
  if (const char* named = std::getenv("ENSUE_DUCKDB"); named != nullptr) {
    return {named};
  }
  const fs::path program = program_folder();
  out.push_back((program / "libduckdb.so").string());
  out.push_back((program / "../lib/libduckdb.so").lexically_normal().string());
  out.push_back(ENSUE_DUCKDB_DEFAULT);
  out.push_back("libduckdb.so");
  return out;
}

void* open_library() {
  std::string tried;
  for (const std::string& place : places()) {
    void* library = ::dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library != nullptr) return library;
    tried += (tried.empty() ? "" : ", ") + place;
  }
  throw Error(Code::kUnavailable,
              "DuckDB is missing: no libduckdb.so at " + tried +
                  "; ./run installs it, ENSUE_DUCKDB can name it");
}

void* symbol(void* library, const std::string& name) {
  void* found = ::dlsym(library, ("duckdb_" + name).c_str());
  if (found == nullptr) {
    throw Error(Code::kUnavailable, "libduckdb.so has no duckdb_" + name +
                                        ": version 1.2 or newer is needed");
  }
  return found;
}

capi::Api load() {
  void* library = open_library();
  capi::Api api{};
  api.visit([&](const char* name, auto& function) {
    using Function = std::remove_reference_t<decltype(function)>;
    function = reinterpret_cast<Function>(symbol(library, name));
  });
  return api;
}

}  // namespace

const capi::Api& duckdb() {
  static const capi::Api api = load();
  return api;
}

std::string duckdb_version() {
  try {
    return duckdb().library_version();
  } catch (const Error&) {
    return "absent";
  }
}

}  // namespace ensue::data
