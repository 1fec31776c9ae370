// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/layout.h"

#include <glob.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "ensue/base/error.h"
#include "ensue/data/internal/duckdb.h"
#include "ensue/data/internal/lines.h"
#include "ensue/data/internal/source.h"
#include "ensue/data/internal/when.h"

namespace ensue::data {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSampleLines = 500, kSampleBytes = 1 << 20;

bool ends_with_any(const std::string& file,
                   std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(), [&](auto ending) {
    return file.ends_with(ending) ||
           file.ends_with(std::string(ending) + ".gz") ||
           file.ends_with(std::string(ending) + ".zst");
  });
}

// Refuses what is plainly no table before a reader gets lost in it.
void check_head(const std::string& file) {
  std::error_code error;
  if (!fs::exists(file, error)) {
    throw Error(Code::kNotFound, file + ": no such file");
  }
  if (fs::is_directory(file, error)) {
    invalid(file + ": is a folder; name its files, such as " + file + "/*.csv");
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) throw Error(Code::kNotFound, file + ": cannot open");
  std::array<char, 4096> head{};
  in.read(head.data(), head.size());
  const std::string_view text(head.data(),
                              static_cast<std::size_t>(in.gcount()));
  if (text.empty()) invalid(file + ": is empty, expected a table of events");
  if (text.starts_with("PAR1") || is_compressed(file)) return;
  if (text.starts_with("PK\x03\x04")) {
    invalid(file + ": is a zip or Excel file; unpack it or save it as CSV");
  }
  const std::size_t zero = text.find('\0');
  if (zero != std::string_view::npos) {
    invalid(file + ": is no text: byte " + std::to_string(zero) +
            " is 0, expected CSV, JSON lines or Parquet");
  }
}

std::string first_lines(const std::string& file) {
  Lines lines(file);
  std::string out;
  for (std::size_t i = 0; i < kSampleLines && out.size() < kSampleBytes; ++i) {
    const auto line = lines.next();
    if (!line) break;
    out += *line + '\n';
  }
  return out;
}

struct Candidate {
  std::string delimiter;
  double agreement = 0;  // share of records with the most frequent width
  std::size_t width = 1;
};

Candidate judge(std::string_view text, const std::string& delimiter) {
  std::map<std::size_t, std::size_t> widths;
  std::size_t n = 0;
  for (const auto& record :
       split_records(text, delimiter, true, kSampleLines)) {
    ++widths[record.size()];
    ++n;
  }
  Candidate out{delimiter};
  for (const auto& [width, count] : widths) {
    const double share = static_cast<double>(count) / static_cast<double>(n);
    if (share > out.agreement) out.agreement = share, out.width = width;
  }
  return out;
}

// The delimiter that splits nearly all records alike; "" when none does.
std::string find_delimiter(std::string_view text) {
  Candidate best;
  for (const char* delimiter : {"::", ",", "\t", ";", "|", " "}) {
    const Candidate c = judge(text, delimiter);
    if (c.width < 2 || c.agreement < 0.9) continue;
    if (best.delimiter.empty() || c.agreement > best.agreement + 0.05 ||
        (c.width > best.width && c.agreement > best.agreement - 0.05 &&
         c.delimiter != " ")) {
      best = c;
    }
  }
  return best.delimiter;
}

bool is_header(const std::vector<std::vector<std::string>>& records) {
  const auto& first = records.front();
  std::set<std::string> distinct(first.begin(), first.end());
  if (distinct.size() != first.size()) return false;
  bool some_column_differs = false;
  for (std::size_t c = 0; c < first.size(); ++c) {
    if (looks_like_number(first[c]) || looks_like_time(first[c])) return false;
    bool typed = records.size() > 1, repeated = false;
    for (std::size_t r = 1; r < records.size(); ++r) {
      if (c >= records[r].size()) continue;
      const std::string& cell = records[r][c];
      typed = typed && (cell.empty() || looks_like_number(cell) ||
                        looks_like_time(cell));
      repeated = repeated || cell == first[c];
    }
    if (repeated && !typed) return false;
    some_column_differs = some_column_differs || typed || !repeated;
  }
  return some_column_differs;
}

void look_at_columns(const std::string& file, std::string_view text,
                     Layout& out) {
  auto records = split_records(text, out.delimiter, out.quoted, kSampleLines);
  out.header = is_header(records);
  if (out.header) {
    out.columns = records.front();
    records.erase(records.begin());
    if (records.empty()) {
      invalid(file + ": has a header and no rows, expected events below it");
    }
  }
  out.columns.resize(out.header ? out.columns.size() : records.front().size());
  for (std::size_t c = 0; c < out.columns.size(); ++c) {
    if (out.columns[c].empty()) out.columns[c] = "column" + std::to_string(c);
  }
  out.sample = std::move(records);
}

void look_at_text(const std::string& file, Layout& out) {
  std::string text = first_lines(file);
  const std::size_t begin = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  const std::string_view view = std::string_view(text).substr(begin);
  const bool blank = std::all_of(view.begin(), view.end(),
                                 [](unsigned char c) { return c <= ' '; });
  if (blank) invalid(file + ": is empty, expected a table of events");
  const auto junk = std::count_if(view.begin(), view.end(), [](char c) {
    return c >= 0 && c < ' ' && c != '\n' && c != '\t' && c != '\r';
  });
  if (static_cast<std::size_t>(junk) * 50 > view.size()) {
    invalid(file + ": is no text, expected CSV, JSON lines or Parquet");
  }
  out.delimiter = find_delimiter(view);
  if (out.delimiter.empty()) {
    out.format = Format::kText;
    out.header = false;
    out.columns = {"line"};
    for (auto& record : split_records(view, "\n", false, kSampleLines)) {
      out.lines.push_back(std::move(record[0]));
    }
    return;
  }
  out.quoted =
      out.delimiter != " " && out.delimiter != "::" &&
      (out.delimiter != "\t" || view.find("\t\"") != std::string_view::npos ||
       view.starts_with('"'));
  look_at_columns(file, view, out);
}

void look_at_typed(const std::string& file, Layout& out) {
  Connection connection;
  Rows rows = connection.run("SELECT COLUMNS(*)::VARCHAR FROM " +
                             table_sql({file}, out) + " LIMIT 100");
  out.columns = rows.names();
  while (const auto chunk = rows.next()) {
    for (std::size_t i = 0; i < chunk->size(); ++i) {
      auto& row = out.sample.emplace_back();
      for (std::size_t c = 0; c < out.columns.size(); ++c) {
        row.emplace_back((*chunk)[c].has(i) ? (*chunk)[c].text(i) : "");
      }
    }
  }
  if (out.sample.empty()) {
    invalid(file + ": has no rows, expected a table of events");
  }
}

}  // namespace

bool looks_like_number(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return !text.empty() && error == std::errc() && stop == end;
}

bool looks_like_time(std::string_view text) {
  if (text.size() < 6 || looks_like_number(text)) return false;
  const std::vector<std::string> sample = {std::string(text)};
  return TimeReader("auto", sample).read(text).has_value();
}

std::vector<std::vector<std::string>> split_records(std::string_view text,
                                                    std::string_view delimiter,
                                                    bool quoted,
                                                    std::size_t limit) {
  std::vector<std::vector<std::string>> out;
  std::vector<std::string> record(1);
  bool inside = false;
  for (std::size_t i = 0; i < text.size() && out.size() < limit; ++i) {
    const char c = text[i];
    std::string& field = record.back();
    if (inside) {
      if (c != '"') {
        field += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field += text[++i];
      } else {
        inside = false;
      }
    } else if (quoted && c == '"' && field.empty()) {
      inside = true;
    } else if (text.substr(i).starts_with(delimiter) && delimiter != "\n") {
      record.emplace_back();
      i += delimiter.size() - 1;
    } else if (c == '\n') {
      if (field.ends_with('\r')) field.pop_back();
      if (record.size() > 1 || !record[0].empty()) {
        out.push_back(std::move(record));
      }
      record.assign(1, {});
    } else {
      field += c;
    }
  }
  const bool rest = record.size() > 1 || !record[0].empty();
  if (rest && !inside && out.size() < limit) out.push_back(std::move(record));
  return out;
}

std::vector<std::string> expand(const std::vector<std::string>& patterns) {
  std::vector<std::string> out;
  for (const std::string& pattern : patterns) {
    glob_t found{};
    const int status = ::glob(pattern.c_str(), 0, nullptr, &found);
    for (std::size_t i = 0; status == 0 && i < found.gl_pathc; ++i) {
      out.emplace_back(found.gl_pathv[i]);
    }
    ::globfree(&found);
    if (status != 0) {
      throw Error(Code::kNotFound, pattern + ": no such file");
    }
  }
  return out;
}

Layout look_at(const std::string& file) {
  check_head(file);
  Layout out;
  if (ends_with_any(file, {".parquet", ".pq"})) {
    out.format = Format::kParquet;
  } else if (ends_with_any(file, {".json", ".jsonl", ".ndjson"})) {
    out.format = Format::kJsonLines;
  } else {
    look_at_text(file, out);
    return out;
  }
  look_at_typed(file, out);
  return out;
}

}  // namespace ensue::data
