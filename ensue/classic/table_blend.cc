// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/table_blend.h"

#include <memory>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/classic/internal/calibration_fit.h"
#include "ensue/classic/internal/table_part.h"
#include "ensue/runtime/linear_scorer.h"

namespace ensue::classic {

runtime::TableModel given_margins(const TableLabels& labels,
                                  const std::vector<std::string>& columns) {
  const std::size_t outputs = outputs_of(labels);
  if (columns.size() != outputs) {
    invalid("margins of " + std::to_string(columns.size()) +
            " columns, expected " + std::to_string(outputs));
  }
  std::vector<runtime::ColumnEncoder> encoders;
  std::vector<float> weights(outputs * outputs);
  for (std::size_t o = 0; o < outputs; ++o) {
    encoders.push_back(
        {columns[o], {runtime::Encoding::kNumber}, {}, {/*mean=*/0, 1}});
    weights[o * outputs + o] = 1;
  }
  std::vector<runtime::TableModel::Member> members;
  members.push_back({runtime::TableColumns(std::move(encoders)),
                     std::make_unique<runtime::LinearScorer>(
                         std::move(weights), std::vector<float>(outputs)),
                     1, MemberOrigin{std::string(kGiven)}.text()});
  return {static_cast<runtime::TableLabel>(labels.kind),
          labels.classes,
          std::move(members),
          {}};
}

runtime::TableModel blend_tables(std::vector<runtime::TableModel> parts,
                                 const events::Table& held,
                                 const TableLabels& labels,
                                 const TableFitOptions& options) {
  if (parts.empty()) invalid("blend: no models");
  if (held.rows() != labels.values.size() || labels.values.empty()) {
    invalid("blend: " + std::to_string(held.rows()) + " rows, " +
            std::to_string(labels.values.size()) +
            " labels, expected as many of both");
  }
  std::vector<std::vector<double>> margins;
  for (const auto& part : parts) margins.push_back(part.margins(held));
  const std::vector<double> weights =
      options.blend == "equal"
          ? std::vector<double>(parts.size(),
                                1 / static_cast<double>(parts.size()))
          : blend_weights(labels, margins, options.calibration != "none");
  std::vector<double> sum(margins[0].size());
  std::vector<runtime::TableModel::Member> members;
  for (std::size_t p = 0; p < parts.size(); ++p) {
    if (weights[p] == 0) continue;
    for (std::size_t i = 0; i < sum.size(); ++i) {
      sum[i] += weights[p] * margins[p][i];
    }
    for (auto& member : std::move(parts[p]).take_members()) {
      member.weight *= weights[p];
      members.push_back(std::move(member));
    }
  }
  return {static_cast<runtime::TableLabel>(labels.kind), labels.classes,
          std::move(members),
          fit_calibration(options.calibration, labels, sum, options.seed)};
}

runtime::TableModel renamed(runtime::TableModel model,
                            const std::string& name) {
  const auto label = model.label();
  const auto classes = model.classes();
  auto calibration = model.calibration();
  auto members = std::move(model).take_members();
  for (auto& member : members) {
    MemberOrigin origin = MemberOrigin::parse(member.origin);
    origin.model = name;
    member.origin = origin.text();
  }
  return {label, classes, std::move(members), std::move(calibration)};
}

std::vector<std::string> members_of(const std::string& model) {
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin <= model.size();) {
    const std::size_t end = std::min(model.find('+', begin), model.size());
    out.push_back(model.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

artifact::Draft draft_of(const runtime::TableModel& model,
                         const TableFitOptions& options) {
  artifact::Description about;
  about.model.name = options.model;
  about.training = write_fields(options);
  artifact::Draft out(std::move(about));
  model.add_to(out);
  return out;
}

}  // namespace ensue::classic
