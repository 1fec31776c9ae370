// SPDX-License-Identifier: Apache-2.0
#include "ensue/base/json.h"

#include <array>
#include <boost/json/src.hpp>
#include <charconv>
#include <cmath>

#include "ensue/base/error.h"

namespace ensue {
namespace {

// The shortest digits that read back to the same double: 0.1, not 1E-1.
std::string scalar(const Json& value) {
  if (!value.is_double() || !std::isfinite(value.get_double())) {
    return boost::json::serialize(value);
  }
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(),
                                 value.get_double());
  std::string out(digits.data(), end.ptr);
  if (out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

void write_pretty(const Json& value, const std::string& indent,
                  std::string& out) {
  const std::string inner = indent + "  ";
  const auto separate = [&](bool first) {
    out += (first ? "\n" : ",\n") + inner;
  };
  if (value.is_object() && !value.get_object().empty()) {
    out += '{';
    bool first = true;
    for (const auto& [key, member] : value.get_object()) {
      separate(std::exchange(first, false));
      out += boost::json::serialize(boost::json::string_view(key)) + ": ";
      write_pretty(member, inner, out);
    }
    out += "\n" + indent + "}";
  } else if (value.is_array() && !value.get_array().empty()) {
    out += '[';
    bool first = true;
    for (const Json& member : value.get_array()) {
      separate(std::exchange(first, false));
      write_pretty(member, inner, out);
    }
    out += "\n" + indent + "]";
  } else {
    out += scalar(value);
  }
}

void write_plain(const Json& value, std::string& out) {
  if (value.is_object()) {
    char before = '{';
    for (const auto& [key, member] : value.get_object()) {
      out += std::exchange(before, ',');
      out += boost::json::serialize(boost::json::string_view(key)) + ":";
      write_plain(member, out);
    }
    out += value.get_object().empty() ? "{}" : "}";
  } else if (value.is_array()) {
    char before = '[';
    for (const Json& member : value.get_array()) {
      out += std::exchange(before, ',');
      write_plain(member, out);
    }
    out += value.get_array().empty() ? "[]" : "]";
  } else if (value.is_string()) {
    out += boost::json::serialize(value.get_string());
  } else {
    out += scalar(value);
  }
}

}  // namespace

std::string to_plain_text(const Json& value) {
  std::string out;
  write_plain(value, out);
  return out;
}

double shortest(float number) noexcept {
  std::array<char, 32> digits{};
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), number);
  double out = number;
  std::from_chars(digits.data(), end.ptr, out);
  return out;
}

Json parse_json(std::string_view text, std::string_view where) {
  boost::json::stream_parser parser;
  boost::json::error_code error;
  const std::size_t used = parser.write_some(text.data(), text.size(), error);
  if (!error) parser.finish(error);
  if (!error && used != text.size()) error = boost::json::error::extra_data;
  if (error) {
    throw Error(Code::kCorrupt, std::string(where) + ":" +
                                    std::to_string(used) +
                                    ": not JSON: " + error.message());
  }
  return parser.release();
}

std::string to_text(const Json& value) { return boost::json::serialize(value); }

std::string to_toml_value(const Json& value) {
  if (!value.is_array()) return scalar(value);
  std::string out = "[";
  for (const Json& member : value.get_array()) {
    out += (out.size() > 1 ? ", " : "") + to_toml_value(member);
  }
  return out + "]";
}

std::string to_pretty_text(const Json& value) {
  std::string out;
  write_pretty(value, "", out);
  return out + "\n";
}

}  // namespace ensue
