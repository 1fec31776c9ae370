// SPDX-License-Identifier: Apache-2.0
// From a log, a split and a model to an artifact.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/base/progress.h"
#include "ensue/events/log.h"
#include "ensue/judge/next_action.h"
#include "ensue/judge/split.h"
#include "ensue/train/label_questions.h"
#include "ensue/train/profile.h"

namespace ensue::train {

struct TrainOptions {
  int epochs = 30;
  int batch_tokens = 2048;      // a batch is a token budget, not a row count
  int max_length = 200;         // longer histories are cut into pieces
  std::string history = "all";  // all, last: the newest piece alone
  std::vector<std::string> target_actions;  // none: every event is a target
  double label_share = 1;        // of the users: their events are targets
  std::string loss = "softmax";  // a name in losses() (losses.h)
  int negatives = 256;           // of every loss but softmax
  double negative_power = 0.75;  // sampled_softmax, bpr_max: of popularity
  double calibration = 0.75;     // gbce: t
  double score_penalty = 1;      // bpr_max
  double action_weight = 1, time_weight = 1;  // of a next_event head's losses
  double value_weight = 0.1, event_weight = 1;
  double mask_share = 0.2;  // models asked by a mask: of instants hidden
  double mask_last = 0.1;   // … and of pieces that hide the last alone
  std::string basket_weight = "item";  // item: 1 each; basket: 1 / items
  std::string from;                    // an artifact to start from; empty: none
  std::string learn = "all";           // all, heads, adapters
  int rank = 8;                        // of adapters
  std::string optimizer = "adam";      // adam, adamw, sgd
  double learning_rate = 3e-3, weight_decay = 0, momentum = 0.9;
  double clip_norm = 5;               // 0: none
  std::string schedule = "constant";  // constant, cosine
  double warmup = 0;                  // share of all steps
  std::string metric = "ndcg@10";     // early stopping, on validation
  int patience = 5;                   // evaluations without a better metric
  int evaluate_every = 1;             // epochs
  int validation_users = 5000;        // at most, drawn once; 0: all
  double augment_share = 0.5;         // of pieces, if any of these is above 0
  double augment_crop = 0, augment_skip = 0, augment_drop = 0;
  double augment_reorder = 0, augment_mask = 0, augment_noise = 0;
  int seed = 1;
  std::string precision = "fp32";  // of matrix products: fp32, bf16
  std::string device = "cpu";      // cpu, cuda
  int threads = 0;                 // 0: all cores
  int checkpoint_seconds = 60;     // 0: only between epochs
  void visit(auto&& field) {
    field("epochs", epochs, "passes over the training events, at most");
    field("batch_tokens", batch_tokens, "events in one batch");
    field("max_length", max_length, "longer histories are cut into pieces");
    field("history", history,
          "all, or last: each user's newest max_length events alone");
    field("target_actions", target_actions,
          "what is to be predicted: the next such event; none: every event");
    field("label_share", label_share,
          "share of the users whose events are targets, drawn once");
    field("loss", loss, "softmax, sampled_softmax, bce, gbce or bpr_max");
    field("negatives", negatives, "sampled items per batch or position");
    field("negative_power", negative_power,
          "sampled_softmax, bpr_max: popularity's power; 0: uniform draws");
    field("calibration", calibration,
          "gbce: 0: plain bce; 1: probabilities as in the data");
    field("score_penalty", score_penalty,
          "bpr_max: weight of the squared scores of negatives");
    field("action_weight", action_weight,
          "models with events: weight of the next action's loss");
    field("time_weight", time_weight, "the same of the time until then");
    field("value_weight", value_weight,
          "the same of its value; a high one drowns the others");
    field("event_weight", event_weight,
          "the same of its item when action and time are known, and of a "
          "decoder's items");
    field("mask_share", mask_share,
          "bert4rec: share of a piece's instants that are hidden");
    field("mask_last", mask_last,
          "bert4rec: share of pieces whose last instant alone is hidden");
    field("basket_weight", basket_weight,
          "weight of each item of an instant: item (1) or basket (1/items)");
    field("from", from,
          "model file to start from: its items and actions are found by name");
    field("learn", learn,
          "with from: all, heads (the rest stays) or adapters (low-rank, and "
          "heads)");
    field("rank", rank, "of adapters");
    field("optimizer", optimizer, "adam, adamw or sgd");
    field("learning_rate", learning_rate, "step size at its highest");
    field("weight_decay", weight_decay, "adamw: decoupled; sgd: L2");
    field("momentum", momentum, "sgd");
    field("clip_norm", clip_norm, "largest gradient norm; 0: no clipping");
    field("schedule", schedule, "constant or cosine");
    field("warmup", warmup, "share of all steps with a rising step size");
    field("metric", metric, "what early stopping watches, on validation");
    field("patience", patience, "evaluations to wait for a better one");
    field("evaluate_every", evaluate_every, "epochs between evaluations");
    field("validation_users", validation_users, "at most; 0: all");
    field("augment_share", augment_share,
          "share of sequences changed in an epoch, in the ways below");
    field("augment_crop", augment_crop, "share of instants cut away; 0: off");
    field("augment_skip", augment_skip, "chance that an instant never was");
    field("augment_drop", augment_drop, "chance that an instant is not read");
    field("augment_reorder", augment_reorder, "share of instants shuffled");
    field("augment_mask", augment_mask, "chance that an item is hidden");
    field("augment_noise", augment_noise,
          "chance that an item is a random one");
    field("seed", seed, "seed of everything random");
    field("precision", precision,
          "of matrix products: fp32, or bf16 with sums and masters in fp32");
    field("device", device, "where the model trains: cpu or cuda (a GPU)");
    field("threads", threads, "cores used; 0: all");
    field("checkpoint_seconds", checkpoint_seconds, "between checkpoints");
  }
};

struct FitRequest {
  const events::Log& log;
  const judge::Split& split;
  artifact::ModelSpec model;
  TrainOptions options;
  /// Folder for checkpoints and TensorBoard event files; empty: neither.
  std::filesystem::path folder;
  bool resume = false;  // go on from the folder's checkpoint if there is one
  ProgressFn progress = {};
  const StopFlag* stop = nullptr;  // Ctrl-C: the best artifact so far
  /// Ends behind this epoch; with `resume` a later fit() goes on as if it had
  /// never ended. 0: not before the last.
  int pause_after = 0;
  /// As CorpusOptions::targets: what may be predicted. Classical models learn
  /// from all events.
  const std::vector<bool>* targets = nullptr;
  /// For a model with label heads: what each of them learns, in their order.
  /// Where they have validation rows, early stopping watches the weighted sum
  /// of their losses there ("label_loss") in place of options.metric.
  const LabelRequest* labels = nullptr;
};

/// One row per evaluation: "epoch", "loss", "validation ndcg@10",
/// "learning_rate", "seconds", "tokens_per_second".
using CurveRow = std::map<std::string, double>;

struct FitResult {
  artifact::Draft draft;  // the best on validation, ready to write
  std::vector<CurveRow> curve;
  double seconds = 0;
  int best_epoch = 0;
  bool stopped = false;  // by the stop flag
  Profile profile;
  std::vector<std::string> notes;  // what was done otherwise than asked
  /// Of a model with events that has a validation: what the head says there of
  /// the next action, beside counts, and their blend, which answers.
  std::optional<judge::CountsWeighed> next_action = {};
};

/// Fits whatever trainer the model's blocks name (nn or classic).
/// @throws Error(kInvalidArgument) on options that do not fit, Error(
///   kUnavailable) when a checkpoint cannot be written.
FitResult fit(const FitRequest& request);

}  // namespace ensue::train
