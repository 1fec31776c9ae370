// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/label_head.h"

#include <algorithm>
#include <cmath>

#include "ensue/base/error.h"
#include "ensue/nn/portable.h"

namespace ensue::nn {
namespace {

// An expected count beyond this is a slip of a step: exp stays finite.
constexpr double kMostLogCount = 20;

double mean_of(std::span<const float> values) {
  double sum = 0;
  for (const float value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double deviation_of(std::span<const float> values, double mean) {
  double squares = 0;
  for (const float value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size()));
}

void check(const artifact::LabelConfig& config) {
  const std::string where = "label '" + config.task + "': ";
  const auto& kind = config.kind;
  if (kind != "binary" && kind != "class" && kind != "number" &&
      kind != "count") {
    invalid(where + "kind '" + kind +
            "', expected binary, class, number or count");
  }
  if (config.width < 1 || config.hidden < 1 || config.outputs < 1) {
    invalid(where + "width, hidden and outputs, expected at least 1");
  }
  if (kind != "class" && config.outputs != 1) {
    invalid(where + std::to_string(config.outputs) + " outputs, expected 1");
  }
}

}  // namespace

LabelHead::LabelHead(const artifact::LabelConfig& config, Scope& scope)
    : config_(config),
      base_name_(scope.name("base")),
      scale_name_(scope.name("scale")) {
  check(config);
  in_ = Affine::dense(scope, "in", config.width + 1, config.hidden);
  out_ = Affine::dense(scope, "out", config.hidden, config.outputs);
  base_.resize(static_cast<std::size_t>(config.outputs));
}

void LabelHead::count(std::span<const float> values) {
  if (values.empty()) return;
  const auto rows = static_cast<double>(values.size());
  if (config_.kind == "class") {
    std::vector<double> seen(base_.size(), 1);
    for (const float value : values) ++seen[static_cast<std::size_t>(value)];
    for (std::size_t c = 0; c < seen.size(); ++c) {
      base_[c] = static_cast<float>(
          std::log(seen[c] / (rows + static_cast<double>(seen.size()))));
    }
    return;
  }
  const double mean = mean_of(values);
  if (config_.kind == "binary") {
    const double odds = (mean * rows + 1) / ((1 - mean) * rows + 1);
    base_[0] = static_cast<float>(std::log(odds));
  } else if (config_.kind == "count") {
    base_[0] = static_cast<float>(std::log((mean * rows + 1) / (rows + 1)));
  } else {
    const double deviation = deviation_of(values, mean);
    base_[0] = static_cast<float>(mean);
    scale_ = deviation > 0 ? static_cast<float>(deviation) : 1;
  }
}

at::Tensor LabelHead::margins(const at::Tensor& x,
                              const std::vector<float>& since) const {
  const at::Tensor seen =
      at::cat({x, numbers_on(x.device(), since).unsqueeze(1)}, 1);
  const at::Tensor base = numbers_on(x.device(), base_);
  return base + scale_ * out_.product(in_.relu(seen));
}

at::Tensor LabelHead::loss(const at::Tensor& margins,
                           const std::vector<float>& values) const {
  const at::Tensor y = numbers_on(margins.device(), values);
  if (config_.kind == "class") {
    return at::cross_entropy_loss(margins, y.to(at::kLong));
  }
  const at::Tensor m = margins.select(1, 0);
  if (config_.kind == "binary") {
    return at::binary_cross_entropy_with_logits(m, y);
  }
  if (config_.kind == "count") {
    return (m.clamp_max(kMostLogCount).exp() - y * m).mean();
  }
  return ((m - y) / scale_).square().mean();
}

void LabelHead::write(artifact::Draft& draft) const {
  draft.add<float>(base_name_, {config_.outputs}, base_);
  draft.add<float>(scale_name_, {1}, std::span(&scale_, 1));
}

}  // namespace ensue::nn
