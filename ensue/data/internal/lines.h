// SPDX-License-Identifier: Apache-2.0
// The lines of a text file, also a compressed one.
#pragma once

#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "ensue/data/internal/duckdb.h"

namespace ensue::data {

/// One after another, without their ends (\n or \r\n). In a compressed file a
/// lone \r ends a line too.
class Lines {
 public:
  /// @throws Error(kNotFound).
  explicit Lines(const std::string& file);
  std::optional<std::string> next();

 private:
  std::ifstream plain_;
  std::unique_ptr<Connection> database_;
  std::optional<Rows> rows_;
  std::optional<Chunk> chunk_;
  std::size_t at_ = 0;
};

/// Does the name end in .gz or .zst?
bool is_compressed(const std::string& file);

}  // namespace ensue::data
