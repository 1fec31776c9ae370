// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/internal/column_fit.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/classic/internal/member_fit.h"

namespace ensue::classic {
namespace {

using events::Column;
using events::Table;
using runtime::ColumnEncoder;
using runtime::Encoding;
using runtime::EncodingSpec;
using Encodings =
    std::vector<std::pair<std::string, std::string>>;  // by column

constexpr std::size_t kMostOneHot = 50;  // values of a column, by itself
constexpr std::size_t kFewNumbers = 20;  // numbers that are categories too
constexpr double kSkewed = 2;
constexpr std::size_t kMostValues = 1000;  // that one_hot keeps
constexpr double kTargetPrior = 20;        // rows that the overall mean counts
constexpr int kBins = 16;
constexpr std::uint64_t kFoldStream = 11;

bool is_missing(const Column& column, std::size_t row) {
  return column.is_text() ? column.text(row).empty()
                          : std::isnan(column.number(row));
}

std::map<std::string, std::size_t> count_values(const Column& column) {
  std::map<std::string, std::size_t> out;
  for (std::size_t row = 0; row < column.size(); ++row) {
    if (!is_missing(column, row)) ++out[column.show(row)];
  }
  return out;
}

bool reads_as_text(const Column& column) {
  std::size_t spaces = 0;
  for (std::size_t row = 0; row < column.size(); ++row) {
    spaces +=
        static_cast<std::size_t>(std::ranges::count(column.text(row), ' '));
  }
  return spaces > 2 * column.size();
}

std::vector<double> known_numbers(const Column& column, bool log) {
  std::vector<double> out;
  for (std::size_t row = 0; row < column.size(); ++row) {
    const double x = column.number(row);
    if (std::isnan(x)) continue;
    out.push_back(log ? static_cast<double>(runtime::log_of(x)) : x);
  }
  return out;
}

double skewness(const std::vector<double>& numbers) {
  const auto count =
      static_cast<double>(std::max<std::size_t>(1, numbers.size()));
  const double mean =
      std::accumulate(numbers.begin(), numbers.end(), 0.0) / count;
  double squares = 0, cubes = 0;
  for (const double x : numbers) {
    squares += (x - mean) * (x - mean);
    cubes += (x - mean) * (x - mean) * (x - mean);
  }
  return squares > 0 ? cubes / count / std::pow(squares / count, 1.5) : 0;
}

// A number for models that weigh it: itself or its logarithm, and where it
// lies, so that what is not straight can be learnt.
void suggest_number(const Column& column, FeatureUse use, bool bins,
                    Encodings& out) {
  const std::vector<double> numbers = known_numbers(column, false);
  const bool skewed = std::abs(skewness(numbers)) > kSkewed;
  out.emplace_back(column.name, skewed ? "log" : "number");
  if (use == FeatureUse::kWeighed && bins) {
    const bool few = count_values(column).size() <= kFewNumbers;
    out.emplace_back(column.name, few ? "one_hot" : "bins");
  }
  if (numbers.size() < column.size()) out.emplace_back(column.name, "missing");
}

// Encodings by content: what one would try first.
void suggest(const Column& column, FeatureUse use, bool bins, Encodings& out) {
  if (!column.is_text()) {
    if (use != FeatureUse::kSplit)
      return suggest_number(column, use, bins, out);
    return static_cast<void>(out.emplace_back(column.name, "raw"));
  }
  const std::size_t values = count_values(column).size();
  if (values > kMostOneHot && reads_as_text(column)) {
    out.emplace_back(column.name,
                     use == FeatureUse::kWeighed ? "words:2" : "words:1");
  } else {
    out.emplace_back(column.name, values > kMostOneHot ? "target" : "one_hot");
  }
}

Encodings chosen_columns(const Table& train, const TableFitOptions& options,
                         FeatureUse use) {
  Encodings out;
  for (const std::string& entry : options.columns) {
    const std::size_t equals = entry.rfind('=');
    if (equals == entry.npos) {
      invalid("columns: '" + entry + "', expected column=encoding");
    }
    out.emplace_back(entry.substr(0, equals), entry.substr(equals + 1));
  }
  if (!out.empty()) return out;
  for (const Column& column : train.columns) {
    suggest(column, use, options.bins, out);
  }
  return out;
}

// Rows that a word must stand in. Models that look at every word at every step
// take those of one row in a hundred, unless somebody chose the columns.
std::size_t least_terms(const Table& train, const TableFitOptions& options,
                        FeatureUse use) {
  const auto said = static_cast<std::size_t>(options.terms);
  if (use == FeatureUse::kWeighed || !options.columns.empty()) return said;
  return std::max(said, train.rows() / 100);
}

std::vector<float> mean_and_deviation(const std::vector<double>& numbers) {
  const auto count = static_cast<double>(numbers.size());
  if (numbers.empty()) return {0, 1};
  const double mean =
      std::accumulate(numbers.begin(), numbers.end(), 0.0) / count;
  double squares = 0;
  for (const double x : numbers) squares += (x - mean) * (x - mean);
  const auto deviation = static_cast<float>(std::sqrt(squares / count));
  return {static_cast<float>(mean), deviation > 0 ? deviation : 1.0F};
}

// Equally many rows between two cuts, equal cuts once.
std::vector<float> cuts_of(std::vector<double> numbers) {
  std::ranges::sort(numbers);
  std::set<float> out;
  for (int b = 1; b < kBins && !numbers.empty(); ++b) {
    const std::size_t at =
        numbers.size() * static_cast<std::size_t>(b) / std::size_t{kBins};
    if (numbers[at] > numbers.front()) {
      out.insert(static_cast<float>(numbers[at]));
    }
  }
  return {out.begin(), out.end()};
}

// The most frequent values, in order of name.
events::Vocabulary categories(const Column& column, std::size_t most) {
  const auto counts = count_values(column);
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const auto& [value, count] : counts) ranked.emplace_back(count, value);
  std::ranges::stable_sort(
      ranked, [](const auto& a, const auto& b) { return a.first > b.first; });
  ranked.resize(std::min(ranked.size(), most));
  std::vector<std::string> names;
  for (const auto& [count, value] : ranked) names.push_back(value);
  std::ranges::sort(names);
  return events::Vocabulary::from_names(std::span<const std::string>(names));
}

// Mean labels: of all rows, then of each value, drawn to that of all.
std::vector<float> label_means(const Column& column, const TableLabels& labels,
                               const events::Vocabulary& values,
                               const std::function<bool(std::size_t)>& counts) {
  const std::size_t outputs = outputs_of(labels);
  std::vector<double> sums((1 + values.size()) * outputs), rows(sums.size());
  for (std::size_t row = 0; row < column.size(); ++row) {
    if (!counts(row)) continue;
    std::vector<std::size_t> places = {0};
    if (!is_missing(column, row)) {
      const auto id = values.find(column.show(row));
      if (id) places.push_back(1 + std::size_t{*id});
    }
    for (const std::size_t place : places) {
      for (std::size_t o = 0; o < outputs; ++o) {
        const double y = labels.values[row];
        sums[place * outputs + o] +=
            labels.kind == Label::kClass ? (y == static_cast<double>(o)) : y;
        rows[place * outputs + o] += 1;
      }
    }
  }
  std::vector<float> out(sums.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double all = sums[i % outputs] / std::max(1.0, rows[i % outputs]);
    out[i] = static_cast<float>((sums[i] + kTargetPrior * all) /
                                (rows[i] + kTargetPrior));
  }
  return out;
}

// Terms of at least `least` rows with their weights, in order of term.
void learn_terms(const Column& column, std::size_t least,
                 ColumnEncoder& encoder) {
  std::unordered_map<std::string, std::pair<std::size_t, std::size_t>> seen;
  for (std::size_t row = 0; row < column.size(); ++row) {
    runtime::each_term(encoder.spec, column.text(row),
                       [&](std::string_view term) {
                         auto& [count, last] = seen[std::string(term)];
                         if (count > 0 && last == row) return;
                         ++count;
                         last = row;
                       });
  }
  std::vector<std::string> names;
  for (const auto& [term, count] : seen) {
    if (count.first >= least) names.push_back(term);
  }
  std::ranges::sort(names);
  encoder.values =
      events::Vocabulary::from_names(std::span<const std::string>(names));
  for (const std::string& name : names) {
    const auto rows = static_cast<double>(1 + column.size());
    const auto with = static_cast<double>(1 + seen[name].first);
    encoder.numbers.push_back(static_cast<float>(std::log(rows / with) + 1));
  }
}

ColumnEncoder learn(const Table& train, const TableLabels& labels,
                    std::size_t terms, const std::string& name,
                    const std::string& encoding) {
  ColumnEncoder out{name, EncodingSpec::parse(encoding)};
  const Column* column = train.find(name);
  if (column == nullptr) invalid("column '" + name + "': the table has it not");
  const EncodingSpec& spec = out.spec;
  const bool any =
      spec.reads_categories() || spec.encoding == Encoding::kMissing;
  if (!any && spec.reads_text() != column->is_text()) {
    invalid("column '" + name + "': " + encoding + " expects " +
            (spec.reads_text() ? "text" : "numbers"));
  }
  switch (spec.encoding) {
    case Encoding::kNumber:
    case Encoding::kLog:
      out.numbers = mean_and_deviation(
          known_numbers(*column, spec.encoding == Encoding::kLog));
      break;
    case Encoding::kBins:
      out.numbers = cuts_of(known_numbers(*column, false));
      break;
    case Encoding::kOneHot:
      out.values = categories(*column, kMostValues);
      break;
    case Encoding::kTarget:
      out.values = categories(*column, column->size());
      out.numbers = label_means(*column, labels, out.values,
                                [](std::size_t) { return true; });
      break;
    case Encoding::kWords:
    case Encoding::kLetters:
      learn_terms(*column, terms, out);
      break;
    default:
      break;
  }
  return out;
}

// Prepares training rows fold by fold, with label means of the other folds.
runtime::FeatureRows encode_out_of_fold(const Table& train,
                                        const TableLabels& labels,
                                        const TableFitOptions& options,
                                        std::vector<ColumnEncoder> encoders) {
  const std::vector<int> fold =
      fold_of_rows(labels, options.folds, options.seed);
  std::vector<runtime::FeatureRows> parts;
  std::vector<std::size_t> part_of(train.rows()), row_of(train.rows());
  for (int f = 0; f < options.folds; ++f) {
    std::vector<std::size_t> own;
    for (std::size_t row = 0; row < fold.size(); ++row) {
      if (fold[row] != f) continue;
      part_of[row] = static_cast<std::size_t>(f);
      row_of[row] = own.size();
      own.push_back(row);
    }
    for (ColumnEncoder& encoder : encoders) {
      if (encoder.spec.encoding != Encoding::kTarget) continue;
      encoder.numbers =
          label_means(*train.find(encoder.column), labels, encoder.values,
                      [&](std::size_t row) { return fold[row] != f; });
    }
    parts.push_back(
        runtime::TableColumns(encoders).encode(rows_of(train, own)));
  }
  runtime::FeatureRows out;
  out.width = parts[0].width;
  for (std::size_t row = 0; row < train.rows(); ++row) {
    const std::size_t chosen[] = {row_of[row]};
    out.append(parts[part_of[row]].rows(chosen));
  }
  return out;
}

}  // namespace

FittedColumns fit_columns(const Table& train, const TableLabels& labels,
                          const TableFitOptions& options, FeatureUse use) {
  std::vector<ColumnEncoder> encoders;
  bool target = false;
  const std::size_t terms = least_terms(train, options, use);
  for (const auto& [name, encoding] : chosen_columns(train, options, use)) {
    encoders.push_back(learn(train, labels, terms, name, encoding));
    target = target || encoders.back().spec.encoding == Encoding::kTarget;
  }
  runtime::TableColumns columns(encoders);
  if (columns.width() == 0) invalid("columns: nothing to learn from in them");
  runtime::FeatureRows rows =
      target ? encode_out_of_fold(train, labels, options, encoders)
             : columns.encode(train);
  if (options.principal > 0) {
    columns = runtime::TableColumns(
        std::move(encoders),
        principal_components(rows, static_cast<std::size_t>(options.principal),
                             options.seed));
    rows = columns.reduce(rows);
  }
  return {std::move(columns), std::move(rows)};
}

Table rows_of(const Table& table, std::span<const std::size_t> chosen) {
  Table out;
  for (const Column& column : table.columns) {
    Column part{column.name, {}};
    std::visit(
        [&](const auto& cells) {
          std::remove_cvref_t<decltype(cells)> own;
          for (const std::size_t row : chosen) own.push_back(cells[row]);
          part.cells = std::move(own);
        },
        column.cells);
    out.columns.push_back(std::move(part));
  }
  return out;
}

TableLabels rows_of(const TableLabels& labels,
                    std::span<const std::size_t> chosen) {
  TableLabels out{labels.kind, {}, labels.classes};
  for (const std::size_t row : chosen) {
    out.values.push_back(labels.values[row]);
    if (labels.auxiliary.empty()) continue;
    out.auxiliary.push_back(labels.auxiliary[row]);
  }
  return out;
}

std::vector<int> fold_of_rows(const TableLabels& labels, int folds,
                              std::uint64_t seed) {
  std::vector<std::size_t> order(labels.values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Rng rng(seed, kFoldStream);
  shuffle(order, rng);
  if (labels.kind == Label::kBinary || labels.kind == Label::kClass) {
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
      return labels.values[a] < labels.values[b];
    });
  }
  std::vector<int> out(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    out[order[i]] = static_cast<int>(i % static_cast<std::size_t>(folds));
  }
  return out;
}

}  // namespace ensue::classic
