// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/internal/copy_out.h"

#include <system_error>

#include "ensue/base/error.h"

namespace ensue::data {
namespace {

namespace fs = std::filesystem;

std::string format_of(const fs::path& path) {
  const std::string ending = path.extension().string();
  if (ending == ".parquet") {
    return "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1";
  }
  if (ending == ".csv") return "FORMAT csv, HEADER";
  if (ending == ".jsonl") return "FORMAT json";
  invalid(path.string() +
          ": expected a name ending in .parquet, .csv or "
          ".jsonl");
}

}  // namespace

void copy_out(Connection& database, const std::string& select,
              const fs::path& path) {
  const std::string format = format_of(path);
  fs::path part = path;
  part += ".part";
  try {
    database.run("COPY (" + select + ") TO " + sql_text(part.string()) + " (" +
                 format + ")");
    fs::rename(part, path);
  } catch (const fs::filesystem_error& error) {
    throw Error(Code::kUnavailable,
                path.string() + ": cannot write: " + error.code().message());
  } catch (...) {
    std::error_code ignored;
    fs::remove(part, ignored);
    throw;
  }
}

}  // namespace ensue::data
