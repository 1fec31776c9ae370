// SPDX-License-Identifier: Apache-2.0
#include "ensue/base/json.h"

#include <boost/json/src.hpp>

#include "ensue/base/error.h"

namespace ensue {
namespace {

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
    out += boost::json::serialize(value);
  }
}

}  // namespace

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

std::string to_pretty_text(const Json& value) {
  std::string out;
  write_pretty(value, "", out);
  return out + "\n";
}

}  // namespace ensue
