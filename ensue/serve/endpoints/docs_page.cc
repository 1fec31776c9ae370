// SPDX-License-Identifier: Apache-2.0
// GET /docs: the interface as a page for people, from the routes themselves.
#include "ensue/serve/endpoints/endpoints.h"
#include "ensue/serve/openapi.h"

namespace ensue::serve {
namespace {

Response handle(Service&, const Request&) {
  static const std::string page = docs_html(routes());
  return {.type = "text/html; charset=utf-8",
          .body = page,
          .headers = {{"Content-Security-Policy",
                       "default-src 'none'; style-src 'unsafe-inline'"}}};
}

}  // namespace

Endpoint docs_page() {
  return {.method = Method::kGet,
          .path = "/docs",
          .scope = Scope::kNone,
          .group = "server",
          .summary = "This page.",
          .handle = handle,
          .urgent = true};
}

}  // namespace ensue::serve
