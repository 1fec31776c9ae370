// SPDX-License-Identifier: Apache-2.0
// One JSON object of a body, its fields checked and read.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "ensue/base/json.h"
#include "ensue/base/json_reader.h"
#include "ensue/events/ids.h"
#include "ensue/serve/formats/format.h"

namespace ensue::serve {

inline constexpr std::size_t kLongestId = 1024, kMostContext = 256;

/// What a bare number in a field of times counts.
enum class Unit { kGuessed, kSeconds, kMillis, kMicros };

/// The last value of a reader. Every call that takes a value of it throws
/// Error(kInvalidArgument) with its place when it is not what the call's name
/// says; values are never null unless said. Stays valid as long as the value.
class Row {
 public:
  /// @throws Error(kInvalidArgument) unless `value` is an object.
  Row(const JsonReader& reader, const Json& value);

  const JsonObject& object() const noexcept { return *object_; }
  const JsonObject& object(const Json& value) const;
  const JsonArray& list(const Json& value) const;

  /// An id or a name, as format.h says.
  std::string id(const Json& value) const;
  /// The same, but an empty text is as good as none.
  std::string id_or_empty(const Json& value) const;
  /// Any text, number or truth value as text.
  std::string text(const Json& value) const;
  double number(const Json& value) const;
  /// A number that fits a float.
  float value(const Json& value) const;
  bool truth(const Json& value) const;
  events::Millis time(const Json& value, Unit unit = Unit::kGuessed) const;

  /// Text, number or truth value ("true", "false") as a context column.
  void add_context(store::Event& event, std::string_view name,
                   const Json& value) const;

  /// The same of a named field that must be there.
  std::string id(const JsonObject& in, std::string_view name) const;
  const Json& required(const JsonObject& in, std::string_view name,
                       std::string_view expected) const;
  /// The same of a named field; absent or null: "", or what is given.
  std::string id_or_none(const JsonObject& in, std::string_view name) const;
  std::string text_or_none(const JsonObject& in, std::string_view name) const;
  /// NaN when absent.
  double number_or_nan(const JsonObject& in, std::string_view name) const;
  events::Millis time_or(const JsonObject& in, std::string_view name,
                         events::Millis otherwise,
                         Unit unit = Unit::kGuessed) const;
  /// Empty when absent.
  const JsonArray& list_or_none(const JsonObject& in,
                                std::string_view name) const;

  /// "line 3: items[0].price: 'much', expected a number".
  [[noreturn]] void refuse(const Json& value, std::string_view expected) const;
  /// "line 3: items[0].item_id: missing, expected …".
  [[noreturn]] void missing(const JsonObject& in, std::string_view name,
                            std::string_view expected) const;

 private:
  std::string place(const void* value) const;

  const JsonReader& reader_;
  const Json& root_;
  const JsonObject* object_;
};

/// The field, or nullptr when it is absent or null.
const Json* field(const JsonObject& in, std::string_view name);

/// Calls `read` for every object of a body.
/// @return how many.
/// @throws Error(kInvalidArgument) when there is no value at all.
template <class Read>
std::size_t each_row(std::string_view body, Read&& read) {
  JsonReader reader(body);
  const Json* value = reader.next();
  if (value == nullptr && body.find('[') == std::string_view::npos) {
    invalid("empty body, expected a JSON object, a list of them or JSON lines");
  }
  std::size_t rows = 0;
  for (; value != nullptr; value = reader.next(), ++rows) {
    read(Row(reader, *value));
  }
  return rows;
}

/// At most 60 characters of a text, cut between characters, control characters
/// as spaces.
std::string shortened(std::string_view text);

/// Checks an id that is no JSON. @throws Error "<place>: …".
void check_id(std::string_view id, const std::string& place);
/// nullopt: not a time that format.h takes.
std::optional<events::Millis> read_time(std::string_view text, Unit unit);
std::optional<events::Millis> read_time(double number, Unit unit);
/// nullopt: not a finite number to its end.
std::optional<double> read_number(std::string_view text);

}  // namespace ensue::serve
