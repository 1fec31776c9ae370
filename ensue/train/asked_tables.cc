// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/asked_tables.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/data/features.h"
#include "ensue/judge/customer_features.h"
#include "ensue/judge/label_leaks.h"
#include "ensue/metrics/binary.h"
#include "ensue/train/candidates.h"

namespace ensue::train {
namespace {

using classic::Figures, classic::JudgedTable, classic::TablePart;

TablePart part_of(const AskedInput& input, const data::LabelTable& table) {
  return {data::compute_features(input.log, input.definitions, table.pairs,
                                 {.progress = input.progress}),
          {classic_label(table.kind), table.values, table.classes}};
}

// An ordering by one feature, unknown numbers last.
Figures figures_alone(const TablePart& part, const std::string& feature,
                      double sign) {
  std::vector<double> scores;
  for (const double cell :
       std::get<std::vector<double>>(part.rows.find(feature)->cells)) {
    scores.push_back(cell == cell ? sign * cell : -1e300);
  }
  const auto& labels = part.labels.values;
  if (std::ranges::adjacent_find(labels, std::ranges::not_equal_to()) ==
      labels.end()) {
    return {};
  }
  return {{"auc", metrics::auc(scores, labels)},
          {"ap", metrics::average_precision(scores, labels)}};
}

std::vector<JudgedTable> baselines_of(const AskedInput& input,
                                      const TablePart& train,
                                      const TablePart& validation,
                                      const TablePart& test) {
  std::vector<JudgedTable> out = {
      classic::judge_constant(train.labels, validation.labels, test.labels)};
  if (train.labels.kind != classic::Label::kBinary) return out;
  for (const std::string_view kind : {"recency", "count"}) {
    const auto found = std::ranges::find_if(
        input.definitions, [&](const features::Definition& d) {
          return d.kind == kind && d.action == input.aim &&
                 d.window_days == 0 && d.edges.empty();
        });
    if (found == input.definitions.end()) continue;
    const double sign = kind == "recency" ? -1 : 1;
    out.push_back({found->name + " alone",
                   figures_alone(validation, found->name, sign),
                   figures_alone(test, found->name, sign)});
  }
  return out;
}

void describe(artifact::Draft& draft, const events::Log& log,
              JsonObject metrics) {
  artifact::Description& about = draft.description();
  about.items = log.item_names();
  about.actions = log.action_names();
  about.item_table = log.item_table();
  about.context = log.context();
  about.schema = log.schema();
  about.data["log"] = std::to_string(log.fingerprint());
  about.metrics = std::move(metrics);
}

// What asks for more than there is, is left out.
classic::ContestOptions wanted(const AskedInput& input) {
  classic::ContestOptions out = input.contest;
  const bool has =
      input.sequence != nullptr && input.sequence->options.wanted();
  if (!has) std::erase_if(out.models, wants_sequence);
  if (input.shorter == nullptr) std::erase_if(out.models, wants_shorter);
  if (out.models.empty() && !input.contest.models.empty()) {
    const std::string& first = input.contest.models[0];
    invalid("models: '" + first + "' wants " +
            (wants_sequence(first)
                 ? "a sequence model, expected task.sequence other than none"
                 : "a horizon that can be cut, of a yes or no that came and "
                   "did not come within a third of it"));
  }
  return out;
}

// Trains the sequence model and lets it say its columns of all rows.
std::vector<std::byte> add_sequence(const AskedInput& input,
                                    CandidateRows& train,
                                    CandidateRows& validation,
                                    CandidateRows& test) {
  const AskedSequence& asked = *input.sequence;
  const AskedTables& tables = input.tables;
  std::vector<std::byte> bytes = fit_sequence({.log = input.log,
                                               .task = asked.task,
                                               .until = asked.until,
                                               .train = tables.train,
                                               .validation = tables.validation,
                                               .options = asked.options,
                                               .progress = input.progress});
  const tasks::SequenceColumns columns(
      std::make_shared<const runtime::Engine>(
          artifact::Artifact::from_bytes(bytes, "sequence")),
      asked.task,
      {input.log.item_names(), input.log.action_names(), input.log.context()});
  const auto say = [&](const data::LabelTable& table, CandidateRows& rows) {
    rows.sequence = judge::sequence_table(input.log, columns, table.pairs);
  };
  say(tables.train, train);
  say(tables.validation, validation);
  say(tables.test, test);
  return bytes;
}

}  // namespace

classic::Label classic_label(data::LabelKind kind) {
  switch (kind) {
    case data::LabelKind::kClass:
      return classic::Label::kClass;
    case data::LabelKind::kNumber:
      return classic::Label::kNumber;
    case data::LabelKind::kCount:
      return classic::Label::kCount;
    case data::LabelKind::kBinary:
      break;
  }
  return classic::Label::kBinary;
}

AskedResult fit_asked(const AskedInput& input) {
  const AskedTables& tables = input.tables;
  data::check_seen(tables.train, tables.validation);
  data::check_seen(tables.train, tables.test);
  classic::ContestOptions contest = wanted(input);
  CandidateRows train{part_of(input, tables.train)},
      validation{part_of(input, tables.validation)},
      test{part_of(input, tables.test)};
  std::vector<std::byte> sequence;
  if (std::ranges::any_of(contest.models, wants_sequence)) {
    sequence = add_sequence(input, train, validation, test);
  }
  if (std::ranges::any_of(contest.models, wants_shorter)) {
    train.shorter = part_of(input, input.shorter->train);
    validation.shorter = part_of(input, input.shorter->validation);
    test.shorter = part_of(input, input.shorter->test);
  }
  Candidates candidates(train, validation, test, contest.table);
  contest.fit = [&](const std::string& name) { return candidates.fit(name); };
  contest.again = [&](const std::string& name, runtime::TableModel model,
                      bool with_test) {
    return candidates.again(name, std::move(model), with_test);
  };
  AskedResult out{classic::hold_contest(train.all(), validation.all(),
                                        test.all(), contest)};
  if (wants_sequence(out.contest.best)) out.sequence = std::move(sequence);
  const classic::TablePart& seen = train.features;
  out.leaks = judge::find_label_leaks(
      seen.rows, seen.labels.values,
      /*classes=*/seen.labels.kind == classic::Label::kClass);
  out.baselines = baselines_of(input, seen, validation.features, test.features);
  describe(out.contest.draft, input.log, out.contest.metrics());
  return out;
}

}  // namespace ensue::train
