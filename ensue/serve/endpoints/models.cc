// SPDX-License-Identifier: Apache-2.0
// /v1/models: which models answer, and putting another in place.
#include <filesystem>

#include "ensue/base/fields.h"
#include "ensue/serve/endpoints/endpoints.h"
#include "ensue/serve/endpoints/questions.h"
#include "ensue/serve/service.h"

namespace ensue::serve {
namespace {

JsonObject model_json(const Models::Entry& entry, Service& service) {
  const LiveModel& model = *entry.model;
  JsonObject out{{"name", model.name()},
                 {"kind", model.about().model.name},
                 {"share", entry.share},
                 {"items", model.engine().items()},
                 {"metrics", model.about().metrics}};
  const auto outcomes = service.slates().outcomes();
  const auto found = outcomes.find(model.name());
  if (found != outcomes.end()) {
    const Slates::Outcome& outcome = found->second;
    out["answers"] = outcome.answers;
    out["followed"] = outcome.followed;
    out["follow_rate"] = JsonArray{outcome.low, outcome.rate, outcome.high};
  }
  return out;
}

Response list(Service& service, const Request&) {
  JsonArray models;
  for (const auto& entry : service.models().all()) {
    models.push_back(model_json(entry, service));
  }
  return Response::json(JsonObject{{"models", std::move(models)}});
}

struct Fields {
  std::string name = "main", file;
  double share = -1;
  void visit(auto&& field) {
    field("name", name, "which model's place it takes");
    field("file", file, "a file in the server's model folder");
    field("share", share, "of users; as before when left out");
  }
};

double share_of(Service& service, const std::string& name, double share) {
  if (share >= 0) return share;
  for (const auto& entry : service.models().all()) {
    if (entry.model->name() == name) return entry.share;
  }
  return 1;
}

// Only files that lie in the folder itself: a name, no path.
std::string path_in_folder(Service& service, const std::string& file) {
  const std::string& folder = service.options().model_folder;
  if (folder.empty()) {
    throw Error(Code::kNotFound,
                "models cannot be loaded: the server has no model folder");
  }
  if (file.empty() || file.find('/') != std::string::npos || file == "..") {
    invalid("body.file: expected the name of a file in the model folder");
  }
  return (std::filesystem::path(folder) / file).string();
}

Response load(Service& service, const Request& request) {
  Fields fields;
  const std::string* type = request.header("content-type");
  if (type != nullptr && *type == "application/octet-stream") {
    if (const auto* name = request.in_query("name")) fields.name = *name;
    fields.file = "posted-" + fields.name + ".safetensors";
    const std::string path = path_in_folder(service, fields.file);
    service.take_model({fields.name, path, share_of(service, fields.name, -1)},
                       request.body);
  } else {
    read_fields(fields, object_of(request), "body");
    service.load({fields.name, path_in_folder(service, fields.file),
                  share_of(service, fields.name, fields.share)});
  }
  return list(service, request);
}

}  // namespace

Endpoint list_models() {
  return {.method = Method::kGet,
          .path = "/v1/models",
          .scope = Scope::kRead,
          .group = "v1",
          .summary =
              "The models that answer, their shares of users and how "
              "often their answers were followed (rate with its 95 % "
              "interval).",
          .answer_example =
              R"({"models":[{"name":"main","kind":"sasrec","share":1,)"
              R"("items":3416,"metrics":{}}]})",
          .handle = list};
}

Endpoint load_model() {
  return {.method = Method::kPost,
          .path = "/v1/models",
          .scope = Scope::kAdmin,
          .group = "v1",
          .summary =
              "Put a model in place: the name of a file in the server's model "
              "folder, or the file itself (application/octet-stream, ?name=). "
              "It is checked first; the old one answers until then, and goes "
              "on when a check fails.",
          .parameters = {{"name", "query", "string",
                          "of a posted file: whose place it takes", "main"}},
          .body_example = R"({"name":"main","file":"model.safetensors"})",
          .answer_example = R"({"models":[{"name":"main"}]})",
          .handle = load,
          .slow = true};
}

}  // namespace ensue::serve
