// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/internal/locate.h"

#include <algorithm>
#include <set>
#include <string>

#include "ensue/data/internal/duckdb.h"
#include "ensue/data/internal/lines.h"

namespace ensue::data {
namespace {

// Walks the lines of delimited files as the CSV reader does: a record ends
// with the line where its quotes close, blank lines and records of another
// width are no rows.
class LineWalk {
 public:
  LineWalk(const Source& source, std::set<std::uint64_t> wanted)
      : source_(source), wanted_(std::move(wanted)) {}

  std::map<std::uint64_t, SampleRow> run() {
    for (const std::string& file : source_.files) {
      if (!wanted_.empty()) walk(file);
    }
    return std::move(found_);
  }

 private:
  void walk(const std::string& file) {
    Lines lines(file);
    bool header = source_.layout.header;
    std::string record;
    std::uint64_t number = 0, start = 0;
    while (const auto line = lines.next()) {
      ++number;
      if (record.empty()) start = number;
      if (!record.empty()) record += '\n';
      record += *line;
      if (open_quote(record)) continue;
      const bool row = is_row(record);
      if (row && !header) take(file, start, record);
      header = header && !row;
      record.clear();
      if (wanted_.empty()) return;
    }
  }

  bool open_quote(const std::string& record) const {
    return source_.layout.quoted &&
           std::count(record.begin(), record.end(), '"') % 2 != 0;
  }

  bool is_row(const std::string& record) const {
    if (record.empty()) return false;
    if (source_.layout.format != Format::kDelimited) return true;
    const auto& delimiter = source_.layout.delimiter;
    if (!source_.layout.quoted || record.find('"') == std::string::npos) {
      std::size_t width = 1;
      for (std::size_t at = 0;
           (at = record.find(delimiter, at)) != std::string::npos;
           at += delimiter.size()) {
        ++width;
      }
      return width == source_.layout.columns.size();
    }
    const auto fields = split_records(record, delimiter, true, 1);
    return !fields.empty() && fields[0].size() == source_.layout.columns.size();
  }

  void take(const std::string& file, std::uint64_t line,
            const std::string& record) {
    const auto it = wanted_.find(place_++);
    if (it == wanted_.end()) return;
    found_[*it] = {file, line, record};
    wanted_.erase(it);
  }

  const Source& source_;
  std::set<std::uint64_t> wanted_;
  std::map<std::uint64_t, SampleRow> found_;
  std::uint64_t place_ = 0;
};

// Any other source: the event as it was read, without a line.
std::map<std::uint64_t, SampleRow> walk_events(const Source& source,
                                               std::set<std::uint64_t> wanted) {
  std::map<std::uint64_t, SampleRow> out;
  Connection connection;
  Rows rows = connection.stream("SELECT to_json(e)::VARCHAR FROM (" +
                                source.sql + ") e");
  std::uint64_t place = 0;
  const std::string file = source.files.size() == 1 ? source.files[0] : "";
  while (const auto chunk = rows.next()) {
    const std::uint64_t end = place + chunk->size();
    while (!wanted.empty() && *wanted.begin() < end) {
      const std::uint64_t seq = *wanted.begin();
      const bool own = source.whole_lines && !file.empty();
      out[seq] = {file, own ? seq + 1 : 0,
                  std::string((*chunk)[0].text(seq - place))};
      wanted.erase(wanted.begin());
    }
    place = end;
    if (wanted.empty()) break;
  }
  return out;
}

}  // namespace

std::map<std::uint64_t, SampleRow> locate_rows(
    const Source& source, const std::vector<std::uint64_t>& places) {
  std::set<std::uint64_t> wanted(places.begin(), places.end());
  wanted.erase(wanted.lower_bound(1ULL << 48), wanted.end());
  if (wanted.empty()) return {};
  if (source.layout.format == Format::kDelimited && source.whole_lines &&
      !source.files.empty()) {
    return LineWalk(source, std::move(wanted)).run();
  }
  return walk_events(source, std::move(wanted));
}

}  // namespace ensue::data
