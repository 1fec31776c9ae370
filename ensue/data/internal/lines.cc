// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/internal/lines.h"

#include "ensue/base/error.h"
#include "ensue/data/internal/source.h"

namespace ensue::data {

bool is_compressed(const std::string& file) {
  return file.ends_with(".gz") || file.ends_with(".zst");
}

Lines::Lines(const std::string& file) {
  if (!is_compressed(file)) {
    plain_.open(file, std::ios::binary);
    if (!plain_) throw Error(Code::kNotFound, file + ": cannot open");
    return;
  }
  database_ = std::make_unique<Connection>(Connection::Options{.threads = 1});
  rows_.emplace(database_->stream("SELECT line FROM " + lines_sql({file})));
}

std::optional<std::string> Lines::next() {
  if (!database_) {
    std::string line;
    if (!std::getline(plain_, line)) return std::nullopt;
    if (line.ends_with('\r')) line.pop_back();
    return line;
  }
  while (!chunk_ || at_ == chunk_->size()) {
    chunk_.reset();
    auto chunk = rows_->next();
    if (!chunk) return std::nullopt;
    chunk_.emplace(std::move(*chunk));
    at_ = 0;
  }
  const std::size_t row = at_++;
  if (!(*chunk_)[0].has(row)) return std::string();
  return std::string((*chunk_)[0].text(row));
}

}  // namespace ensue::data
