// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/internal/table_part.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <set>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/threads.h"
#include "ensue/classic/internal/column_fit.h"

namespace ensue::classic {
namespace {

constexpr std::string_view kNumber = "number", kAbove = "> ";

Fitted fit_member(const std::string& model, const MemberTask& task) {
  if (model == "linear") return fit_linear(task);
  if (model == "bayes") return fit_bayes(task);
  if (model == "trees") return fit_trees(task);
  if (model == "forest") return fit_forest(task);
  if (model == "neighbours") return fit_neighbours(task);
  if (model == "dense") return fit_dense(task);
  invalid("model '" + model +
          "': expected trees, forest, linear, bayes, neighbours or dense, or "
          "several joined by +");
}

// Threads that wait for one another cost more than they bring on small tables,
// and folds share the threads out already.
int threads_for(const runtime::FeatureRows& rows) {
  constexpr std::size_t kSmall = std::size_t{1} << 20;
  return rows.size() * rows.width < kSmall ? 1 : threads();
}

FeatureUse use_of(const std::string& model) {
  if (model == "trees" || model == "forest") return FeatureUse::kSplit;
  if (model == "neighbours") return FeatureUse::kMeasured;
  return FeatureUse::kWeighed;
}

double squares_of(const std::vector<double>& numbers) {
  return std::inner_product(numbers.begin(), numbers.end(), numbers.begin(),
                            0.0);
}

// Beside a yes or no, numbers of few values (stars): all values but the last.
std::vector<double> levels_of(const TableLabels& train) {
  constexpr std::size_t kMostValues = 10;
  if (train.kind != Label::kBinary) return {};
  const std::set<double> values(train.auxiliary.begin(), train.auxiliary.end());
  if (values.size() > kMostValues) return {};
  return {values.begin(), std::prev(values.end())};
}

// As text that reads back as the same number.
std::string exact(double number) {
  char text[32];
  const auto end = std::to_chars(std::begin(text), std::end(text), number).ptr;
  return {text, end};
}

template <class T>
bool reads(std::string_view text, T& out) {
  const auto end = text.data() + text.size();
  const auto got = std::from_chars(text.data(), end, out);
  return got.ec == std::errc() && got.ptr == end;
}

// In standard deviations of training, so that margins of a blend are of one
// size.
TableLabels standardised(const std::vector<double>& train,
                         const std::vector<double>& numbers) {
  const auto n = static_cast<double>(train.size());
  double mean = 0, squares = 0;
  for (const double x : train) mean += x / n;
  for (const double x : train) squares += (x - mean) * (x - mean) / n;
  TableLabels out{Label::kNumber, {}};
  for (const double x : numbers) {
    out.values.push_back((x - mean) / std::sqrt(squares));
  }
  return out;
}

}  // namespace

std::vector<std::string> auxiliary_names(const TableLabels& train) {
  if (train.auxiliary.empty()) return {};
  const auto [least, most] = std::ranges::minmax(train.auxiliary);
  if (least == most || !std::isfinite(squares_of(train.auxiliary))) {
    invalid("auxiliary numbers: expected finite ones that are not all equal");
  }
  std::vector<std::string> out;
  for (const double level : levels_of(train)) {
    out.push_back(std::string(kAbove) + exact(level));
  }
  if (out.empty()) out.emplace_back(kNumber);
  return out;
}

TableLabels learnt_labels(const TableLabels& train, const TableLabels& labels,
                          std::string_view what) {
  if (what.empty()) return labels;
  if (what == kNumber) return standardised(train.auxiliary, labels.auxiliary);
  double level = 0;
  if (!what.starts_with(kAbove) || !reads(what.substr(kAbove.size()), level)) {
    invalid("a member learns '" + std::string(what) +
            "', expected number or > and a number");
  }
  TableLabels out{Label::kBinary, {}};
  for (const double x : labels.auxiliary) {
    out.values.push_back(x > level ? 1 : 0);
  }
  return out;
}

std::string MemberOrigin::text() const {
  return model + " " + std::to_string(length) +
         (learns.empty() ? "" : " " + learns);
}

MemberOrigin MemberOrigin::parse(std::string_view text) {
  const std::size_t first = std::min(text.find(' '), text.size());
  const std::size_t second = std::min(text.find(' ', first + 1), text.size());
  MemberOrigin out{std::string(text.substr(0, first))};
  if (first == 0 || first == text.size() ||
      !reads(text.substr(first + 1, second - first - 1), out.length) ||
      out.length < 0) {
    invalid("origin of a member '" + std::string(text) +
            "', expected a model and how long it was fitted");
  }
  if (second < text.size()) out.learns = text.substr(second + 1);
  return out;
}

std::vector<double> Part::margins(const events::Table& rows,
                                  std::size_t outputs) const {
  std::vector<double> out(rows.rows() * outputs);
  fitted.scorer->margins(columns.prepare(rows), out);
  return out;
}

Part fit_part(const std::string& model, const events::Table& train,
              const TableLabels& labels, const events::Table& held,
              const TableLabels& held_labels, int length,
              const TableFitOptions& options) {
  FittedColumns made = fit_columns(train, labels, options, use_of(model));
  const runtime::FeatureRows rows =
      held.rows() > 0 ? made.columns.prepare(held) : runtime::FeatureRows{};
  Fitted fitted = fit_member(model, {labels.kind,
                                     outputs_of(labels),
                                     {made.rows, labels.values},
                                     {rows, held_labels.values},
                                     length,
                                     options,
                                     threads_for(made.rows)});
  return {std::move(made.columns), std::move(fitted)};
}

}  // namespace ensue::classic
