// SPDX-License-Identifier: Apache-2.0
// /api/health: what Gorse's clients wait for.
#include "ensue/serve/endpoints/gorse.h"

namespace ensue::serve {
namespace {

Response health(Service& service, int status_unready) {
  const bool ready = !service.models().all().empty();
  return Response::json(JsonObject{{"Ready", ready},
                                   {"DataStoreError", nullptr},
                                   {"CacheStoreError", nullptr},
                                   {"DataStoreConnected", true},
                                   {"CacheStoreConnected", true}},
                        ready ? 200 : status_unready);
}

Response live(Service& service, const Request&) { return health(service, 200); }

Response ready(Service& service, const Request&) {
  return health(service, 503);
}

}  // namespace

std::vector<Endpoint> gorse_health_routes() {
  std::vector<Endpoint> out = {
      gorse_endpoint<"/api/health/live", live>(Method::kGet, Scope::kNone,
                                               "The process runs."),
      gorse_endpoint<"/api/health/ready", ready>(Method::kGet, Scope::kNone,
                                                 "A model is loaded.")};
  for (Endpoint& endpoint : out) {
    endpoint.urgent = true;
    endpoint.answer_example =
        R"({"Ready":true,"DataStoreError":null,"CacheStoreError":null,)"
        R"("DataStoreConnected":true,"CacheStoreConnected":true})";
  }
  return out;
}

}  // namespace ensue::serve
