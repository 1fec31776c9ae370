// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/internal/trainer.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

#include "ensue/artifact/block_configs.h"
#include "ensue/artifact/blocks.h"
#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/base/file.h"
#include "ensue/base/hash.h"
#include "ensue/kernels/gemm.h"
#include "ensue/nn/portable.h"
#include "ensue/train/context.h"
#include "ensue/train/internal/options.h"

namespace ensue::train {
namespace {

double wall_seconds() {
  return std::chrono::duration<double>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

CorpusOptions corpus_options(const FitRequest& request,
                             const TrainOptions& options) {
  return {options.target_actions, options.label_share,
          static_cast<std::uint64_t>(options.seed), context_of(request.model),
          request.targets};
}

void check_clock(const FitRequest& request) {
  if (request.log.schema().has_clock) return;
  for (const auto& input : request.model.inputs) {
    if (!artifact::blocks().find(input.type).needs_clock) continue;
    invalid("model '" + request.model.name + "': " + input.type +
            " reads times, expected a log with a clock; this one has an order "
            "only");
  }
}

// What the model knows of items beside their ids. A model to start from has
// learnt what its own encoder's features mean.
std::optional<runtime::ItemEncoder> make_encoder(const FitRequest& request,
                                                 const Corpus& corpus) {
  const auto& inputs = request.model.inputs;
  if (inputs.empty() || inputs[0].type != "item_content") return std::nullopt;
  artifact::ItemContentConfig config, before;
  read_fields(config, inputs[0].config, "item_content");
  if (!request.options.from.empty()) {
    const auto base = artifact::Artifact::load(request.options.from);
    const auto& known = base->description().model.inputs;
    if (!known.empty() && known[0].type == "item_content") {
      read_fields(before, known[0].config, "item_content");
      if (before.columns == config.columns) {
        return runtime::ItemEncoder::read(*base, config.columns, "inputs.0");
      }
    }
  }
  return fit_item_encoder(known_item_table(request.log, corpus), config);
}

nn::Model make_model(const FitRequest& request, const TrainOptions& options,
                     const Corpus& corpus,
                     const std::optional<runtime::ItemEncoder>& encoder) {
  artifact::ItemFeatures features, compared;
  if (encoder) {
    const events::Table table = known_item_table(request.log, corpus);
    features = encoder->encode(table);
    compared = encoder->compare(table);
  }
  const nn::Sizes sizes = {
      static_cast<std::int64_t>(corpus.known_items.size()),
      static_cast<std::int64_t>(corpus.known_actions.size()),
      encoder ? &features : nullptr, encoder ? &compared : nullptr,
      context_sizes(corpus)};
  return {request.model, sizes, static_cast<std::uint64_t>(options.seed),
          options.precision == "bf16" ? nn::Precision::kBf16
                                      : nn::Precision::kFp32};
}

BatcherOptions batcher_options(const FitRequest& request,
                               const TrainOptions& options, nn::Model& model) {
  const int window = model.window(), repeats = model.head().repeats;
  const std::string refused = "train.loss: '" + options.loss + "', expected ";
  if (model.head().similar && options.loss != "softmax") {
    invalid(refused + "softmax for a next_item head with similar");
  }
  if (repeats > 0 && options.loss != "softmax" &&
      options.loss != "sampled_softmax") {
    invalid(refused +
            "softmax or sampled_softmax for a next_item head with repeats");
  }
  if (model.masked() && options.augment_mask + options.augment_noise +
                                options.augment_crop + options.augment_drop +
                                options.augment_skip + options.augment_reorder >
                            0) {
    invalid(
        "train.augment_*: a model that is asked by a mask hides events itself, "
        "expected 0");
  }
  const int length =
      window > 0 ? std::min(window, options.max_length) : options.max_length;
  return {options.batch_tokens,
          length,
          options.basket_weight == "basket",
          repeats,
          static_cast<std::uint64_t>(options.seed),
          options.history == "last",
          {.share = options.augment_share,
           .crop = options.augment_crop,
           .skip = options.augment_skip,
           .drop = options.augment_drop,
           .reorder = options.augment_reorder,
           .mask = options.augment_mask,
           .noise = options.augment_noise},
          model.event_head() != nullptr,
          model.decoder() == nullptr ? 0 : model.decoder()->steps(),
          model.masked(),
          options.mask_share,
          options.mask_last,
          request.labels == nullptr || !request.labels->alone,
          model.label_heads().size()};
}

std::string time_text(double seconds) {
  char text[32];
  const auto s = static_cast<long>(seconds + 0.5);
  if (s >= 60) {
    std::snprintf(text, sizeof text, "%ldm%02lds", s / 60, s % 60);
  } else {
    std::snprintf(text, sizeof text, "%lds", s);
  }
  return text;
}

}  // namespace

JsonObject training_record(const TrainOptions& options) {
  JsonObject out = write_fields(options);
  out.erase("threads");
  out.erase("checkpoint_seconds");
  out.erase("from");  // a path; draft() says which file it was
  return out;
}

Trainer::Trainer(const FitRequest& request)
    : request_(request),
      options_(checked(request.options)),
      corpus_(make_corpus(request.log, request.split,
                          corpus_options(request, options_))),
      encoder_(make_encoder(request, corpus_)),
      model_(make_model(request, options_, corpus_, encoder_)),
      labels_(request, corpus_, model_),
      batcher_(corpus_, batcher_options(request, options_, model_),
               labels_.train()),
      validation_(
          request.log, request.split,
          {options_.metric, options_.validation_users,
           static_cast<std::uint64_t>(options_.seed), options_.target_actions}),
      loss_(losses().find(options_.loss).make(options_, corpus_.popularity)) {
  check_clock(request);
  warm_start();
  start_event_head();
  model_.to(nn::device_of("train.device", options_.device));
  optimizer_.emplace(
      learnt(), nn::OptimizerOptions{options_.optimizer, options_.weight_decay,
                                     options_.momentum, options_.clip_norm});
  state_.identity = identity();
  if (request_.resume) resume();
  if (!request_.folder.empty()) board_.emplace(request_.folder, wall_seconds());
}

std::uint64_t Trainer::identity() const {
  Checksum sum;
  const auto add = [&sum](const std::string& text) {
    sum.add(std::as_bytes(std::span(text)));
  };
  add(to_text(request_.model.to_json()));
  add(to_text(training_record(options_)));
  add(to_hex(request_.log.fingerprint()));
  add(to_hex(from_));
  if (request_.targets != nullptr) {
    add(std::string(request_.targets->begin(), request_.targets->end()));
  }
  sum.add(std::as_bytes(std::span(request_.split.train)));
  labels_.add_to(sum);
  return sum.value();
}

void Trainer::resume() {
  const auto path = request_.folder / "checkpoint";
  auto found = Checkpoint::read(path);
  if (!found) return;
  if (found->identity != state_.identity) {
    invalid(path.string() +
            ": made by another log, split, model or training options; "
            "expected the same to go on");
  }
  state_ = std::move(*found);
  set_weights(state_.parameters);
  optimizer_->set_moments(state_.moments);
  optimizer_->set_steps(state_.steps);
  seconds_before_ = state_.seconds;
}

void Trainer::save() {
  saved_ = Clock::now();
  if (request_.folder.empty()) return;
  state_.parameters = weights();
  state_.moments = optimizer_->moments();
  state_.steps = optimizer_->steps();
  state_.seconds = seconds();
  state_.write(request_.folder / "checkpoint");
}

FitResult Trainer::run() {
  started_ = saved_ = Clock::now();
  const std::uint64_t flops_before = kernels::product_flops();
  const auto epochs = static_cast<std::uint64_t>(options_.epochs);
  const auto pause = static_cast<std::uint64_t>(request_.pause_after);
  const std::uint64_t end = pause == 0 ? epochs : std::min(pause, epochs);
  while (!state_.finished && state_.epoch < end && !stop_asked()) {
    train_epoch();
  }
  if (!state_.best.empty()) set_weights(state_.best);
  FitResult out{draft(),
                state_.curve,
                seconds(),
                static_cast<int>(state_.best_epoch),
                stop_asked(),
                {},
                {}};
  out.notes = notes_;
  out.profile = profile_;
  out.profile.product_flops = kernels::product_flops() - flops_before;
  if (request_.options.precision != options_.precision) {
    out.notes.emplace_back("this CPU has no bf16 products: trained in fp32");
  }
  return out;
}

void Trainer::train_epoch() {
  const auto epoch = batcher_.epoch(static_cast<int>(state_.epoch));
  std::size_t tokens = batcher_.tokens_before(epoch, state_.batch);
  const double all = static_cast<double>(batcher_.tokens()) * options_.epochs;
  BatchStream batches(batcher_, epoch, state_.batch);
  while (const auto next = next_batch(batches)) {
    const Batcher::Batch& batch = *next;
    tokens += batch.tokens;
    const double done = static_cast<double>(state_.epoch) *
                            static_cast<double>(batcher_.tokens()) +
                        static_cast<double>(tokens);
    const auto begun = Clock::now();
    train_step(batch, done / all);
    tokens_done_ += static_cast<double>(batch.tokens);
    training_seconds_ +=
        std::chrono::duration<double>(Clock::now() - begun).count();
    ++state_.batch;
    report(tokens);
    if (stop_asked()) return save();
    if (checkpoint_due()) save();
  }
  end_epoch();
}

std::optional<Batcher::Batch> Trainer::next_batch(BatchStream& batches) {
  const Lap lap(profile_, Phase::kBatch);
  return batches.next();
}

void Trainer::train_step(const Batcher::Batch& batch, double progress) {
  const nn::Pass pass{batch.packed, /*training=*/true,
                      static_cast<std::uint64_t>(options_.seed),
                      static_cast<std::uint64_t>(optimizer_->steps())};
  const auto timed = [this](Phase phase, const auto& body) {
    const Lap lap(profile_, phase);
    return body();
  };
  const at::Tensor hidden = timed(Phase::kForward, [&] { return run(pass); });
  Ends ends;
  if (batch.targets.size() > 0) {
    const nn::LossValue loss = timed(
        Phase::kLoss, [&] { return loss_of(hidden.detach(), batch.targets); });
    ends = {{hidden}, {loss.slope}};
    state_.loss_sum += loss.sum;
    state_.loss_weight += loss.weight;
  }
  if (!batch.labels.empty()) {
    timed(Phase::kLoss, [&] { add_label_losses(hidden, batch.labels, ends); });
  }
  if (model_.event_head() != nullptr && batch.next.size() > 0) {
    timed(Phase::kLoss, [&] { add_event_losses(hidden, batch.next, ends); });
  }
  if (model_.decoder() != nullptr && batch.targets.size() > 0) {
    timed(Phase::kLoss, [&] { add_written_loss(hidden, batch.written, ends); });
  }
  timed(Phase::kBackward, [&] { model_.backward(ends.tensors, ends.slopes); });
  rate_ = nn::learning_rate_at(options_.schedule, options_.learning_rate,
                               options_.warmup, progress);
  timed(Phase::kOptimiser, [&] {
    if (adapters_) adapters_->pull();
    optimizer_->step(rate_);
    if (adapters_) adapters_->push();
    if (options_.learn == "all") return;
    for (const auto& p : model_.parameters()) p->clear_gradient();
  });
}

void Trainer::end_epoch() {
  ++state_.epoch;
  state_.batch = 0;
  const bool last = state_.epoch == static_cast<std::uint64_t>(options_.epochs);
  const auto every = static_cast<std::uint64_t>(options_.evaluate_every);
  if (last || state_.epoch % every == 0) {
    CurveRow row = {
        {"epoch", static_cast<double>(state_.epoch)},
        {"loss", state_.loss_sum / std::max(1e-30, state_.loss_weight)},
        {"learning_rate", rate_},
        {"tokens_per_second", tokens_per_second()}};
    judge_epoch(row);
    row["seconds"] = seconds();
    state_.curve.push_back(row);
    write_curve(row);
  }
  state_.loss_sum = state_.loss_weight = 0;
  save();
}

std::string Trainer::metric() const {
  return labels_.decide() ? "label_loss" : validation_.metric();
}

void Trainer::judge_epoch(CurveRow& row) {
  double metric = 0;
  bool better = true;
  if (labels_.decide() || validation_.possible()) {
    const Lap lap(profile_, Phase::kValidation);
    const bool higher = !labels_.decide() && validation_.higher_is_better();
    metric = labels_.decide() ? labels_.loss(model_, batcher_.options())
                              : validation_(draft());
    row["validation " + this->metric()] = metric;
    better = state_.best.empty() || (higher ? metric > state_.best_metric
                                            : metric < state_.best_metric);
  }
  if (better) {
    state_.best = weights();
    state_.best_metric = metric;
    state_.best_epoch = state_.epoch;
    state_.waited = 0;
  } else {
    ++state_.waited;
  }
  state_.finished =
      state_.waited >= static_cast<std::uint64_t>(options_.patience);
}

void Trainer::write_curve(const CurveRow& row) {
  if (!board_) return;
  for (const auto& [name, value] : row) {
    if (name == "epoch") continue;
    board_->scalar(name, value, optimizer_->steps(), wall_seconds());
  }
}

void Trainer::report(std::size_t tokens) {
  if (!request_.progress) return;
  const double rate = tokens_per_second();
  const double left =
      static_cast<double>(batcher_.tokens()) *
          (options_.epochs - static_cast<double>(state_.epoch)) -
      static_cast<double>(tokens);
  char detail[160];
  int used = std::snprintf(detail, sizeof detail, "loss %.4f",
                           state_.loss_sum / state_.loss_weight);
  std::string text(detail, static_cast<std::size_t>(used));
  if (!state_.curve.empty() && (labels_.decide() || validation_.possible())) {
    used = std::snprintf(detail, sizeof detail, "  %s %.4f", metric().c_str(),
                         state_.best_metric);
    text.append(detail, static_cast<std::size_t>(used));
  }
  used = std::snprintf(detail, sizeof detail, "  %.0fk tokens/s", rate / 1000);
  text.append(detail, static_cast<std::size_t>(used));
  text += "  " + time_text(left / rate) + " left";
  request_.progress({"epoch " + std::to_string(state_.epoch + 1) + "/" +
                         std::to_string(options_.epochs),
                     static_cast<double>(tokens),
                     static_cast<double>(batcher_.tokens()), text});
}

bool Trainer::stop_asked() const {
  return request_.stop != nullptr && request_.stop->load();
}

bool Trainer::checkpoint_due() const {
  if (request_.folder.empty() || options_.checkpoint_seconds <= 0) return false;
  return Clock::now() - saved_ >=
         std::chrono::seconds(options_.checkpoint_seconds);
}

double Trainer::tokens_per_second() const {
  return tokens_done_ / std::max(1e-9, training_seconds_);
}

double Trainer::seconds() const {
  return seconds_before_ +
         std::chrono::duration<double>(Clock::now() - started_).count();
}

std::vector<std::vector<float>> Trainer::weights() const {
  std::vector<std::vector<float>> out;
  for (const nn::Parameter* p : kept()) {
    const at::Tensor here = p->value.cpu();
    out.emplace_back(here.data_ptr<float>(),
                     here.data_ptr<float>() + p->size());
  }
  return out;
}

void Trainer::set_weights(const std::vector<std::vector<float>>& weights) {
  const nn::ParameterList parameters = kept();
  if (weights.size() != parameters.size()) {
    throw Error(Code::kCorrupt,
                "checkpoint: " + std::to_string(weights.size()) +
                    " parameters, expected " +
                    std::to_string(parameters.size()));
  }
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i].size() != parameters[i]->size()) {
      throw Error(Code::kCorrupt, "checkpoint: " + parameters[i]->name +
                                      " has " +
                                      std::to_string(weights[i].size()) +
                                      " numbers, expected " +
                                      std::to_string(parameters[i]->size()));
    }
    const at::Tensor& value = parameters[i]->value;
    value.copy_(at::tensor(weights[i]).view_as(value));
    parameters[i]->changed();
  }
}

artifact::Draft Trainer::draft() const {
  artifact::Description description = describe(
      request_.log, corpus_, request_.model, training_record(options_));
  if (from_ != 0) description.training["from"] = to_hex(from_);
  labels_.describe(description.training);
  if ((labels_.decide() || validation_.possible()) && state_.best_epoch > 0) {
    description.metrics["validation " + metric()] = state_.best_metric;
    description.metrics["best_epoch"] = state_.best_epoch;
  }
  artifact::Draft out(std::move(description));
  model_.write(out);
  if (encoder_) encoder_->write(out, "inputs.0");
  return out;
}

}  // namespace ensue::train
