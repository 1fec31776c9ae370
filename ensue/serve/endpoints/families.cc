// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/endpoints/families.h"

#include <array>
#include <iterator>

#include "ensue/serve/service.h"

namespace ensue::serve {
namespace {

std::string_view example_of(std::string_view name) {
  constexpr std::array<std::array<std::string_view, 2>, 6> kExamples = {
      {{"user", "ann"},
       {"item", "mug-blue"},
       {"type", "view"},
       {"category", "Mugs"},
       {"model", "main"},
       {"name", "similar"}}};
  for (const auto& [key, example] : kExamples) {
    if (key == name) return example;
  }
  return {};
}

}  // namespace

void check_batch(const Service& service, std::size_t events) {
  const std::size_t most = service.options().max_batch;
  if (events > most) {
    invalid("body: " + std::to_string(events) + " events, expected at most " +
            std::to_string(most));
  }
}

std::vector<Parameter> path_parameters(std::string_view path) {
  std::vector<Parameter> out;
  for (std::size_t at = path.find('{'); at != path.npos;
       at = path.find('{', at + 1)) {
    const std::string_view name =
        path.substr(at + 1, path.find('}', at) - at - 1);
    out.push_back({.name = name,
                   .in = "path",
                   .type = "string",
                   .help = name,
                   .example = example_of(name)});
  }
  return out;
}

std::vector<Endpoint> family_routes() {
  std::vector<Endpoint> out;
  for (auto* routes :
       {gorse_feedback_routes, gorse_user_routes, gorse_item_routes,
        gorse_recommend_routes, gorse_health_routes, metarank_routes,
        inference_routes}) {
    auto some = routes();
    out.insert(out.end(), std::make_move_iterator(some.begin()),
               std::make_move_iterator(some.end()));
  }
  return out;
}

}  // namespace ensue::serve
