// SPDX-License-Identifier: Apache-2.0
// What an endpoint says of itself: dispatch, the OpenAPI document, the page of
// the interface and the limits all come from this.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "ensue/serve/http.h"

namespace ensue::serve {

class Service;

/// What a key must allow. kNone: nobody is asked for one.
enum class Scope : std::uint8_t { kNone, kIngest, kRead, kAdmin };
std::string_view name_of(Scope scope);  // "none", "ingest", "read", "admin"

struct Parameter {
  std::string_view name, in;  // in: "query" or "path"
  std::string_view type;      // of JSON schema: "string", "integer", …
  std::string_view help;
  std::string_view example = "";
};

struct Endpoint;

/// A request on its way, and where its answer goes.
struct Exchange {
  Request request = {};
  Response response = {};
  const Endpoint* endpoint = nullptr;
};

using Handler = Response (*)(Service& service, const Request& request);
/// Several requests of one endpoint that came together; fills the responses.
/// An exception of one must not reach the others.
using BatchHandler = void (*)(Service& service,
                              std::span<Exchange* const> exchanges);

/// How errors look.
enum class ErrorStyle : std::uint8_t { kJson, kPlainText };

struct Endpoint {
  Method method = Method::kGet;
  std::string_view path;  // "/v1/users/{id}"
  Scope scope = Scope::kRead;
  std::string_view group;  // "v1", "gorse", "metarank", "inference", "server"
  std::string_view summary;
  std::vector<Parameter> parameters = {};
  std::string_view body_example = "";  // JSON or JSON lines; "": takes none
  std::string_view answer_example = "";
  std::string_view answer_type = "application/json";
  Handler handle = nullptr;
  BatchHandler handle_batch = nullptr;  // optional, beside handle
  /// May take long (loading a model): does not hold up the quick ones.
  bool slow = false;
  /// Answered at once, whatever waits (health).
  bool urgent = false;
  ErrorStyle errors = ErrorStyle::kJson;
};

}  // namespace ensue::serve
