// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/internal/label_work.h"

#include <span>
#include <string>

#include "ensue/base/error.h"
#include "ensue/nn/portable.h"

namespace ensue::train {
namespace {

constexpr int kValidationTokens = 8192;  // of one batch

using Tables = std::vector<const data::LabelTable*>;

void check_tasks(const LabelRequest* request, nn::Model& model) {
  std::string wanted, given;
  for (const auto& head : model.label_heads()) wanted += " " + head.task();
  if (request != nullptr) {
    for (const HeadLabels& head : request->heads) given += " " + head.task;
  }
  if (wanted == given) return;
  invalid("labels of the tasks" + (given.empty() ? " (none)" : given) +
          ", expected those of the model's label heads:" +
          (wanted.empty() ? " none" : wanted));
}

}  // namespace

at::Tensor label_loss(const nn::LabelHead& head, const at::Tensor& hidden,
                      const nn::LabelRows& rows) {
  const at::Tensor x =
      hidden.index_select(0, nn::ids_on(hidden.device(), rows.rows));
  return head.loss(head.margins(x, rows.since), rows.values);
}

LabelWork::LabelWork(const FitRequest& request, const Corpus& corpus,
                     nn::Model& model)
    : request_(request.labels), corpus_(corpus) {
  check_tasks(request_, model);
  if (request_ == nullptr) return;
  if (!request.log.schema().has_clock) {
    invalid("labels: expected a log with a clock; this one has an order only");
  }
  Tables train, validation;
  for (const HeadLabels& head : request_->heads) {
    train.push_back(&head.train);
    validation.push_back(&head.validation);
  }
  train_ = find_questions(request.log, request.split, corpus, train);
  validation_ = find_questions(request.log, request.split, corpus, validation);
  for (std::size_t h = 0; h < request_->heads.size(); ++h) {
    std::vector<float> values;
    for (const LabelQuestion& question : train_) {
      if (question.head == h) values.push_back(question.value);
    }
    if (values.empty()) {
      invalid("label '" + request_->heads[h].task +
              "': no row of a user with a known event before it");
    }
    model.label_heads()[h].count(values);
  }
}

double LabelWork::weight(std::size_t head) const {
  return request_->heads[head].weight;
}

double LabelWork::loss(nn::Model& model, BatcherOptions options) const {
  const at::NoGradGuard no_grad;
  options.items = false;
  options.batch_tokens = kValidationTokens;
  const Batcher batcher(corpus_, options, validation_);
  const Batcher::Epoch epoch = batcher.epoch(0);
  const std::size_t heads = request_->heads.size();
  std::vector<double> sums(heads), rows(heads);
  for (std::size_t b = 0; b < epoch.batches(); ++b) {
    const Batcher::Batch batch = batcher.batch(epoch, b);
    const at::Tensor hidden = model.forward({.batch = batch.packed});
    for (std::size_t h = 0; h < heads; ++h) {
      const auto count = static_cast<double>(batch.labels[h].size());
      if (count == 0) continue;
      sums[h] +=
          count * label_loss(model.label_heads()[h], hidden, batch.labels[h])
                      .item<double>();
      rows[h] += count;
    }
  }
  double out = 0;
  for (std::size_t h = 0; h < heads; ++h) {
    if (rows[h] > 0) out += weight(h) * sums[h] / rows[h];
  }
  return out;
}

void LabelWork::describe(JsonObject& training) const {
  if (request_ == nullptr) return;
  JsonObject out;
  for (const HeadLabels& head : request_->heads) {
    out[head.task] =
        JsonObject{{"weight", head.weight}, {"rows", head.train.size()}};
  }
  training["labels"] = std::move(out);
  training["labels_alone"] = request_->alone;
}

void LabelWork::add_to(Checksum& sum) const {
  if (request_ == nullptr) return;
  const auto add = [&sum](const auto& value) {
    sum.add(std::as_bytes(std::span(&value, 1)));
  };
  add(request_->alone);
  for (const HeadLabels& head : request_->heads) add(head.weight);
  for (const auto* questions : {&train_, &validation_}) {
    for (const LabelQuestion& q : *questions) {
      add(q.event);
      add(q.head);
      add(q.since);
      add(q.value);
    }
  }
}

}  // namespace ensue::train
