// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/response_task.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/metrics/uplift.h"
#include "ensue/tasks/response_model.h"
#include "ensue/train/internal/asked_column.h"
#include "ensue/train/row_task.h"

namespace ensue::train {
namespace {

using classic::CampaignRows;

const events::Column& column_of(const events::Table& rows,
                                const ResponseOptions& asked,
                                const std::string& name, const char* setting) {
  if (name.empty()) {
    invalid(std::string("task.") + setting + ": expected a column of " +
            asked.table);
  }
  return internal::asked_column(rows, name, asked.table, setting);
}

// The values of the treatment; the asked one first, then the others.
std::vector<std::string> arms_of(const events::Column& treatment,
                                 const ResponseOptions& asked) {
  std::set<std::string> values;
  for (std::size_t row = 0; row < treatment.size(); ++row) {
    values.insert(treatment.show(row));
  }
  std::string there;
  for (const std::string& value : values) {
    if (there.size() < 200) there += (there.empty() ? "" : ", ") + value;
  }
  for (const auto& [value, setting] :
       {std::pair{asked.treated, "treated"}, {asked.control, "control"}}) {
    if (!value.empty() && values.contains(value)) continue;
    invalid(std::string("task.") + setting + ": '" + value +
            "', expected a value of column '" + treatment.name +
            "'; there are: " + there);
  }
  if (asked.treated == asked.control) {
    invalid("task.control: '" + asked.control + "' is what was treated");
  }
  std::vector<std::string> out = {asked.treated};
  for (const std::string& value : values) {
    const bool other = value != asked.treated && value != asked.control;
    if (other && !value.empty()) out.push_back(value);
  }
  return out;
}

double outcome_of(const events::Column& column, std::size_t row,
                  const ResponseOptions& asked) {
  const double out = column.is_text() ? std::nan("") : column.number(row);
  if (std::isfinite(out)) return out;
  invalid(asked.table + " row " + std::to_string(row + 1) + " column '" +
          column.name + "': '" + column.show(row).substr(0, 60) +
          "', expected a number, or true or false");
}

events::Table features_of(const events::Table& rows,
                          const ResponseOptions& asked,
                          const std::vector<std::string>& ignored) {
  events::Table out;
  for (const events::Column& column : rows.columns) {
    if (std::ranges::find(ignored, column.name) != ignored.end()) continue;
    if (column.name == runtime::kTreatmentColumn) {
      invalid(asked.table + ": column '" + column.name +
              "' has the name that learners give the treatment; rename or "
              "drop it");
    }
    out.columns.push_back(column);
  }
  if (out.columns.empty()) {
    invalid(asked.table + ": no column to predict from");
  }
  return out;
}

// What else came, of the rows at those places.
std::vector<double> other_of(const events::Column& column,
                             const std::vector<std::size_t>& places,
                             const CampaignRows& campaign,
                             const ResponseOptions& asked) {
  std::vector<double> out;
  std::set<double> of_arm[2];
  for (std::size_t i = 0; i < places.size(); ++i) {
    out.push_back(outcome_of(column, places[i], asked));
    of_arm[campaign.treated[i]].insert(out.back());
  }
  for (const std::set<double>& values : of_arm) {
    if (values.size() != 1) continue;
    invalid(asked.table + " column '" + column.name +
            "': all of an arm have the same, expected numbers that differ; "
            "leave it out of --task.others");
  }
  return out;
}

// The customers of one arm and of the control.
CampaignRows campaign_of(const events::Table& rows,
                         const events::Table& features, const std::string& arm,
                         const ResponseOptions& asked) {
  const events::Column& treatment = *rows.find(asked.treatment);
  const events::Column& target = *rows.find(asked.target);
  CampaignRows out;
  std::vector<std::size_t> places;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    const std::string got = treatment.show(row);
    if (got != arm && got != asked.control) continue;
    places.push_back(row);
    out.treated.push_back(got == arm ? 1 : 0);
    out.outcome.push_back(outcome_of(target, row, asked));
  }
  out.rows = classic::rows_at(features, places);
  for (const std::string& name : asked.others) {
    out.others.push_back(other_of(*rows.find(name), places, out, asked));
  }
  return out;
}

struct Mean {
  double sum = 0, square = 0, count = 0;
  void add(double x) { sum += x, square += x * x, count += 1; }
  double mean() const { return sum / count; }
  double error() const {  // of the mean, squared
    return std::max(0.0, square / count - mean() * mean()) / count;
  }
};

// Difference of two means, and its standard error.
std::pair<double, double> apart(const Mean (&arms)[2]) {
  return {arms[1].mean() - arms[0].mean(),
          std::sqrt(arms[0].error() + arms[1].error())};
}

metrics::Interval mean_effect(const CampaignRows& campaign) {
  Mean arms[2];
  for (std::size_t i = 0; i < campaign.size(); ++i) {
    arms[campaign.treated[i]].add(campaign.outcome[i]);
  }
  const auto [effect, error] = apart(arms);
  return {effect, effect - 1.96 * error, effect + 1.96 * error};
}

// Of numbers themselves; of text, whether it is the commonest value.
std::vector<double> as_numbers(const events::Column& column,
                               const std::string& commonest) {
  std::vector<double> out;
  for (std::size_t row = 0; row < column.size(); ++row) {
    out.push_back(column.is_text() ? (column.text(row) == commonest ? 1 : 0)
                                   : column.number(row));
  }
  return out;
}

std::string commonest_of(const events::Column& column) {
  std::map<std::string, std::size_t> counts;
  for (std::size_t row = 0; row < column.size(); ++row) {
    ++counts[column.show(row)];
  }
  return std::ranges::max_element(counts, {},
                                  [](const auto& one) { return one.second; })
      ->first;
}

bool splits_arms(const std::vector<double>& numbers,
                 const CampaignRows& campaign) {
  constexpr double kApart = 5;
  Mean arms[2];
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] == numbers[i]) arms[campaign.treated[i]].add(numbers[i]);
  }
  if (arms[0].count < 2 || arms[1].count < 2) return false;
  const auto [difference, error] = apart(arms);
  return std::abs(difference) > kApart * error;
}

bool only_with_outcome(const events::Column& column,
                       const std::string& commonest,
                       const CampaignRows& campaign) {
  constexpr std::size_t kRows = 20;
  std::size_t came = 0, other = 0, both = 0;
  for (std::size_t i = 0; i < campaign.size(); ++i) {
    const bool is = campaign.outcome[i] > 0,
               apart = column.show(i) != commonest;
    came += is ? 1 : 0;
    other += apart ? 1 : 0;
    both += is && apart ? 1 : 0;
  }
  return other >= kRows && both == other && 2 * came < campaign.size();
}

struct Judged {
  JudgedArm arm;
  classic::UpliftContest contest;
  CampaignRows test;
};

Judged judge_arm(const CampaignRows& all, const std::string& name,
                 const ResponseOptions& asked) {
  // As many parts as one of them is the share that is asked for.
  const int parts = static_cast<int>(std::lround(1 / asked.test_share));
  const auto part =
      classic::fold_of_customers(all, parts, asked.split_seed + 1000);
  std::vector<std::size_t> train, test;
  for (std::size_t i = 0; i < part.size(); ++i) {
    (part[i] == 0 ? test : train).push_back(i);
  }
  CampaignRows apart = all.at(test);
  classic::UpliftContestOptions options;
  options.learners = asked.learners;
  options.seed = asked.split_seed;
  classic::UpliftContest contest =
      classic::hold_uplift_contest(all.at(train), apart, options);
  JudgedArm arm{
      name,        all.size(), test.size(), mean_effect(all), contest.learners,
      contest.best};
  return {std::move(arm), std::move(contest), std::move(apart)};
}

}  // namespace

std::optional<std::string> find_consequences(const CampaignRows& campaign) {
  for (const events::Column& column : campaign.rows.columns) {
    const std::string commonest = commonest_of(column);
    if (only_with_outcome(column, commonest, campaign)) {
      return "column '" + column.name + "' is other than '" + commonest +
             "' only where the outcome came, so it was known after it";
    }
    if (splits_arms(as_numbers(column, commonest), campaign)) {
      return "column '" + column.name +
             "' tells who was treated, so it was known after the treatment or "
             "the test was not random";
    }
  }
  return std::nullopt;
}

ResponseResult fit_response(const events::Table& rows,
                            const ResponseOptions& asked) {
  check_task_name(asked.name);
  if (!(asked.test_share > 0.04 && asked.test_share <= 0.5)) {
    invalid("task.test_share: " + std::to_string(asked.test_share) +
            ", expected .05 to .5");
  }
  column_of(rows, asked, asked.target, "target");
  const auto arms =
      arms_of(column_of(rows, asked, asked.treatment, "treatment"), asked);
  std::vector<std::string> ignored = asked.drop;
  for (const auto& name : ignored) column_of(rows, asked, name, "drop");
  for (const auto& name : asked.others) {
    column_of(rows, asked, name, "others");
    ignored.push_back(name);
  }
  ignored.push_back(asked.target);
  ignored.push_back(asked.treatment);
  const events::Table features = features_of(rows, asked, ignored);
  tasks::RowShape shape;
  for (const events::Column& column : features.columns) {
    shape.columns.push_back({column.name, column.is_text()});
  }
  shape.ignored = ignored;
  ResponseResult out{.draft = artifact::Draft({}), .arms = {}};
  for (const std::string& arm : arms) {
    const CampaignRows all = campaign_of(rows, features, arm, asked);
    const auto leak = find_consequences(all);
    if (leak)
      invalid(asked.table + ": " + *leak +
              "; --task.drop it, or learn from it by --task.others");
    Judged judged = judge_arm(all, arm, asked);
    if (out.arms.empty()) {
      out.draft = tasks::ResponseModel::draft(
          judged.contest.model,
          {asked.name, asked.treatment, arm, asked.control, asked.target},
          shape,
          {judged.contest.test_effects, judged.test.outcome,
           judged.test.treated});
      const auto& test = judged.contest.winner().test;
      out.draft.description().metrics["test"] = JsonObject{
          {"qini", test.mean}, {"low", test.low}, {"high", test.high}};
    }
    out.arms.push_back(std::move(judged.arm));
  }
  return out;
}

}  // namespace ensue::train
