// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/uplift_model.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "ensue/base/error.h"

namespace ensue::runtime {
namespace {

// In Description::training: [{"kind", "share"}]; of scores also "weights" and
// "scores": [{"center", "scale"}].
constexpr const char* kKey = "uplift";
constexpr std::array<std::string_view, 5> kKinds = {"single", "two", "effect",
                                                    "cross", "scores"};

bool has_second(UpliftPart::Kind kind) {
  return kind == UpliftPart::Kind::kTwo || kind == UpliftPart::Kind::kCross;
}

std::string tensor_of(std::size_t part, std::string_view model) {
  return artifact::Artifact::tensor_name(kKey, part, model);
}

std::vector<double> with_treatment(const TableModel& model, events::Table rows,
                                   double treated) {
  rows.columns.push_back({std::string(kTreatmentColumn),
                          std::vector<double>(rows.rows(), treated)});
  return model.predict(rows);
}

std::vector<double> effects_of(const UpliftPart& part,
                               const events::Table& rows) {
  using Kind = UpliftPart::Kind;
  if (part.kind == Kind::kScores) return part.scores->effects(rows);
  const bool single = part.kind == Kind::kSingle;
  std::vector<double> out =
      single ? with_treatment(*part.first, rows, 1) : part.first->predict(rows);
  if (part.kind == Kind::kEffect) return out;
  const std::vector<double> other = single
                                        ? with_treatment(*part.first, rows, 0)
                                        : part.second->predict(rows);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = part.kind == Kind::kCross
                 ? (1 - part.share) * out[i] + part.share * other[i]
                 : out[i] - other[i];
  }
  return out;
}

[[noreturn]] void corrupt(const std::string& what) {
  throw Error(Code::kCorrupt, "uplift model: " + what);
}

std::shared_ptr<const TableModel> read_model(const artifact::Artifact& artifact,
                                             const std::string& name) {
  const artifact::TensorView& tensor = artifact.tensor(name);
  if (tensor.type != artifact::DType::kU8) corrupt(name + ": expected bytes");
  const auto bytes = tensor.bytes;
  auto model =
      std::make_shared<const TableModel>(artifact::Artifact::from_bytes(
          std::vector<std::byte>(bytes.begin(), bytes.end()), name));
  if (model->outputs() != 1) corrupt(name + ": expected one output");
  return model;
}

std::string score_name(std::size_t place) {
  return "score" + std::to_string(place);
}

double read_number(const Json& said) {
  if (!said.is_number()) corrupt("scores: expected numbers");
  return said.to_number<double>();
}

std::shared_ptr<const EffectScores> read_scores(
    const artifact::Artifact& artifact, const JsonObject& said,
    std::size_t place) {
  const auto array_at = [](const JsonObject& object, const char* key) {
    const Json* found = object.if_contains(key);
    if (found == nullptr || !found->is_array()) {
      corrupt(std::string("scores without ") + key);
    }
    return found->as_array();
  };
  std::vector<EffectScore> scores;
  for (const Json& one : array_at(said, "scores")) {
    const JsonObject* object = one.if_object();
    const Json* center = object ? object->if_contains("center") : nullptr;
    const Json* scale = object ? object->if_contains("scale") : nullptr;
    if (center == nullptr || scale == nullptr) {
      corrupt("a score without center and scale");
    }
    scores.push_back(
        {read_model(artifact, tensor_of(place, score_name(scores.size()))),
         read_number(*center), read_number(*scale)});
    if (!(scores.back().scale > 0)) corrupt("a score without a scale above 0");
  }
  std::vector<double> weights;
  for (const Json& weight : array_at(said, "weights")) {
    weights.push_back(read_number(weight));
  }
  if (scores.empty() || weights.size() != quadratic_terms(scores.size())) {
    corrupt("weights that do not fit the scores");
  }
  return std::make_shared<const EffectScores>(std::move(scores),
                                              std::move(weights));
}

UpliftPart read_part(const artifact::Artifact& artifact, const Json& said,
                     std::size_t place) {
  const JsonObject* object = said.if_object();
  const Json* kind = object ? object->if_contains("kind") : nullptr;
  const Json* share = object ? object->if_contains("share") : nullptr;
  if (kind == nullptr || !kind->is_string() || share == nullptr ||
      !share->is_number()) {
    corrupt("a part without kind and share");
  }
  const auto found =
      std::ranges::find(kKinds, std::string_view(kind->as_string()));
  if (found == kKinds.end()) corrupt("a part of an unknown kind");
  UpliftPart out;
  out.kind = static_cast<UpliftPart::Kind>(found - kKinds.begin());
  out.share = share->to_number<double>();
  if (!(out.share >= 0 && out.share <= 1)) corrupt("a share outside [0, 1]");
  if (out.kind == UpliftPart::Kind::kScores) {
    out.scores = read_scores(artifact, *object, place);
    return out;
  }
  out.first = read_model(artifact, tensor_of(place, "first"));
  if (has_second(out.kind)) {
    out.second = read_model(artifact, tensor_of(place, "second"));
  }
  return out;
}

void add_model(artifact::Draft& draft, const std::string& name,
               const TableModel& model) {
  artifact::Draft own{artifact::Description{}};
  model.add_to(own);
  const std::vector<std::byte> bytes = own.bytes();
  draft.add_bytes(name, artifact::DType::kU8,
                  {static_cast<std::int64_t>(bytes.size())}, bytes);
}

void add_scores(artifact::Draft& draft, std::size_t part,
                const EffectScores& scores, JsonObject& about) {
  JsonArray own;
  for (const EffectScore& score : scores.scores()) {
    add_model(draft, tensor_of(part, score_name(own.size())), *score.model);
    own.push_back(JsonObject{{"center", score.center}, {"scale", score.scale}});
  }
  about["scores"] = std::move(own);
  about["weights"] =
      JsonArray(scores.weights().begin(), scores.weights().end());
}

}  // namespace

bool UpliftModel::is_one(const artifact::Description& about) {
  return about.training.contains(kKey);
}

UpliftModel::UpliftModel(const artifact::Artifact& artifact) {
  const Json* said = artifact.description().training.if_contains(kKey);
  if (said == nullptr || !said->is_array() || said->as_array().empty()) {
    corrupt("the artifact holds none");
  }
  for (const Json& part : said->as_array()) {
    parts_.push_back(read_part(artifact, part, parts_.size()));
  }
}

UpliftModel UpliftModel::mean_of(std::span<const UpliftModel> models) {
  std::vector<UpliftPart> parts;
  for (const UpliftModel& model : models) {
    parts.insert(parts.end(), model.parts_.begin(), model.parts_.end());
  }
  return UpliftModel(std::move(parts));
}

std::vector<double> UpliftModel::effects(const events::Table& rows) const {
  std::vector<double> out(rows.rows(), 0);
  for (const UpliftPart& part : parts_) {
    const std::vector<double> own = effects_of(part, rows);
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] += own[i] / static_cast<double>(parts_.size());
    }
  }
  return out;
}

void UpliftModel::add_to(artifact::Draft& draft) const {
  JsonArray said;
  for (std::size_t p = 0; p < parts_.size(); ++p) {
    const UpliftPart& part = parts_[p];
    JsonObject about{{"kind", kKinds[static_cast<std::size_t>(part.kind)]},
                     {"share", part.share}};
    if (part.kind == UpliftPart::Kind::kScores) {
      add_scores(draft, p, *part.scores, about);
      said.push_back(std::move(about));
      continue;
    }
    said.push_back(std::move(about));
    add_model(draft, tensor_of(p, "first"), *part.first);
    if (has_second(part.kind)) {
      add_model(draft, tensor_of(p, "second"), *part.second);
    }
  }
  draft.description().training[kKey] = std::move(said);
}

}  // namespace ensue::runtime
