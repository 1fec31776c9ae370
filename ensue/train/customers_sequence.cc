// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/customers_sequence.h"

#include <algorithm>
#include <cmath>

#include "ensue/artifact/artifact.h"
#include "ensue/artifact/block_configs.h"
#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/judge/instants.h"
#include "ensue/models/catalog.h"
#include "ensue/train/fit.h"

namespace ensue::train {
namespace {

void check(const SequenceOptions& options) {
  const bool own = options.encoder.empty();
  const std::vector<std::string> known =
      own ? std::vector<std::string>{"auto", "alone", "joint"}
          : std::vector<std::string>{"auto", "heads", "adapters", "all"};
  if (std::ranges::find(known, options.learn) == known.end()) {
    invalid("task.learn: '" + options.learn + "', expected " +
            (own ? "alone or joint; heads, adapters and all want task.encoder"
                 : "heads, adapters or all of task.encoder"));
  }
  if (options.sequence_width < 1 || options.sequence_events < 1 ||
      options.sequence_epochs < 1 || !(options.label_weight > 0)) {
    invalid(
        "task.sequence_width, sequence_events, sequence_epochs: expected at "
        "least 1, label_weight above 0");
  }
}

bool has_values(const events::Log& log) {
  return std::ranges::any_of(log.columns().values,
                             [](float value) { return !std::isnan(value); });
}

artifact::ModelSpec model_of(const artifact::Artifact& encoder,
                             const std::string& path, events::Millis cut) {
  const artifact::Description& about = encoder.description();
  const Json* until = about.data.if_contains("until");
  if (until == nullptr || !until->is_int64()) {
    invalid(path + ": does not say what it has learnt from");
  }
  if (until->as_int64() >= count(cut)) {
    invalid(path + ": has learnt from events up to " +
            judge::show_instant(events::Millis{until->as_int64()}) +
            ", expected before " + judge::show_instant(cut) +
            ", where the validation begins");
  }
  return about.model;
}

// With one label head, behind what scores and predicts events.
void add_head(const std::string& task, data::LabelTable const& labels,
              artifact::ModelSpec& model) {
  std::erase_if(model.heads,
                [](const auto& head) { return head.type == "label"; });
  if (model.heads.empty() || model.heads[0].type != "next_item") {
    invalid("model '" + model.name +
            "': no sequence model, expected one such as gru or sasrec");
  }
  artifact::NextItemConfig scorer;
  read_fields(scorer, model.heads[0].config, "next_item");
  const artifact::LabelConfig config{
      .task = task,
      .kind = std::string(name_of(labels.kind)),
      .width = scorer.width,
      .outputs = std::max(1, static_cast<int>(labels.classes.size()))};
  model.heads.push_back({"label", write_fields(config)});
}

TrainOptions train_options(const events::Log& log,
                           const SequenceOptions& options) {
  // Some thirty steps a pass, also where there is little to learn from.
  constexpr std::size_t kSteps = 32, kFewest = 256, kMost = 4096;
  TrainOptions out;
  out.epochs = options.sequence_epochs;
  out.patience = 2;
  out.max_length = options.sequence_events;
  out.batch_tokens =
      static_cast<int>(std::clamp(log.size() / kSteps, kFewest, kMost));
  out.seed = options.sequence_seed;
  return out;
}

}  // namespace

artifact::ModelSpec sequence_model(const events::Log& log,
                                   const SequenceOptions& options) {
  const models::ModelEntry& entry = models::models().find(options.sequence);
  const JsonObject wanted = {{"width", options.sequence_width},
                             {"hidden", JsonArray{options.sequence_width}},
                             {"window", options.sequence_events},
                             {"actions", log.action_names().size() > 1},
                             {"gaps", true},
                             {"values", has_values(log)}};
  JsonObject config;
  for (const FieldDoc& field : entry.fields()) {
    const bool listed =
        field.name != "hidden" || field.type == "a list of integers";
    if (wanted.contains(field.name) && listed) {
      config[field.name] = wanted.at(field.name);
    }
  }
  return entry.build(config);
}

judge::Split events_before(const events::Log& log, events::Millis end) {
  judge::Split out;
  out.kind = "time";
  out.description = "events before " + judge::show_instant(end);
  for (std::uint32_t user = 0; user < log.users(); ++user) {
    const auto times = log.history(events::UserId{user}).times;
    const auto known = std::ranges::lower_bound(times, end) - times.begin();
    out.train.push_back({0, static_cast<std::uint32_t>(known)});
  }
  out.validation_cut = end;
  return out;
}

std::vector<std::byte> fit_sequence(const SequenceInput& input) {
  const SequenceOptions& options = input.options;
  check(options);
  TrainOptions train = train_options(input.log, options);
  artifact::ModelSpec model;
  if (options.encoder.empty()) {
    model = sequence_model(input.log, options);
  } else {
    const auto encoder = artifact::Artifact::load(options.encoder);
    model = model_of(*encoder, options.encoder, input.until);
    train.from = options.encoder;
    train.learn = options.learn == "auto" ? "heads" : options.learn;
  }
  // Where nothing is known yet, the next item teaches what a history means.
  const bool joint = options.encoder.empty() && options.learn != "alone";
  add_head(input.task, input.train, model);
  const LabelRequest labels{{{.task = input.task,
                              .weight = options.label_weight,
                              .train = input.train,
                              .validation = input.validation}},
                            /*alone=*/!joint};
  const judge::Split split = events_before(input.log, input.until);
  return fit({.log = input.log,
              .split = split,
              .model = model,
              .options = train,
              .folder = {},
              .progress = input.progress,
              .labels = &labels})
      .draft.bytes();
}

}  // namespace ensue::train
