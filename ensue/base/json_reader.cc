// SPDX-License-Identifier: Apache-2.0
#include "ensue/base/json_reader.h"

#include <algorithm>
#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>

#include "ensue/base/error.h"

namespace ensue {
namespace {

namespace json = boost::json;

// What Boost's own parser builds, but with every number the nearest double.
struct Builder {
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();
  using Text = json::string_view;
  using Fault = json::error_code;

  json::value_stack stack;
  std::string begun;  // of a number that goes on in the next piece

  bool on_document_begin(Fault&) { return true; }
  bool on_document_end(Fault&) { return true; }
  bool on_object_begin(Fault&) { return true; }
  bool on_object_end(std::size_t n, Fault&) {
    stack.push_object(n);
    return true;
  }
  bool on_array_begin(Fault&) { return true; }
  bool on_array_end(std::size_t n, Fault&) {
    stack.push_array(n);
    return true;
  }
  bool on_key_part(Text part, std::size_t, Fault&) {
    stack.push_chars(part);
    return true;
  }
  bool on_key(Text part, std::size_t, Fault&) {
    stack.push_key(part);
    return true;
  }
  bool on_string_part(Text part, std::size_t, Fault&) {
    stack.push_chars(part);
    return true;
  }
  bool on_string(Text part, std::size_t, Fault&) {
    stack.push_string(part);
    return true;
  }
  bool on_number_part(Text part, Fault&) {
    begun += part;
    return true;
  }
  bool on_int64(std::int64_t number, Text, Fault&) {
    begun.clear();
    stack.push_int64(number);
    return true;
  }
  bool on_uint64(std::uint64_t number, Text, Fault&) {
    begun.clear();
    stack.push_uint64(number);
    return true;
  }
  bool on_double(double about, Text digits, Fault& fault) {
    if (!begun.empty()) digits = begun += digits;
    double number = 0;
    const auto read =
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
    begun.clear();
    // Too small is out of range as well, and then 0 is the nearest.
    if (read.ec != std::errc() && !(std::abs(about) <= 1)) {
      fault = json::error::exponent_overflow;
      return false;
    }
    stack.push_double(read.ec == std::errc() ? number : 0);
    return true;
  }
  bool on_bool(bool truth, Fault&) {
    stack.push_bool(truth);
    return true;
  }
  bool on_null(Fault&) {
    stack.push_null();
    return true;
  }
  bool on_comment_part(Text, Fault&) { return true; }
  bool on_comment(Text, Fault&) { return true; }
};

json::parse_options options(std::size_t depth) {
  json::parse_options out;
  out.max_depth = depth;
  return out;
}

std::string reason(const json::error_code& fault, std::size_t depth) {
  if (fault == json::error::too_deep) {
    return "nested deeper than " + std::to_string(depth);
  }
  if (fault == json::error::exponent_overflow) {
    return "a number beyond the range of a double";
  }
  if (fault == json::error::incomplete) return "the text ends too early";
  return fault.message();
}

// Bytes of the well-formed character that begins with `text`; 0: none does.
std::size_t character(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t size = lead >= 0xF0   ? 4
                           : lead >= 0xE0 ? 3
                           : lead >= 0xC2 ? 2
                                          : 0;
  if (size == 0 || lead > 0xF4) return 0;
  const unsigned least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < least || byte(1) > most) return 0;
  for (std::size_t i = 2; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
  }
  return size;
}

}  // namespace

struct JsonReader::Parser {
  explicit Parser(std::size_t most) : depth(most), parser(options(most)) {}

  void restart() {
    value.reset();
    parser.reset();
    parser.handler().begun.clear();
    parser.handler().stack.reset(&memory);
    memory.release();
  }

  // Bytes of the one value that `text` begins with.
  std::size_t read(std::string_view text, json::error_code& fault) {
    restart();
    const std::size_t used =
        parser.write_some(false, text.data(), text.size(), fault);
    if (!fault) value.emplace(parser.handler().stack.release());
    return used;
  }

  // Bytes that are right: `first` at once, then piece by piece.
  std::size_t feed(std::string_view text, std::size_t first,
                   std::size_t piece) {
    restart();
    json::error_code fault;
    parser.write_some(true, text.data(), first, fault);
    for (std::size_t at = first; at < text.size(); at += piece) {
      const std::string_view next = text.substr(at, piece);
      parser.write_some(true, next.data(), next.size(), fault);
      if (fault) return at;
    }
    return text.size();
  }

  // Boost does not say where; two further passes find it.
  std::size_t first_wrong_byte(std::string_view text) {
    return feed(text, feed(text, 0, /*piece=*/4096), /*piece=*/1);
  }

  std::size_t depth;
  std::array<unsigned char, 16384> buffer;
  json::monotonic_resource memory{buffer.data(), buffer.size()};
  json::basic_parser<Builder> parser;
  std::optional<Json> value;
};

JsonReader::JsonReader(std::string_view text, std::size_t depth)
    : parser_(std::make_unique<Parser>(depth)), text_(text) {
  if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
}

JsonReader::~JsonReader() = default;

void JsonReader::spaces() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' ||
                                text_[at_] == '\r' || text_[at_] == '\t')) {
    ++at_;
  }
}

// Opens lists; false: there is no further value.
bool JsonReader::begin_value() {
  while (true) {
    spaces();
    if (at_ == text_.size()) {
      if (in_list_) refuse(at_, "the text ends too early");
      return false;
    }
    if (in_list_) return true;
    if (text_[at_] != '[') return true;
    ++at_;
    element_ = 0;
    spaces();
    in_list_ = at_ == text_.size() || text_[at_] != ']';
    if (!in_list_) ++at_;  // an empty list
  }
}

// Takes the comma or the bracket behind an element.
void JsonReader::end_value() {
  if (!in_list_) return;
  spaces();
  const char mark = at_ < text_.size() ? text_[at_] : '\0';
  if (mark != ',' && mark != ']') {
    refuse(at_, at_ == text_.size() ? "the text ends too early"
                                    : "expected ',' or ']'");
  }
  ++at_;
  in_list_ = mark == ',';
}

const Json* JsonReader::next() {
  if (!begin_value()) return nullptr;
  begin_ = at_;
  element_ = in_list_ ? element_ + 1 : 0;
  json::error_code fault;
  const std::string_view rest = text_.substr(at_);
  const std::size_t used = parser_->read(rest, fault);
  if (fault) {
    const std::size_t wrong = fault == json::error::incomplete
                                  ? rest.size()
                                  : parser_->first_wrong_byte(rest);
    const auto ill = find_invalid_utf8(rest.substr(0, wrong + 4));
    if (ill && *ill <= wrong) refuse(at_ + *ill, "invalid UTF-8");
    refuse(at_ + wrong, reason(fault, parser_->depth));
  }
  at_ += used;
  end_value();
  return &*parser_->value;
}

std::string JsonReader::where() const {
  const auto line =
      1 +
      std::count(text_.begin(), text_.begin() + std::ptrdiff_t(begin_), '\n');
  const std::string out = "line " + std::to_string(line);
  return element_ == 0 ? out
                       : "element " + std::to_string(element_) + ", " + out;
}

void JsonReader::refuse(std::size_t at, const std::string& why) const {
  const std::string_view before = text_.substr(0, at);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t start = before.rfind('\n') + 1;  // npos + 1 == 0
  invalid("line " + std::to_string(line) + ", byte " +
          std::to_string(at - start + 1) + ": not JSON: " + why);
}

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = character(text.substr(at));
    if (size == 0) return at;
    at += size;
  }
  return std::nullopt;
}

}  // namespace ensue
