// SPDX-License-Identifier: Apache-2.0
// POST /v1/search: which items a query means.
#include "ensue/base/error.h"
#include "ensue/serve/endpoints/endpoints.h"
#include "ensue/serve/endpoints/questions.h"
#include "ensue/serve/service.h"

namespace ensue::serve {
namespace {

Response handle(Service& service, const Request& request) {
  const auto model = service.task_models().get("search");
  if (model == nullptr) {
    throw Error(Code::kNotFound,
                "no search here; give the server one as task model: ensue "
                "train --task search");
  }
  return Response::json(model->answer(service, object_of(request)));
}

}  // namespace

Endpoint post_search() {
  return {.method = Method::kPost,
          .path = "/v1/search",
          .scope = Scope::kRead,
          .group = "v1",
          .summary =
              "Which items a query means, best first, for this user where one "
              "is named; with the filters of /v1/recommend (exclude_seen, "
              "exclude, items, only). Says what each signal adds to the score, "
              "and whether any item matched: the most popular ones stand where "
              "none did.",
          .body_example =
              R"({"query":"red mug","user":"ann","k":5,"only":["price<20"]})",
          .answer_example =
              R"({"answer_id":"019ca8f4c0de5b1f00c2a9d1","task":"search",)"
              R"("query":"red mug","user":"ann","time":1772359200000,)"
              R"("known_events":2,"matched":true,"items":[{"item":"mug-red",)"
              R"("title":"Red mug","score":3.1,"probability":0.6,"why":)"
              R"({"words":4.2,"popularity":-1.9,"alike":0.8}}]})",
          .handle = handle};
}

}  // namespace ensue::serve
