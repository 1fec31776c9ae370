// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/table_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "ensue/artifact/table_configs.h"
#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/runtime/internal/table_tensors.h"

namespace ensue::runtime {
namespace {

constexpr std::array<std::string_view, 4> kLabels = {"binary", "class",
                                                     "number", "count"};
constexpr double kLongestLog = 80;  // exp() of more fits into no float

// Probabilities of classes as log-odds of each against the rest.
void class_log_odds(std::span<double> margins) {
  const double most = *std::ranges::max_element(margins);
  double sum = 0;
  for (const double margin : margins) sum += std::exp(margin - most);
  for (double& margin : margins) {
    margin = log_odds(std::exp(margin - most) / sum);
  }
}

void check_member(const TableModel::Member& member, std::size_t outputs) {
  check_table(member.scorer->width() == member.columns.width(),
              "table model: a member does not fit its columns");
  check_table(member.scorer->outputs() == outputs,
              "table model: a member does not fit the label");
  check_table(std::isfinite(member.weight),
              "table model: a weight is not finite");
}

}  // namespace

std::string_view name_of(TableLabel label) {
  return kLabels[static_cast<std::size_t>(label)];
}

TableLabel table_label(std::string_view name) {
  const auto found = std::ranges::find(kLabels, name);
  if (found == kLabels.end()) {
    invalid("label '" + std::string(name) +
            "': expected binary, class, number or count");
  }
  return static_cast<TableLabel>(found - kLabels.begin());
}

std::shared_ptr<const TableModel> TableModel::load(const std::string& path) {
  return std::make_shared<const TableModel>(artifact::Artifact::load(path));
}

TableModel::TableModel(std::shared_ptr<const artifact::Artifact> artifact) {
  const auto& heads = artifact->description().model.heads;
  check_table(heads.size() > 1 && heads.back().type == "table_answer",
              "the artifact holds no table model");
  const std::size_t last = heads.size() - 1;
  artifact::TableAnswerConfig config;
  read_fields(config, heads[last].config, heads[last].type);
  label_ = table_label(config.label);
  classes_ = config.classes;
  const auto weights = TableTensors{*artifact, last}.copy<double>("weights");
  check_table(weights.size() == last,
              "table model: expected a weight per member");
  check_table(config.origins.empty() || config.origins.size() == last,
              "table model: expected an origin per member");
  check_table(label_ != TableLabel::kClass || classes_.size() > 1,
              "table model: expected two classes or more");
  for (std::size_t m = 0; m < last; ++m) {
    members_.push_back({TableColumns::read(*artifact, m),
                        read_scorer(*artifact, m), weights[m],
                        config.origins.empty() ? "" : config.origins[m]});
    check_member(members_.back(), outputs());
  }
  calibration_ =
      Calibration::read(*artifact, last, config.calibration, outputs());
}

TableModel::TableModel(TableLabel label, std::vector<std::string> classes,
                       std::vector<Member> members, Calibration calibration)
    : label_(label),
      classes_(std::move(classes)),
      members_(std::move(members)),
      calibration_(std::move(calibration)) {
  for (const Member& member : members_) check_member(member, outputs());
}

std::size_t TableModel::outputs() const noexcept {
  return label_ == TableLabel::kClass ? classes_.size() : 1;
}

std::vector<double> TableModel::margins(const events::Table& rows) const {
  std::vector<double> out(rows.rows() * outputs()), part(out.size());
  for (const Member& member : members_) {
    member.scorer->margins(member.columns.prepare(rows), part);
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] += member.weight * part[i];
    }
  }
  return out;
}

std::vector<double> TableModel::predict(const events::Table& rows) const {
  std::vector<double> out = margins(rows);
  answer(out);
  return out;
}

void TableModel::answer(std::span<double> margins) const noexcept {
  if (label_ == TableLabel::kNumber) return;
  if (label_ == TableLabel::kCount) {
    for (double& m : margins) m = std::exp(std::min(m, kLongestLog));
    return;
  }
  for (std::size_t i = 0; i < margins.size(); i += outputs()) {
    const auto row = margins.subspan(i, outputs());
    if (label_ == TableLabel::kClass) class_log_odds(row);
    calibration_.apply(row);
  }
}

void TableModel::add_to(artifact::Draft& draft) const {
  auto& heads = draft.description().model.heads;
  std::vector<double> weights;
  std::vector<std::string> origins;
  for (std::size_t m = 0; m < members_.size(); ++m) {
    const Member& member = members_[m];
    heads.push_back(
        {std::string(member.scorer->type()), member.columns.config()});
    member.columns.add_to(draft, m);
    member.scorer->add_to(draft, m);
    weights.push_back(member.weight);
    origins.push_back(member.origin);
  }
  artifact::TableAnswerConfig config;
  const auto told = [](const std::string& origin) { return !origin.empty(); };
  if (std::ranges::any_of(origins, told)) config.origins = std::move(origins);
  config.label = name_of(label_);
  config.classes = classes_;
  config.calibration = calibration_.method();
  heads.push_back({"table_answer", write_fields(config)});
  add_tensor<double>(draft, members_.size(), "weights", {weights.size()},
                     weights);
  calibration_.add_to(draft, members_.size());
}

}  // namespace ensue::runtime
