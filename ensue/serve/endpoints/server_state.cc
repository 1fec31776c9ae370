// SPDX-License-Identifier: Apache-2.0
// /health, /metrics: for balancers and for Prometheus.
#include "ensue/serve/endpoints/endpoints.h"
#include "ensue/serve/service.h"

namespace ensue::serve {
namespace {

Response alive(Service&, const Request&) {
  return Response::json(JsonObject{{"status", "ok"}});
}

Response able(Service& service, const Request&) {
  return service.models().all().empty()
             ? error_response(503, "no model is loaded")
             : Response::json(JsonObject{{"status", "ok"}});
}

Response text(Service& service, const Request&) {
  Response out = Response::text(service.metrics().text());
  out.type = "text/plain; version=0.0.4; charset=utf-8";
  return out;
}

}  // namespace

Endpoint live() {
  return {.method = Method::kGet,
          .path = "/health/live",
          .scope = Scope::kNone,
          .group = "server",
          .summary = "The process runs.",
          .answer_example = R"({"status":"ok"})",
          .handle = alive,
          .urgent = true};
}

Endpoint ready() {
  return {.method = Method::kGet,
          .path = "/health/ready",
          .scope = Scope::kNone,
          .group = "server",
          .summary = "A model is loaded and the server is not stopping.",
          .answer_example = R"({"status":"ok"})",
          .handle = able,
          .urgent = true};
}

Endpoint metrics_text() {
  return {.method = Method::kGet,
          .path = "/metrics",
          .scope = Scope::kRead,
          .group = "server",
          .summary = "Counters in the text format of Prometheus.",
          .answer_example = "",
          .handle = text};
}

}  // namespace ensue::serve
