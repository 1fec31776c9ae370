// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/http.h"

#include <algorithm>
#include <cassert>
#include <charconv>

namespace ensue::serve {
namespace {

constexpr std::string_view kNames[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

const std::string* find(const Pairs& pairs, std::string_view name) noexcept {
  for (const auto& [key, value] : pairs) {
    if (key == name) return &value;
  }
  return nullptr;
}

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decode(std::string_view text, bool query) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && query) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0 || (high == 0 && low == 0)) {
        invalid("target: '" + std::string(text.substr(i, 3)) +
                "', expected two hexadecimal digits behind %");
      }
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

void read_query(std::string_view text, Pairs& out) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (!pair.empty()) {
      out.emplace_back(
          decode(pair.substr(0, equals), true),
          decode(pair.substr(std::min(equals + 1, pair.size())), true));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

std::string_view name_of(Method method) {
  return kNames[static_cast<std::size_t>(method)];
}

std::optional<Method> method_of(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    if (kNames[i] == name) return static_cast<Method>(i);
  }
  return std::nullopt;
}

const std::string* Request::in_query(std::string_view name) const noexcept {
  return find(query, name);
}

const std::string* Request::header(std::string_view name) const noexcept {
  return find(headers, name);
}

const std::string& Request::in_path(std::string_view name) const {
  const std::string* found = find(path_values, name);
  assert(found != nullptr);
  return *found;
}

std::vector<std::string> Request::all_in_query(std::string_view name) const {
  std::vector<std::string> out;
  for (const auto& [key, value] : query) {
    if (key == name) out.push_back(value);
  }
  return out;
}

std::int64_t Request::number(std::string_view name, std::int64_t otherwise,
                             std::int64_t least, std::int64_t most) const {
  const std::string* text = in_query(name);
  if (text == nullptr) return otherwise;
  std::int64_t out = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, out);
  if (error != std::errc() || stop != end || out < least || out > most) {
    invalid(std::string(name) + ": '" + text->substr(0, 60) +
            "', expected a whole number from " + std::to_string(least) +
            " to " + std::to_string(most));
  }
  return out;
}

Response Response::json(const Json& value, int status) {
  return {.status = status, .body = to_plain_text(value)};
}

Response Response::text(std::string body, int status) {
  return {.status = status,
          .type = "text/plain; charset=utf-8",
          .body = std::move(body)};
}

int status_of(Code code) noexcept {
  switch (code) {
    case Code::kInvalidArgument:
      return 400;
    case Code::kNotFound:
      return 404;
    case Code::kCorrupt:
      return 422;
    case Code::kUnavailable:
      return 503;
  }
  return 500;
}

Response error_response(int status, std::string_view message) {
  return Response::json(JsonObject{{"error", message}}, status);
}

std::string decode_piece(std::string_view piece) {
  return decode(piece, /*query=*/false);
}

void read_target(std::string_view target, Request& request) {
  const std::size_t mark = std::min(target.find('?'), target.size());
  request.path = std::string(target.substr(0, mark));
  if (mark < target.size()) {
    read_query(target.substr(mark + 1), request.query);
  }
}

}  // namespace ensue::serve
