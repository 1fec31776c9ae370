// SPDX-License-Identifier: Apache-2.0
// The sequence model beside the table models of a question about customers.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ensue/artifact/model_spec.h"
#include "ensue/base/progress.h"
#include "ensue/data/labels.h"
#include "ensue/events/log.h"
#include "ensue/judge/split.h"

namespace ensue::train {

/// [task], of the sequence model.
struct SequenceOptions {
  std::string sequence = "gru";  // a model's name, or none
  std::string encoder = {};      // a file in its place
  /// alone: the label alone; joint: the next item, too. Of an encoder: heads,
  /// adapters or all of it learns the label. auto: joint; heads.
  std::string learn = "auto";
  int sequence_width = 32, sequence_events = 200, sequence_epochs = 10;
  double label_weight = 1;
  int sequence_seed = 1;
  void visit(auto&& field) {
    field("sequence", sequence,
          "a sequence model beside the tables: gru, sasrec, …, or none");
    field("encoder", encoder,
          "a trained model in its place, its file or its run, which has learnt "
          "nothing from the validation's instant on");
    field("learn", learn,
          "sequence: alone (the label alone) or joint (the next item, too); "
          "encoder: heads, adapters or all");
    field("sequence_width", sequence_width, "sequence: width of the model");
    field("sequence_events", sequence_events,
          "sequence: latest events that it reads");
    field("sequence_epochs", sequence_epochs,
          "sequence, encoder: passes over the labels, at most");
    field("label_weight", label_weight,
          "joint: weight of the label's loss beside the next item's");
    field("sequence_seed", sequence_seed,
          "sequence, encoder: seed of everything random");
  }
  bool wanted() const { return sequence != "none" || !encoder.empty(); }
};

struct SequenceInput {
  const events::Log& log;
  std::string task;
  events::Millis until{0};  // the validation's instant
  const data::LabelTable &train, &validation;
  const SequenceOptions& options;
  ProgressFn progress = {};
};

/// Trains a model with a label head for the task on the events before the
/// validation's instant, or teaches an encoder one; labels of the validation
/// decide when to stop. Returns the artifact's bytes.
/// @throws Error(kInvalidArgument) for an option out of range, an encoder that
///   has learnt from later events or reads both ways, what fit() throws.
std::vector<std::byte> fit_sequence(const SequenceInput& input);

/// The model that fit_sequence() trains where there is no encoder, without its
/// label head: reads what the log has of actions, values and times.
/// @throws Error(kNotFound) for an unknown name.
artifact::ModelSpec sequence_model(const events::Log& log,
                                   const SequenceOptions& options);

/// What is known before an instant, to be learnt from; nothing to be judged.
judge::Split events_before(const events::Log& log, events::Millis end);

}  // namespace ensue::train
