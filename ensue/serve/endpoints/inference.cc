// SPDX-License-Identifier: Apache-2.0
// The Open Inference Protocol v2 over REST.
//
// Tensors in: "user" BYTES [n], whose stored events count; or "history" BYTES
// [n, events], items from the oldest on, "" where there is none. Beside either
// "k" (INT64 or INT32 [1], 10 when absent) and "exclude_seen" (BOOL [1]).
// Tensors out: "item" BYTES [n, k] and "score" FP32 [n, k], best first; places
// that no item fills are "" and the lowest float.
#include <cmath>
#include <limits>
#include <optional>

#include "ensue/serve/endpoints/families.h"
#include "ensue/serve/formats/row.h"
#include "ensue/serve/service.h"

namespace ensue::serve {
namespace {

// A tensor of a request: its values in row order, however they are nested.
struct Tensor {
  const Json* at = nullptr;  // for errors
  std::string type;
  std::vector<std::size_t> shape;
  std::vector<const Json*> values;
};

void flatten(const Json& data, std::vector<const Json*>& out) {
  if (!data.is_array()) {
    out.push_back(&data);
    return;
  }
  for (const Json& one : data.get_array()) flatten(one, out);
}

Tensor read_tensor(const Row& row, const Json& json) {
  constexpr double kMost = 1 << 24;
  const JsonObject& in = row.object(json);
  Tensor out{
      .at = &json, .type = row.id(in, "datatype"), .shape = {}, .values = {}};
  std::size_t size = 1;
  for (const Json& one :
       row.list(row.required(in, "shape", "expected a list of sizes"))) {
    const double side = row.number(one);
    if (!(side >= 0 && side == std::floor(side) &&
          side * static_cast<double>(size) <= kMost)) {
      row.refuse(one, "expected a size of a tensor");
    }
    out.shape.push_back(static_cast<std::size_t>(side));
    size *= out.shape.back();
  }
  const Json& data = row.required(in, "data", "expected the tensor's values");
  row.list(data);
  flatten(data, out.values);
  if (out.values.size() != size) {
    row.refuse(data, "expected " + std::to_string(size) +
                         " values as the shape says, not " +
                         std::to_string(out.values.size()));
  }
  return out;
}

// The inputs of a request by name; unknown ones are refused.
struct Inputs {
  std::optional<Tensor> user, history, k, exclude_seen;

  std::optional<Tensor>* find(std::string_view name) {
    if (name == "user") return &user;
    if (name == "history") return &history;
    if (name == "k") return &k;
    return name == "exclude_seen" ? &exclude_seen : nullptr;
  }
};

Inputs read_inputs(const Row& row) {
  Inputs out;
  for (const Json& json : row.list(row.required(
           row.object(), "inputs", "expected a list of tensors"))) {
    const Json& name =
        row.required(row.object(json), "name", "expected a tensor's name");
    auto* place = out.find(row.id(name));
    if (place == nullptr) {
      row.refuse(name, "expected user, history, k or exclude_seen");
    }
    *place = read_tensor(row, json);
  }
  if (out.user.has_value() == out.history.has_value()) {
    row.refuse(row.object().at("inputs"),
               "expected one of the tensors user and history");
  }
  return out;
}

void check(const Row& row, const Tensor& tensor,
           std::initializer_list<std::string_view> types,
           std::size_t dimensions) {
  std::string expected;
  for (const std::string_view type : types) {
    if (tensor.type == type && tensor.shape.size() == dimensions) return;
    expected += (expected.empty() ? "" : " or ") + std::string(type);
  }
  row.refuse(*tensor.at, "expected datatype " + expected + " and " +
                             std::to_string(dimensions) + " dimension" +
                             (dimensions == 1 ? "" : "s"));
}

const Json& only_value(const Row& row, const Tensor& tensor) {
  if (tensor.values.size() != 1) row.refuse(*tensor.at, "expected one value");
  return *tensor.values[0];
}

std::vector<Question> read_questions(const Row& row, const Service& service,
                                     const std::string& model) {
  constexpr std::size_t kMostK = 10'000;
  const Inputs inputs = read_inputs(row);
  Question question;
  question.model = model;
  if (inputs.k) {
    check(row, *inputs.k, {"INT64", "INT32"}, 1);
    const Json& value = only_value(row, *inputs.k);
    const double k = row.number(value);
    if (!(k >= 1 && k <= kMostK && k == std::floor(k))) {
      row.refuse(value, "expected a whole number from 1 to 10000");
    }
    question.k = static_cast<std::size_t>(k);
  }
  if (inputs.exclude_seen) {
    check(row, *inputs.exclude_seen, {"BOOL"}, 1);
    question.exclude_seen = row.truth(only_value(row, *inputs.exclude_seen));
  }
  std::vector<Question> out;
  if (inputs.user) {
    check(row, *inputs.user, {"BYTES"}, 1);
    for (const Json* user : inputs.user->values) {
      out.push_back(question);
      out.back().user = row.id(*user);
    }
    return out;
  }
  check(row, *inputs.history, {"BYTES"}, 2);
  const std::size_t events = inputs.history->shape[1];
  for (std::size_t q = 0; q < inputs.history->shape[0]; ++q) {
    out.push_back(question);
    auto& session = out.back().session.emplace();
    for (std::size_t i = 0; i < events; ++i) {
      std::string item =
          row.id_or_empty(*inputs.history->values[q * events + i]);
      if (item.empty()) continue;
      session.push_back(
          {.user = "history", .item = std::move(item), .time = service.now()});
    }
  }
  return out;
}

// Names of the outputs that are wanted, in that order; both when none is named.
std::vector<std::string> read_outputs(const Row& row) {
  std::vector<std::string> out;
  for (const Json& json : row.list_or_none(row.object(), "outputs")) {
    const Json& name =
        row.required(row.object(json), "name", "expected item or score");
    out.push_back(row.id(name));
    if (out.back() != "item" && out.back() != "score") {
      row.refuse(name, "expected item or score");
    }
  }
  if (out.empty()) out = {"item", "score"};
  return out;
}

JsonObject tensor_json(std::string_view name,
                       std::span<const Service::Answered> answers,
                       std::size_t k) {
  const bool items = name == "item";
  JsonArray data;
  for (const auto& answered : answers) {
    const auto& shown = answered.reply.items;
    for (std::size_t i = 0; i < k; ++i) {
      if (items) {
        data.push_back(Json(i < shown.size() ? shown[i].item : ""));
      } else {
        data.push_back(i < shown.size() ? shortest(shown[i].score)
                                        : std::numeric_limits<float>::lowest());
      }
    }
  }
  return {{"name", name},
          {"shape", JsonArray{answers.size(), k}},
          {"datatype", items ? "BYTES" : "FP32"},
          {"data", std::move(data)}};
}

Response infer(Service& service, const Request& request) {
  const std::string model =
      service.models().find(request.in_path("model"))->name();
  std::vector<Question> questions;
  std::vector<std::string> outputs;
  std::string id;
  std::size_t bodies = each_row(request.body, [&](const Row& row) {
    questions = read_questions(row, service, model);
    outputs = read_outputs(row);
    id = row.id_or_none(row.object(), "id");
  });
  if (bodies != 1) invalid("body: expected one JSON object");

  constexpr std::size_t kMostQuestions = 1000;
  if (questions.size() > kMostQuestions) {
    invalid("inputs: " + std::to_string(questions.size()) +
            " users or histories, expected at most " +
            std::to_string(kMostQuestions));
  }
  const auto answers = service.recommend(questions);
  for (const auto& answered : answers) {
    if (!answered.error.empty()) throw Error(answered.code, answered.error);
  }
  JsonObject out{{"model_name", model}};
  if (!id.empty()) out["id"] = id;
  JsonArray tensors;
  const std::size_t k = questions.empty() ? 0 : questions[0].k;
  for (const std::string& name : outputs) {
    tensors.push_back(tensor_json(name, answers, k));
  }
  out["outputs"] = std::move(tensors);
  return Response::json(out);
}

Response server(Service&, const Request&) {
  return Response::json(JsonObject{
      {"name", "ensue"}, {"version", "2"}, {"extensions", JsonArray()}});
}

Response live(Service&, const Request&) {
  return Response::json(JsonObject{{"live", true}});
}

Response ready(Service& service, const Request&) {
  const bool able = !service.models().all().empty();
  return Response::json(JsonObject{{"ready", able}}, able ? 200 : 503);
}

JsonObject described(std::string_view name, std::string_view type,
                     JsonArray shape) {
  return {{"name", name}, {"datatype", type}, {"shape", std::move(shape)}};
}

Response model(Service& service, const Request& request) {
  const auto found = service.models().find(request.in_path("model"));
  return Response::json(
      JsonObject{{"name", found->name()},
                 {"versions", JsonArray{std::to_string(found->number())}},
                 {"platform", "ensue"},
                 {"inputs", JsonArray{described("user", "BYTES", {-1}),
                                      described("history", "BYTES", {-1, -1}),
                                      described("k", "INT64", {1}),
                                      described("exclude_seen", "BOOL", {1})}},
                 {"outputs", JsonArray{described("item", "BYTES", {-1, -1}),
                                       described("score", "FP32", {-1, -1})}}});
}

Response model_ready(Service& service, const Request& request) {
  const auto found = service.models().find(request.in_path("model"));
  return Response::json(JsonObject{{"name", found->name()}, {"ready", true}});
}

Endpoint inference_endpoint(Method method, std::string_view path,
                            std::string_view summary,
                            std::string_view answer_example, Handler handle) {
  const bool health = path.starts_with("/v2/health");
  return {.method = method,
          .path = path,
          .scope = health ? Scope::kNone : Scope::kRead,
          .group = "inference",
          .summary = summary,
          .parameters = path_parameters(path),
          .answer_example = answer_example,
          .handle = handle,
          .urgent = health};
}

}  // namespace

std::vector<Endpoint> inference_routes() {
  constexpr Method kGet = Method::kGet;
  std::vector<Endpoint> out = {
      inference_endpoint(kGet, "/v2", "What this server is.",
                         R"({"name":"ensue","version":"2","extensions":[]})",
                         server),
      inference_endpoint(kGet, "/v2/health/live", "The process runs.",
                         R"({"live":true})", live),
      inference_endpoint(kGet, "/v2/health/ready", "A model is loaded.",
                         R"({"ready":true})", ready),
      inference_endpoint(kGet, "/v2/models/{model}",
                         "The tensors that a model takes and gives.",
                         R"({"name":"main","versions":["1"],)"
                         R"("platform":"ensue","inputs":[],"outputs":[]})",
                         model),
      inference_endpoint(kGet, "/v2/models/{model}/ready",
                         "Whether a model answers.",
                         R"({"name":"main","ready":true})", model_ready),
      inference_endpoint(
          Method::kPost, "/v2/models/{model}/infer",
          "Which items to show: per user, or per history of items.",
          R"({"model_name":"main","outputs":[{"name":"item",)"
          R"("shape":[1,1],"datatype":"BYTES","data":["mug-green"]}]})",
          infer)};
  out.back().body_example =
      R"({"inputs":[{"name":"user","shape":[1],"datatype":"BYTES",)"
      R"("data":["ann"]},{"name":"k","shape":[1],"datatype":"INT64",)"
      R"("data":[5]}]})";
  return out;
}

}  // namespace ensue::serve
