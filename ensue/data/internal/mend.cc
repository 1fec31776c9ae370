// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/internal/mend.h"

#include <algorithm>
#include <deque>
#include <fstream>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/data/internal/duckdb.h"
#include "ensue/data/internal/lines.h"

namespace ensue::data {
namespace {

namespace fs = std::filesystem;

// Where in a record a reader stands after one more of its lines.
enum class At { kEnd, kInQuotes, kBroken };

// One line by the rules of quoted fields: a quote opens only at the start of a
// field, "" inside is a quote, and behind the closing one the field ends.
At read_line(std::string_view line, const std::string& delimiter,
             bool in_quotes) {
  const auto ends_field = [&](std::size_t at) {
    return at >= line.size() || line.substr(at).starts_with(delimiter);
  };
  bool field_starts = !in_quotes;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (in_quotes) {
      if (line[i] != '"') continue;
      if (i + 1 < line.size() && line[i + 1] == '"') {
        ++i;
      } else if (ends_field(i + 1)) {
        in_quotes = false;
      } else {
        return At::kBroken;
      }
    } else if (field_starts && line[i] == '"') {
      in_quotes = true, field_starts = false;
    } else if (line.substr(i).starts_with(delimiter)) {
      i += delimiter.size() - 1;
      field_starts = true;
    } else {
      field_starts = false;
    }
  }
  return in_quotes ? At::kInQuotes : At::kEnd;
}

class Mender {
 public:
  Mender(const std::string& file, const std::string& delimiter)
      : lines_(file), delimiter_(delimiter) {}

  // The next record's lines, or one blank line where its first was given up.
  std::vector<std::string> next() {
    std::vector<std::string> record;
    std::size_t bytes = 0;
    At at = At::kEnd;
    do {
      auto line = take();
      if (!line) break;
      bytes += line->size();
      at = read_line(*line, delimiter_, at == At::kInQuotes);
      record.push_back(std::move(*line));
    } while (at == At::kInQuotes && bytes < kLongestField);
    // A broken line alone is the CSV reader's to refuse.
    if (record.empty() || at == At::kEnd ||
        (at == At::kBroken && record.size() == 1)) {
      number_ += record.size();
      return record;
    }
    waiting_.insert(waiting_.begin(), record.begin() + 1, record.end());
    given_up_.push_back({"", ++number_, std::move(record.front())});
    return {""};
  }

  std::vector<SampleRow> given_up() { return std::move(given_up_); }

 private:
  std::optional<std::string> take() {
    if (waiting_.empty()) return lines_.next();
    std::string out = std::move(waiting_.front());
    waiting_.pop_front();
    return out;
  }

  Lines lines_;
  const std::string& delimiter_;
  std::deque<std::string> waiting_;
  std::uint64_t number_ = 0;  // of the last line given
  std::vector<SampleRow> given_up_;
};

void copy_mended(Mender& mender, const fs::path& copy) {
  std::ofstream out(copy, std::ios::binary);
  for (auto record = mender.next(); !record.empty(); record = mender.next()) {
    for (const std::string& line : record) out << line << '\n';
  }
  if (!out.flush()) {
    throw Error(Code::kUnavailable, copy.string() + ": cannot write");
  }
}

}  // namespace

Mended mend_quotes(Source& source, const std::vector<std::string>& files,
                   const fs::path& folder) {
  Mended out;
  for (const std::string& file : files) {
    const fs::path own = folder / std::to_string(out.original.size());
    fs::create_directories(own);
    const fs::path name = fs::path(file).filename();
    const std::string copy =
        (own / (is_compressed(file) ? name.stem() : name)).string();
    Mender mender(file, source.layout.delimiter);
    copy_mended(mender, copy);
    for (SampleRow& line : mender.given_up()) {
      line.file = file;
      out.lines.push_back(std::move(line));
    }
    out.original[copy] = file;
    std::ranges::replace(source.files, file, copy);
    replace_all(source.sql, sql_text(file), sql_text(copy));
    replace_all(source.items_sql, sql_text(file), sql_text(copy));
    replace_all(source.users_sql, sql_text(file), sql_text(copy));
  }
  return out;
}

}  // namespace ensue::data
