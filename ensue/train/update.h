// SPDX-License-Identifier: Apache-2.0
// Continual learning: a model goes on with what it has not seen yet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "ensue/judge/evaluate.h"
#include "ensue/train/fit.h"

namespace ensue::train {

/// [update]
struct UpdateOptions {
  int epochs = 1;
  double learning_rate = 1e-3;
  double replay = 1;
  bool own = false;
  double held_out = 0.2;
  std::string metric = "ndcg@10";
  int seed = 1;
  int threads = 0;
  void visit(auto&& field) {
    field("epochs", epochs, "passes over the new events");
    field("learning_rate", learning_rate, "step size");
    field("replay", replay, "old events learnt again for each new one");
    field("own", own, "of users with new events, learn the old ones again too");
    field("held_out", held_out,
          "share of the new events, the latest, to judge on before they are "
          "learnt; 0: no judgement");
    field("metric", metric, "what is judged");
    field("seed", seed, "of everything random");
    field("threads", threads, "cores used; 0: all");
  }
};

struct UpdateRequest {
  const events::Log& log;
  /// [events of the log] New ones. What is later than all that the model was
  /// fitted on counts as new, too: the validation and test events of its
  /// training.
  std::vector<bool> fresh;
  std::filesystem::path from;    // the model now
  std::filesystem::path folder;  // for a model in between
  UpdateOptions options = {};
  ProgressFn progress = {};
  const StopFlag* stop = nullptr;
};

struct UpdateResult {
  artifact::Draft draft;                // has learnt all events of the log
  std::size_t fresh = 0, replayed = 0;  // targets of the first pass
  double seconds = 0;                   // of training
  double seconds_judging = 0;
  /// On the held-out events, before they were learnt; none when there are no
  /// later events to hold out, or nothing before them to learn.
  struct Judged {
    events::Millis from{0};
    judge::Evaluation before, after;
    judge::Comparison difference;  // after - before
    bool worse() const noexcept { return difference.difference.high < 0; }
  };
  std::optional<Judged> judged;
  bool stopped = false;  // by the stop flag
  std::vector<std::string> notes;
};

/// Learns the new events as targets, each with all that its user did before it
/// as history, and with them a sample of users' old events, against
/// forgetting, from the parameters of `from` with the settings that it was
/// trained with. New items and actions begin with fresh rows.
///
/// The latest new events are held out at first: the model that has learnt
/// everything before them is judged on them beside `from`; every (user,
/// instant) is a question. Then they are learnt, too, in the same way. Nothing
/// stops early, so that no choice is made on what is judged on. Models without
/// gradients are fitted anew on all events.
///
/// Nullopt: nothing can be learnt yet. No new event is a target of the model,
/// or none has an earlier instant of its user to be predicted from.
/// @throws Error(kInvalidArgument) when the model is a blend (its members can
///   be updated) or does not fit the log; what Artifact::load() and fit()
///   throw.
std::optional<UpdateResult> update(const UpdateRequest& request);

}  // namespace ensue::train
