// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/internal/xgboost_model.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/json.h"

namespace ensue::classic {
namespace {

using runtime::TreeTables;

const Json& member(const Json& of, std::string_view name) {
  const Json* found =
      of.is_object() ? of.get_object().if_contains(name) : nullptr;
  if (found == nullptr) {
    throw Error(Code::kCorrupt,
                "xgboost's model has no '" + std::string(name) + "'");
  }
  return *found;
}

template <class T>
std::vector<T> numbers(const Json& tree, std::string_view name) {
  std::vector<T> out;
  for (const Json& value : member(tree, name).as_array()) {
    // Booleans are written as numbers in some versions.
    out.push_back(value.is_bool() ? static_cast<T>(value.get_bool())
                                  : value.to_number<T>());
  }
  return out;
}

double text_number(const Json& of, std::string_view name) {
  return std::stod(std::string(member(of, name).as_string()));
}

// One tree behind the others.
void add_tree(const Json& json, std::uint32_t output, TreeTables& out) {
  const auto left = numbers<std::int32_t>(json, "left_children");
  const auto right = numbers<std::int32_t>(json, "right_children");
  const auto feature = numbers<std::int32_t>(json, "split_indices");
  const auto value = numbers<double>(json, "split_conditions");
  const auto cover = numbers<double>(json, "sum_hessian");
  const auto missing_left = numbers<std::uint8_t>(json, "default_left");
  std::vector<std::size_t> order = {0};  // level by level
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::size_t node = order[i];
    const bool leaf = left.at(node) < 0;
    const auto next = static_cast<std::int32_t>(order.size());
    out.left.push_back(leaf ? -1 : next);
    out.right.push_back(leaf ? -1 : next + 1);
    out.feature.push_back(leaf ? 0 : feature.at(node));
    out.value.push_back(static_cast<float>(value.at(node)));
    out.cover.push_back(static_cast<float>(cover.at(node)));
    out.missing_left.push_back(leaf ? std::uint8_t{0} : missing_left.at(node));
    if (leaf) continue;
    order.push_back(static_cast<std::size_t>(left[node]));
    order.push_back(static_cast<std::size_t>(right.at(node)));
  }
  out.begin.push_back(out.left.size());
  out.output_of.push_back(output);
}

float base_of(const Json& learner) {
  const double score =
      text_number(member(learner, "learner_model_param"), "base_score");
  const auto& objective =
      member(member(learner, "objective"), "name").as_string();
  if (objective == "binary:logistic") {
    return static_cast<float>(-std::log(1 / score - 1));
  }
  if (objective == "count:poisson") return std::log(static_cast<float>(score));
  return static_cast<float>(score);
}

}  // namespace

TreeTables read_xgboost(std::string_view json, std::size_t rounds) try {
  const Json all = parse_json(json, "xgboost's model");
  const Json& learner = member(all, "learner");
  const Json& model = member(member(learner, "gradient_booster"), "model");
  const auto outputs = static_cast<std::size_t>(std::max(
      1.0, text_number(member(learner, "learner_model_param"), "num_class")));
  const auto parallel = static_cast<std::size_t>(std::max(
      1.0,
      text_number(member(model, "gbtree_model_param"), "num_parallel_tree")));
  const auto output_of = numbers<std::uint32_t>(model, "tree_info");
  const JsonArray& trees = member(model, "trees").as_array();
  TreeTables out;
  out.base.assign(outputs, base_of(learner));
  const std::size_t kept =
      rounds == 0 ? trees.size() : rounds * outputs * parallel;
  for (std::size_t t = 0; t < std::min(kept, trees.size()); ++t) {
    add_tree(trees[t], output_of.at(t), out);
  }
  return out;
} catch (const Error&) {
  throw;
} catch (const std::exception& wrong) {
  throw Error(Code::kCorrupt, std::string("xgboost's model: ") + wrong.what());
}

}  // namespace ensue::classic
