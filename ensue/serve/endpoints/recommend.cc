// SPDX-License-Identifier: Apache-2.0
// GET and POST /v1/recommend: which items to show.
#include "ensue/base/error.h"
#include "ensue/serve/endpoints/endpoints.h"
#include "ensue/serve/endpoints/questions.h"

namespace ensue::serve {
namespace {

using Read = Question (*)(const Service&, const Request&);

template <Read read>
Response handle(Service& service, const Request& request) {
  const Question question = read(service, request);
  return Response::json(answer_json(question, service.recommend(question)));
}

template <Read read>
void handle_batch(Service& service, std::span<Exchange* const> exchanges) {
  std::vector<Question> questions;
  std::vector<Exchange*> asked;
  for (Exchange* exchange : exchanges) {
    try {
      questions.push_back(read(service, exchange->request));
      asked.push_back(exchange);
    } catch (const Error& error) {
      exchange->response =
          error_response(status_of(error.code()), error.what());
    }
  }
  const auto answers = service.recommend(questions);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    asked[i]->response =
        answers[i].error.empty()
            ? Response::json(answer_json(questions[i], answers[i]))
            : error_response(status_of(answers[i].code), answers[i].error);
  }
}

constexpr std::string_view kAnswer =
    R"({"answer_id":"019ca8f4c0de5b1f00c2a9d1","user":"ann","model":"main",)"
    R"("known_events":2,"items":[{"item":"mug-green","score":3.1}]})";

}  // namespace

Endpoint get_recommend() {
  return {.method = Method::kGet,
          .path = "/v1/recommend",
          .scope = Scope::kRead,
          .group = "v1",
          .summary =
              "Which items to show to a user, best first, by every event "
              "stored so far.",
          .parameters =
              {{"user", "query", "string", "whose events count", "ann"},
               {"k", "query", "integer", "items wanted, 1 to 1000", "10"},
               {"exclude_seen", "query", "boolean",
                "none of the user's own items", "true"},
               {"exclude", "query", "string", "an item not wanted; may repeat"},
               {"items", "query", "string", "only these items; may repeat"},
               {"only", "query", "string",
                "a condition on a column of items; may repeat, all must hold",
                "category=Mugs"},
               {"model", "query", "string", "its name; else chosen by user"},
               {"probability", "query", "boolean",
                "add each item's probability among all items"},
               {"explore", "query", "number",
                "share of places that are drawn by chance"}},
          .answer_example = kAnswer,
          .handle = handle<question_of_query>,
          .handle_batch = handle_batch<question_of_query>};
}

Endpoint post_recommend() {
  return {.method = Method::kPost,
          .path = "/v1/recommend",
          .scope = Scope::kRead,
          .group = "v1",
          .summary =
              "The same from a JSON body; also for a session of nobody, "
              "whose events come along.",
          .body_example = R"({"session":[{"item":"mug-blue","action":"view"}],)"
                          R"("k":5,"exclude_seen":true})",
          .answer_example = kAnswer,
          .handle = handle<question_of_body>,
          .handle_batch = handle_batch<question_of_body>};
}

}  // namespace ensue::serve
