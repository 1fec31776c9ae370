// SPDX-License-Identifier: Apache-2.0
// The training loop for models made of nn blocks.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ensue/nn/adapters.h"
#include "ensue/nn/model.h"
#include "ensue/nn/optimizer.h"
#include "ensue/train/batcher.h"
#include "ensue/train/checkpoint.h"
#include "ensue/train/corpus.h"
#include "ensue/train/fit.h"
#include "ensue/train/internal/batch_stream.h"
#include "ensue/train/internal/label_work.h"
#include "ensue/train/item_encoder.h"
#include "ensue/train/losses.h"
#include "ensue/train/tensorboard.h"
#include "ensue/train/validation.h"

namespace ensue::train {

/// What goes into an artifact of how it was trained: the options that bits
/// depend on.
JsonObject training_record(const TrainOptions& options);

/// One run. Construct, then run() once.
class Trainer {
 public:
  explicit Trainer(const FitRequest& request);
  FitResult run();

 private:
  using Clock = std::chrono::steady_clock;

  void resume();
  void save();
  void train_epoch();
  std::optional<Batcher::Batch> next_batch(BatchStream& batches);
  void train_step(const Batcher::Batch& batch, double progress);
  /// Where the graph ends, and d loss / d those ends.
  struct Ends {
    torch::autograd::variable_list tensors, slopes;
  };
  at::Tensor run(const nn::Pass& pass);
  void add_label_losses(const at::Tensor& hidden,
                        const std::vector<nn::LabelRows>& labels, Ends& ends);
  void add_event_losses(const at::Tensor& hidden, const nn::NextEvents& next,
                        Ends& ends);
  void add_written_loss(const at::Tensor& hidden, const nn::Written& written,
                        Ends& ends);
  nn::LossValue loss_of(const at::Tensor& hidden, const nn::Targets& targets);
  void end_epoch();
  /// What early stopping watches.
  std::string metric() const;
  void judge_epoch(CurveRow& row);
  void write_curve(const CurveRow& row);
  void report(std::size_t tokens);
  bool stop_asked() const;
  bool checkpoint_due() const;
  double tokens_per_second() const;
  double seconds() const;  // of all runs, waiting aside

  /// Reads the artifact to start from, if any.
  void warm_start();
  /// Tells a fresh event head what is frequent.
  void start_event_head();
  /// What the optimiser steps.
  nn::ParameterList learnt();
  /// What a checkpoint keeps: the model's, then the adapters'.
  nn::ParameterList kept() const;
  std::vector<std::vector<float>> weights() const;
  void set_weights(const std::vector<std::vector<float>>& weights);
  artifact::Draft draft() const;
  std::uint64_t identity() const;

  const FitRequest& request_;
  TrainOptions options_;
  Corpus corpus_;
  std::optional<runtime::ItemEncoder> encoder_;  // of a model with item_content
  nn::Model model_;
  LabelWork labels_;
  Batcher batcher_;
  std::uint64_t from_ = 0;  // checksum of the artifact to start from
  std::vector<std::string> notes_;
  std::optional<nn::Adapters> adapters_;
  std::optional<nn::Optimizer> optimizer_;
  Validation validation_;
  Loss loss_;
  std::optional<TensorBoard> board_;
  Checkpoint state_;
  Profile profile_;
  Clock::time_point started_, saved_;
  double seconds_before_ = 0;  // of the run that was resumed
  double tokens_done_ = 0, training_seconds_ = 0;  // of this run's steps
  double rate_ = 0;                                // the last learning rate
};

}  // namespace ensue::train
