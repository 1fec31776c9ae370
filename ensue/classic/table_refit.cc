// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/table_refit.h"

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

#include "ensue/base/error.h"
#include "ensue/classic/internal/table_part.h"
#include "ensue/classic/table_blend.h"

namespace ensue::classic {
namespace {

// Columns named in the options are found by the fit itself.
events::Table columns_of(const runtime::TableColumns& before,
                         const events::Table& rows,
                         const TableFitOptions& options) {
  if (!options.columns.empty()) return rows;
  events::Table out{{}, rows.known_since};
  for (const events::Column& column : rows.columns) {
    if (std::ranges::any_of(before.encoders(), [&](const auto& encoder) {
          return encoder.column == column.name;
        })) {
      out.columns.push_back(column);
    }
  }
  return out;
}

double mean_margin(const runtime::TableModel& model,
                   const events::Table& rows) {
  const auto margins = model.margins(rows);
  double out = 0;
  for (const double m : margins) out += m / static_cast<double>(margins.size());
  return out;
}

}  // namespace

void append_rows(TablePart& part, const TablePart& more) {
  if (part.rows.columns.empty()) {
    part = more;
    return;
  }
  for (events::Column& column : part.rows.columns) {
    const events::Column* other = more.rows.find(column.name);
    if (other == nullptr || other->is_text() != column.is_text()) {
      invalid("rows to join: column '" + column.name + "' is not in both");
    }
    std::visit(
        [&](auto& cells) {
          const auto& from =
              std::get<std::remove_cvref_t<decltype(cells)>>(other->cells);
          cells.insert(cells.end(), from.begin(), from.end());
        },
        column.cells);
  }
  const auto append = [](std::vector<double>& to,
                         const std::vector<double>& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  append(part.labels.values, more.labels.values);
  append(part.labels.auxiliary, more.labels.auxiliary);
}

artifact::Draft refit_table(
    runtime::TableModel model, const TableFitOptions& options,
    const std::function<const TablePart&(const std::string& member)>& rows,
    const events::Table& level) {
  const auto label = model.label();
  const double before = mean_margin(model, level);
  const auto classes = model.classes();
  const auto calibration = model.calibration();
  std::vector<runtime::TableModel::Member> members;
  for (auto& member : std::move(model).take_members()) {
    const MemberOrigin origin = MemberOrigin::parse(member.origin);
    if (origin.model != kGiven) {
      const TablePart& part = rows(origin.model);
      Part fitted =
          fit_part(origin.model.substr(0, origin.model.find(':')),
                   columns_of(member.columns, part.rows, options),
                   learnt_labels(part.labels, part.labels, origin.learns), {},
                   {}, origin.length, options);
      member.columns = std::move(fitted.columns);
      member.scorer = std::move(fitted.fitted.scorer);
    }
    members.push_back(std::move(member));
  }
  runtime::TableModel out(label, classes, std::move(members), calibration);
  if (label != runtime::TableLabel::kBinary) return draft_of(out, options);
  const double by = before - mean_margin(out, level);
  return draft_of(
      {label, classes, std::move(out).take_members(), calibration.shifted(by)},
      options);
}

}  // namespace ensue::classic
