// SPDX-License-Identifier: Apache-2.0
// GET /openapi.json: the interface as OpenAPI 3, from the routes themselves.
#include "ensue/serve/openapi.h"

#include "ensue/serve/endpoints/endpoints.h"

namespace ensue::serve {
namespace {

Response handle(Service&, const Request&) {
  static const std::string text = to_pretty_text(openapi(routes()));
  return {.body = text};
}

}  // namespace

Endpoint openapi_document() {
  return {.method = Method::kGet,
          .path = "/openapi.json",
          .scope = Scope::kNone,
          .group = "server",
          .summary = "This interface as an OpenAPI 3 document.",
          .handle = handle,
          .urgent = true};
}

}  // namespace ensue::serve
