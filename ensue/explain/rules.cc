// SPDX-License-Identifier: Apache-2.0
#include "ensue/explain/rules.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <numeric>
#include <utility>

#include "ensue/base/error.h"

namespace ensue::explain {

using events::Column;
using events::Table;

namespace {

using Places = std::vector<std::size_t>;

/// Rows, and sums of their answers.
struct Sums {
  double rows = 0, sum = 0;
  void add(double answer) { rows += 1, sum += answer; }
  void add(const Sums& other) { rows += other.rows, sum += other.sum; }
  // How much of the squares a mean of these rows explains.
  double explained() const { return rows > 0 ? sum * sum / rows : 0; }
};

double gain(const Sums& left, const Sums& all) {
  const Sums right{all.rows - left.rows, all.sum - left.sum};
  return left.explained() + right.explained() - all.explained();
}

std::string shown(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", number);
  return text;
}

const Column& column_of(const Table& rows, const std::string& name,
                        bool is_text) {
  const Column* column = rows.find(name);
  if (column == nullptr || column->is_text() != is_text) {
    invalid("column '" + name + "': the rules read " +
            (is_text ? "text" : "numbers") + ", the table has " +
            (column == nullptr ? "it not" : "another kind"));
  }
  return *column;
}

}  // namespace

/// Grows the tree, node by node.
class RuleMaker {
 public:
  RuleMaker(const Table& rows, std::span<const double> answers,
            const RuleOptions& options, std::vector<Rules::Node>& nodes)
      : rows_(rows), answers_(answers), options_(options), nodes_(nodes) {
    for (const Column& column : rows.columns) {
      if (!column.is_text()) continue;
      std::map<std::string, int> values;
      for (std::size_t row = 0; row < column.size(); ++row) {
        ++values[column.text(row)];
      }
      if (values.size() > options.most_values) skipped_.push_back(&column);
    }
  }

  std::size_t grow(const Places& places, int depth) {
    const std::size_t at = nodes_.size();
    nodes_.emplace_back();
    const Sums all = sums_of(places);
    nodes_[at].rows = places.size();
    nodes_[at].answer = all.sum / all.rows;
    if (depth == options_.depth) return at;
    Best best;
    for (const Column& column : rows_.columns) {
      if (std::ranges::find(skipped_, &column) != skipped_.end()) continue;
      if (column.is_text()) {
        try_values(column, places, all, best);
      } else {
        try_cuts(column, places, all, best);
      }
    }
    if (best.gain <= kLeastGain * (1 + std::abs(all.explained()))) return at;
    const Column& column = *rows_.find(best.node.column);
    Places left, right;
    for (const std::size_t row : places) {
      (side(best.node, column, row) ? left : right).push_back(row);
    }
    best.node.rows = places.size();
    best.node.answer = nodes_[at].answer;
    nodes_[at] = best.node;
    const std::size_t to_left = grow(left, depth + 1);
    nodes_[at].left = to_left;
    const std::size_t to_right = grow(right, depth + 1);
    nodes_[at].right = to_right;
    return at;
  }

  static bool side(const Rules::Node& node, const Column& column,
                   std::size_t row) {
    if (node.is_text) {
      return std::ranges::binary_search(node.values, column.text(row));
    }
    const double number = column.number(row);
    return std::isnan(number) ? node.missing_left : number < node.cut;
  }

 private:
  static constexpr double kLeastGain = 1e-9;
  struct Best {
    double gain = 0;
    Rules::Node node;
  };

  Sums sums_of(const Places& places) const {
    Sums out;
    for (const std::size_t row : places) out.add(answers_[row]);
    return out;
  }
  bool enough(const Sums& left, const Sums& all) const {
    const auto least = static_cast<double>(options_.least_rows);
    return left.rows >= least && all.rows - left.rows >= least;
  }

  void try_cuts(const Column& column, const Places& places, const Sums& all,
                Best& best) const {
    Places known;
    Sums missing;
    for (const std::size_t row : places) {
      if (std::isnan(column.number(row))) {
        missing.add(answers_[row]);
      } else {
        known.push_back(row);
      }
    }
    std::ranges::stable_sort(
        known, {}, [&](std::size_t row) { return column.number(row); });
    Sums left;
    for (std::size_t i = 0; i + 1 < known.size(); ++i) {
      left.add(answers_[known[i]]);
      const double here = column.number(known[i]);
      const double next = column.number(known[i + 1]);
      if (here == next) continue;
      for (const bool missing_left : {false, true}) {
        Sums with = left;
        if (missing_left) with.add(missing);
        const double won = gain(with, all);
        if (won <= best.gain || !enough(with, all)) continue;
        best.gain = won;
        best.node = {};
        best.node.column = column.name;
        best.node.cut = here + (next - here) / 2;
        best.node.missing_left = missing_left;
        if (best.node.cut <= here) best.node.cut = next;
      }
    }
  }

  // In order of mean answer the best set is one of the first values (Fisher
  // 1958, doi:10.1080/01621459.1958.10501479).
  void try_values(const Column& column, const Places& places, const Sums& all,
                  Best& best) const {
    std::map<std::string, Sums> by_value;
    for (const std::size_t row : places) {
      by_value[column.text(row)].add(answers_[row]);
    }
    std::vector<std::pair<std::string, Sums>> order(by_value.begin(),
                                                    by_value.end());
    std::ranges::stable_sort(order, {}, [](const auto& entry) {
      return entry.second.sum / entry.second.rows;
    });
    Sums left;
    for (std::size_t i = 0; i + 1 < order.size(); ++i) {
      left.add(order[i].second);
      const double won = gain(left, all);
      if (won <= best.gain || !enough(left, all)) continue;
      best.gain = won;
      best.node = {};
      best.node.column = column.name;
      best.node.is_text = true;
      for (std::size_t v = 0; v <= i; ++v) {
        best.node.values.push_back(order[v].first);
      }
      std::ranges::sort(best.node.values);
    }
  }

  const Table& rows_;
  std::span<const double> answers_;
  const RuleOptions& options_;
  std::vector<Rules::Node>& nodes_;
  std::vector<const Column*> skipped_;
};

Rules::Rules(const Table& rows, std::span<const double> answers,
             const RuleOptions& options) {
  if (rows.rows() != answers.size() || answers.empty()) {
    invalid("rules: " + std::to_string(rows.rows()) + " rows, " +
            std::to_string(answers.size()) + " answers");
  }
  if (options.depth < 1 || options.depth > 4) {
    invalid("rules: depth " + std::to_string(options.depth) +
            ", expected 1 to 4");
  }
  Places all(answers.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  RuleMaker(rows, answers, options, nodes_).grow(all, 0);
}

bool Rules::goes_left(const Node& node, const Column& column,
                      std::size_t row) const {
  return RuleMaker::side(node, column, row);
}

std::vector<double> Rules::predict(const Table& rows) const {
  std::vector<const Column*> columns;
  for (const Node& node : nodes_) {
    columns.push_back(node.column.empty()
                          ? nullptr
                          : &column_of(rows, node.column, node.is_text));
  }
  std::vector<double> out(rows.rows());
  for (std::size_t row = 0; row < out.size(); ++row) {
    std::size_t at = 0;
    while (columns[at] != nullptr) {
      const Node& node = nodes_[at];
      at = goes_left(node, *columns[at], row) ? node.left : node.right;
    }
    out[row] = nodes_[at].answer;
  }
  return out;
}

double Rules::fidelity(const Table& rows,
                       std::span<const double> answers) const {
  const std::vector<double> own = predict(rows);
  if (own.size() != answers.size() || own.empty()) {
    invalid("rules: " + std::to_string(own.size()) + " rows, " +
            std::to_string(answers.size()) + " answers");
  }
  const double mean = std::accumulate(answers.begin(), answers.end(), 0.0) /
                      static_cast<double>(answers.size());
  double missed = 0, all = 0;
  for (std::size_t row = 0; row < own.size(); ++row) {
    missed += (answers[row] - own[row]) * (answers[row] - own[row]);
    all += (answers[row] - mean) * (answers[row] - mean);
  }
  if (all == 0) return missed == 0 ? 1 : 0;
  return 1 - missed / all;
}

std::size_t Rules::size() const noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(
      nodes_, [](const Node& node) { return node.column.empty(); }));
}

void Rules::write(std::size_t at, int depth, std::string& out) const {
  const Node& node = nodes_[at];
  const std::string indent(static_cast<std::size_t>(2 * depth), ' ');
  if (node.column.empty()) {
    out += indent + shown(node.answer) + " (" + std::to_string(node.rows) +
           " rows)\n";
    return;
  }
  out += indent + "if " + node.column;
  if (node.is_text) {
    out += " is one of";
    for (const std::string& value : node.values) {
      out += " '" + value + "'";
    }
  } else {
    out += " < " + shown(node.cut) + (node.missing_left ? " or missing" : "");
  }
  out += "\n";
  write(node.left, depth + 1, out);
  out += indent + "else\n";
  write(node.right, depth + 1, out);
}

std::string Rules::text() const {
  std::string out;
  write(0, 0, out);
  return out;
}

}  // namespace ensue::explain
