// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/filter.h"

#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>

#include "ensue/base/error.h"

namespace ensue::tasks {
namespace {

using events::Column;

std::optional<double> number(std::string_view text) {
  double out = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, out);
  if (error != std::errc() || stop != end) return std::nullopt;
  return out;
}

const Column& column_of(const artifact::Artifact& artifact,
                        const std::string& name) {
  const events::Table& table = artifact.description().item_table;
  if (const Column* found = table.find(name)) return *found;
  std::string known;
  for (const Column& c : table.columns) {
    known += (known.empty() ? "" : ", ") + c.name;
  }
  throw Error(Code::kNotFound, "unknown item column '" + name + "'; known: " +
                                   (known.empty() ? "none" : known));
}

bool compare(double a, std::string_view op, double b) {
  if (op == "=") return a == b;
  if (op == "!=") return a != b;
  if (op == "<") return a < b;
  if (op == "<=") return a <= b;
  if (op == ">") return a > b;
  return a >= b;
}

// ASCII only: other letters must be written as they stand.
std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

// Whether the character that byte `i` belongs to joins with its neighbours into
// words: not so those of Chinese and Japanese, which UTF-8 writes with three
// bytes.
bool joins(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t k) {
    return static_cast<unsigned char>(text[k]);
  };
  while (i > 0 && (byte(i) & 0xC0) == 0x80) --i;
  const unsigned char lead = byte(i);
  return lead < 0x80 ? std::isalnum(lead) != 0 : lead < 0xE0;
}

// Both in lower case.
bool has_word(std::string_view text, std::string_view word) {
  const bool first = joins(word, 0), last = joins(word, word.size() - 1);
  for (std::size_t at = text.find(word); at != text.npos;
       at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if (!(first && at > 0 && joins(text, at - 1)) &&
        !(last && end < text.size() && joins(text, end))) {
      return true;
    }
  }
  return false;
}

void clear_excluded(const artifact::Artifact& artifact,
                    const std::vector<std::string>& names,
                    std::vector<std::uint8_t>& allowed) {
  for (const std::string& name : names) {
    const auto item = artifact.description().items.find(name);
    if (!item) {
      throw Error(Code::kNotFound,
                  "exclude: the model does not know item '" + name + "'");
    }
    allowed[*item] = 0;
  }
}

}  // namespace

Condition Condition::parse(std::string_view text) {
  const std::size_t at = text.find_first_of("=!<>~");
  if (at != std::string_view::npos && at > 0) {
    const bool two =
        text[at] != '~' && at + 1 < text.size() && text[at + 1] == '=';
    const std::string op(text.substr(at, two ? 2 : 1));
    if (op != "!" && op != "==") {
      return {std::string(text.substr(0, at)), op,
              std::string(text.substr(at + op.size()))};
    }
  }
  invalid("'" + std::string(text) +
          "', expected a condition such as category=Mugs or price<20");
}

ConditionTest::ConditionTest(const Condition& condition, bool text)
    : condition_(condition) {
  const std::string asked =
      "'" + condition.column + condition.op + condition.value + "'";
  if (text) {
    if (condition.op != "=" && condition.op != "!=" && condition.op != "~") {
      invalid(asked + ": the column is text, expected =, != or ~");
    }
    word_ = lower(condition.value);
    if (condition.op == "~" && word_.empty()) {
      invalid(asked + ": expected a word behind ~");
    }
    return;
  }
  const auto value = number(condition.value);
  if (!value || condition.op == "~") {
    invalid(asked + ": the column is a number, expected a number");
  }
  number_ = *value;
}

bool ConditionTest::of(std::string_view cell) const {
  if (cell.empty()) return false;
  if (condition_.op == "~") return has_word(lower(cell), word_);
  return (cell == condition_.value) == (condition_.op == "=");
}

bool ConditionTest::of(double cell) const {
  return !std::isnan(cell) && compare(cell, condition_.op, number_);
}

std::vector<std::uint8_t> allowed_items(const artifact::Artifact& artifact,
                                        const FilterOptions& options,
                                        const events::History& history) {
  if (!options.exclude_seen && options.exclude.empty() &&
      options.only.empty()) {
    return {};
  }
  std::vector<std::uint8_t> allowed(artifact.description().items.size(), 1);
  for (const Condition& condition : options.only) {
    const Column& column = column_of(artifact, condition.column);
    const ConditionTest test(condition, column.is_text());
    for (std::size_t row = 0; row < allowed.size(); ++row) {
      const bool yes = column.is_text() ? test.of(column.text(row))
                                        : test.of(column.number(row));
      if (!yes) allowed[row] = 0;
    }
  }
  clear_excluded(artifact, options.exclude, allowed);
  for (const events::ItemId item : history.items) {
    const bool known = events::index(item) < allowed.size();
    if (options.exclude_seen && known) allowed[events::index(item)] = 0;
  }
  return allowed;
}

}  // namespace ensue::tasks
