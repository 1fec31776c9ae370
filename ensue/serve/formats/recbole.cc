// SPDX-License-Identifier: Apache-2.0
// RecBole's atomic files: tab-separated, a header of name:type, no quotes.
//
// A header with user_id (or session_id) and item_id is an .inter file, one with
// item_id alone an .item and one with user_id alone a .user file. A rating is
// the value of action "rate", as when such a file is imported; an interaction
// without a timestamp happens now. An empty field is none. Sequences keep their
// spaces: as text, but a float_seq of an item or user becomes a list.
#include <algorithm>
#include <vector>

#include "ensue/serve/formats/documents.h"
#include "ensue/serve/formats/parsers.h"
#include "ensue/serve/formats/row.h"

namespace ensue::serve {
namespace {

enum class Type { kToken, kTokens, kFloat, kFloats };
enum class Role { kUser, kItem, kTime, kValue, kOther };

struct Column {
  std::string name;
  Type type;
  Role role;
};

// A body cut into lines, and those into fields; the place is for errors.
class Lines {
 public:
  explicit Lines(std::string_view body) : rest_(body) {
    if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
  }

  // The fields of the next line that is not blank; empty: that was all.
  const std::vector<std::string_view>& next() {
    fields_.clear();
    while (!rest_.empty() && fields_.empty()) {
      ++line_;
      const std::size_t end = rest_.find('\n');
      std::string_view text = rest_.substr(0, end);
      rest_.remove_prefix(end == std::string_view::npos ? rest_.size()
                                                        : end + 1);
      if (text.ends_with('\r')) text.remove_suffix(1);
      if (text.find_first_not_of(" \t") == std::string_view::npos) continue;
      if (const auto at = find_invalid_utf8(text)) {
        refuse("byte " + std::to_string(*at + 1) + ": invalid UTF-8");
      }
      cut(text);
    }
    return fields_;
  }

  std::string place(std::string_view name) const {
    return "line " + std::to_string(line_) + ": " + std::string(name);
  }
  [[noreturn]] void refuse(const std::string& why) const {
    invalid(place(why));
  }
  [[noreturn]] void refuse(std::string_view name, std::string_view value,
                           std::string_view expected) const {
    refuse(std::string(name) + ": '" + shortened(value) + "', expected " +
           std::string(expected));
  }

 private:
  void cut(std::string_view text) {
    while (true) {
      const std::size_t tab = text.find('\t');
      fields_.push_back(text.substr(0, tab));
      if (tab == std::string_view::npos) return;
      text.remove_prefix(tab + 1);
    }
  }

  std::string_view rest_;
  std::vector<std::string_view> fields_;
  std::size_t line_ = 0;
};

Type type_of(const Lines& lines, std::string_view field,
             std::string_view type) {
  if (type == "token") return Type::kToken;
  if (type == "token_seq") return Type::kTokens;
  if (type == "float") return Type::kFloat;
  if (type == "float_seq") return Type::kFloats;
  lines.refuse("header", field,
               "name:type with type token, token_seq, float or float_seq");
}

Role role_of(std::string_view name) {
  if (name == "user_id" || name == "session_id") return Role::kUser;
  if (name == "item_id") return Role::kItem;
  if (name == "timestamp") return Role::kTime;
  if (name == "rating") return Role::kValue;
  return Role::kOther;
}

std::vector<Column> read_header(Lines& lines) {
  std::vector<Column> out;
  for (const std::string_view field : lines.next()) {
    const std::size_t colon = field.rfind(':');
    const std::string_view name = field.substr(0, colon);
    check_id(name, lines.place("header"));
    const Type type =
        type_of(lines, field,
                colon == std::string_view::npos ? "" : field.substr(colon + 1));
    if (std::any_of(out.begin(), out.end(),
                    [&](const Column& other) { return other.name == name; })) {
      lines.refuse("header", name, "every name once");
    }
    out.push_back({std::string(name), type, role_of(name)});
  }
  const auto has = [&](std::string_view name) {
    return std::any_of(out.begin(), out.end(), [&](const Column& column) {
      return column.name == name;
    });
  };
  if (has("user_id")) {  // then a session is one more column
    for (Column& column : out) {
      if (column.name == "session_id") column.role = Role::kOther;
    }
  }
  return out;
}

double number(const Lines& lines, const Column& column, std::string_view text) {
  const auto out = read_number(text);
  if (!out) lines.refuse(column.name, text, "a number");
  return *out;
}

void read_event(const Lines& lines, const Column& column, std::string_view text,
                store::Event& event) {
  switch (column.role) {
    case Role::kUser:
    case Role::kItem:
      check_id(text, lines.place(column.name));
      (column.role == Role::kUser ? event.user : event.item) = text;
      return;
    case Role::kTime: {
      const auto time = read_time(text, Unit::kGuessed);
      if (!time) lines.refuse(column.name, text, "seconds since 1970");
      event.time = *time;
      return;
    }
    case Role::kValue: {
      const double value = number(lines, column, text);
      event.value = static_cast<float>(value);
      if (std::abs(value) > std::numeric_limits<float>::max()) {
        lines.refuse(column.name, text, "a number that fits a float");
      }
      return;
    }
    case Role::kOther:
      if (event.context.size() == kMostContext) {
        lines.refuse(
            column.name, text,
            "at most " + std::to_string(kMostContext) + " context columns");
      }
      if (column.type == Type::kFloat) {
        event.context.emplace_back(column.name, number(lines, column, text));
      } else {
        event.context.emplace_back(column.name, std::string(text));
      }
  }
}

Json document_value(const Lines& lines, const Column& column,
                    std::string_view text) {
  if (column.type == Type::kFloat) return number(lines, column, text);
  if (column.type != Type::kFloats) return Json(text);
  JsonArray out;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    const std::string_view piece = text.substr(0, space);
    if (!piece.empty()) out.push_back(number(lines, column, piece));
    text.remove_prefix(space == std::string_view::npos ? text.size()
                                                       : space + 1);
  }
  return out;
}

void read_document(const Lines& lines, std::span<const Column> columns,
                   std::span<const std::string_view> fields, std::size_t id,
                   Documents& out) {
  check_id(fields[id], lines.place(columns[id].name));
  JsonObject& document = out.of(fields[id]);
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (c == id || fields[c].empty()) continue;
    document[columns[c].name] = document_value(lines, columns[c], fields[c]);
  }
}

void read_interaction(const Lines& lines, std::span<const Column> columns,
                      std::span<const std::string_view> fields,
                      events::Millis now, Incoming& out) {
  store::Event& event = out.events.emplace_back();
  event.action = "rate";
  event.time = now;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const bool id =
        columns[c].role == Role::kUser || columns[c].role == Role::kItem;
    if (id || !fields[c].empty()) {
      read_event(lines, columns[c], fields[c], event);
    }
  }
}

}  // namespace

Incoming parse_recbole(std::string_view body, events::Millis now) {
  Lines lines(body);
  const std::vector<Column> columns = read_header(lines);
  if (columns.empty()) {
    invalid("empty body, expected the header of a RecBole file");
  }
  const auto place = [&](Role role) {
    return static_cast<std::size_t>(
        std::find_if(columns.begin(), columns.end(),
                     [&](const Column& c) { return c.role == role; }) -
        columns.begin());
  };
  const std::size_t user = place(Role::kUser), item = place(Role::kItem);
  if (user == columns.size() && item == columns.size()) {
    lines.refuse(
        "header: no user_id and no item_id, expected a RecBole header "
        "such as user_id:token, item_id:token, timestamp:float");
  }
  Incoming out;
  Documents documents;
  while (true) {
    const auto& fields = lines.next();
    if (fields.empty()) break;
    ++out.rows;
    if (fields.size() != columns.size()) {
      lines.refuse(std::to_string(fields.size()) + " fields, expected " +
                   std::to_string(columns.size()) + " as in the header");
    }
    if (user < columns.size() && item < columns.size()) {
      read_interaction(lines, columns, fields, now, out);
    } else {
      read_document(lines, columns, fields, item < columns.size() ? item : user,
                    documents);
    }
  }
  (item < columns.size() ? out.items : out.users) = documents.take();
  return out;
}

}  // namespace ensue::serve
