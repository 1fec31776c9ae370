// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>

#include "ensue/data/presets.h"

namespace ensue::data {

std::string_view embedded(std::string_view name);  // made by the build

namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text[0]))) {
    text.remove_prefix(1);
  }
  while (!text.empty() &&
         std::isspace(static_cast<unsigned char>(text.back()))) {
    text.remove_suffix(1);
  }
  return text;
}

// Calls f(key, value) for the comments at the head of a preset.
void each_key(std::string_view text, auto&& f) {
  while (text.starts_with("-- ")) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(3, end - 3);
    const std::size_t colon = line.find(": ");
    if (colon != std::string_view::npos) {
      f(line.substr(0, colon), trim(line.substr(colon + 2)));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ",") + name;
  return out;
}

bool is_id_line(std::string_view line) {
  return !line.empty() && std::all_of(line.begin(), line.end(), [](char c) {
    return c == ' ' || (c >= '0' && c <= '9');
  });
}

// "column3 = pv, buy": every sampled value of the column is in the list.
bool values_fit(const Layout& layout, std::string_view rule) {
  const std::size_t equals = rule.find(" = ");
  const std::string_view list = rule.substr(equals + 3);
  const auto column = std::find(layout.columns.begin(), layout.columns.end(),
                                rule.substr(0, equals));
  if (column == layout.columns.end()) return false;
  const auto c = static_cast<std::size_t>(column - layout.columns.begin());
  return std::all_of(
      layout.sample.begin(), layout.sample.end(), [&](const auto& row) {
        return c < row.size() && !row[c].empty() &&
               (", " + std::string(list) + ",").find(", " + row[c] + ",") !=
                   std::string::npos;
      });
}

// Every sampled value of the column is a unix time at midnight.
bool are_days(const Layout& layout, const std::string& name) {
  const auto column =
      std::find(layout.columns.begin(), layout.columns.end(), name);
  if (column == layout.columns.end()) return false;
  const auto c = static_cast<std::size_t>(column - layout.columns.begin());
  return std::all_of(
      layout.sample.begin(), layout.sample.end(), [&](const auto& row) {
        std::int64_t seconds = 1;
        if (c < row.size()) {
          std::from_chars(row[c].data(), row[c].data() + row[c].size(),
                          seconds);
        }
        return seconds % 86'400 == 0;
      });
}

}  // namespace

std::string_view Preset::text() const { return embedded(name); }

std::string Preset::value(std::string_view wanted) const {
  std::string out;
  each_key(text(), [&](std::string_view key, std::string_view value) {
    if (key == wanted) out = value;
  });
  return out;
}

std::string_view Preset::events_sql() const {
  std::string_view sql = text().substr(0, text().find("-- ["));
  while (sql.starts_with("-- ")) sql.remove_prefix(sql.find('\n') + 1);
  return trim(sql);
}

std::string_view Preset::section_sql(std::string_view section) const {
  const std::string mark = "-- [" + std::string(section) + "]\n";
  const std::size_t begin = text().find(mark);
  if (begin == std::string_view::npos) return {};
  const std::string_view rest = text().substr(begin + mark.size());
  return trim(rest.substr(0, rest.find("-- [")));
}

JsonObject Preset::defaults() const {
  JsonObject out;
  each_key(text(), [&](std::string_view key, std::string_view value) {
    const std::size_t dot = key.find('.');
    if (dot == std::string_view::npos) return;
    Json& section = out[key.substr(0, dot)];
    if (!section.is_object()) section = JsonObject();
    section.get_object()[key.substr(dot + 1)] = Json(value);
  });
  return out;
}

bool Preset::fits(const Layout& layout) const {
  const std::string header = value("header"), delimiter = value("delimiter");
  if (value("lines") == "ids") {
    return layout.format == Format::kText && !layout.lines.empty() &&
           std::all_of(layout.lines.begin(), layout.lines.end(), is_id_line);
  }
  if ((value("format") == "json") != (layout.format == Format::kJsonLines)) {
    return false;
  }
  if (header == "none" ? layout.header : joined(layout.columns) != header) {
    return false;
  }
  if (!delimiter.empty() &&
      (delimiter == "space" ? " " : delimiter) != layout.delimiter) {
    return false;
  }
  const std::string fields = value("fields"), values = value("values");
  const std::string days = value("days");
  if (!days.empty() && !are_days(layout, days)) return false;
  return (fields.empty() || fields == std::to_string(layout.columns.size())) &&
         (values.empty() || values_fit(layout, values));
}

const Preset* recognise(const Layout& layout) {
  for (const Preset& preset : presets().all()) {
    if (preset.fits(layout)) return &preset;
  }
  return nullptr;
}

}  // namespace ensue::data
