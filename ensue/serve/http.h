// SPDX-License-Identifier: Apache-2.0
// A request and its answer, as endpoints see them: no sockets here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/json.h"

namespace ensue::serve {

enum class Method : std::uint8_t { kGet, kPost, kPut, kPatch, kDelete };
std::string_view name_of(Method method);  // "GET", …
std::optional<Method> method_of(std::string_view name);

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct Request {
  Method method = Method::kGet;
  std::string path = {};   // as sent: "/v1/users/Ann%20B"
  Pairs query = {};        // decoded, in order
  Pairs headers = {};      // names in lower case
  std::string body = {};   // as sent
  std::string id = {};     // of the request: the client's or our own
  std::string peer = {};   // address of the client
  Pairs path_values = {};  // {user} of the route's path -> "Ann"
  bool may_ingest = true;  // false: its key lacks that scope

  /// The first one of that name; nullptr: absent.
  const std::string* in_query(std::string_view name) const noexcept;
  const std::string* header(std::string_view name) const noexcept;
  /// Of a name that the route's path has.
  const std::string& in_path(std::string_view name) const;
  /// All of that name, in order.
  std::vector<std::string> all_in_query(std::string_view name) const;
  /// A whole number of the query, or `otherwise` when absent.
  /// @throws Error(kInvalidArgument) "n: 'x', expected a whole number from
  ///   `least` to `most`".
  std::int64_t number(std::string_view name, std::int64_t otherwise,
                      std::int64_t least, std::int64_t most) const;
};

struct Response {
  int status = 200;
  std::string type = "application/json";
  std::string body = {};
  Pairs headers = {};
  /// Not empty: the body is this file, which is removed when it has been sent.
  std::string file = {};

  static Response json(const Json& value, int status = 200);
  static Response text(std::string body, int status = 200);
};

/// The one table from error codes to HTTP statuses.
int status_of(Code code) noexcept;

/// {"error": "one line"}
Response error_response(int status, std::string_view message);

/// Splits "/a/b?x=1" into path and query and decodes the query.
/// @throws Error(kInvalidArgument) on a broken escape or an escaped NUL.
void read_target(std::string_view target, Request& request);

/// One piece of a path without its escapes. A slash that was escaped belongs to
/// a name, so a path is cut before it is decoded. Errors as above.
std::string decode_piece(std::string_view piece);

}  // namespace ensue::serve
