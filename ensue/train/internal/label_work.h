// SPDX-License-Identifier: Apache-2.0
// What label heads learn in one training.
#pragma once

#include <vector>

#include "ensue/base/hash.h"
#include "ensue/base/json.h"
#include "ensue/nn/model.h"
#include "ensue/train/batcher.h"
#include "ensue/train/corpus.h"
#include "ensue/train/fit.h"
#include "ensue/train/label_questions.h"

namespace ensue::train {

/// The loss of one head's questions, behind the rows of a batch.
at::Tensor label_loss(const nn::LabelHead& head, const at::Tensor& hidden,
                      const nn::LabelRows& rows);

/// The labels of a request, checked; counts what the heads start from.
class LabelWork {
 public:
  /// The corpus must outlive it.
  /// @throws Error(kInvalidArgument) when the request's tasks are not those of
  ///   the model's label heads, or none of a head's users is known.
  LabelWork(const FitRequest& request, const Corpus& corpus, nn::Model& model);

  const std::vector<LabelQuestion>& train() const noexcept { return train_; }
  double weight(std::size_t head) const;
  /// Whether validation rows decide when to stop.
  bool decide() const noexcept { return !validation_.empty(); }
  /// The weighted sum of the heads' mean losses on the validation rows.
  double loss(nn::Model& model, BatcherOptions options) const;

  /// What was learnt, for the artifact.
  void describe(JsonObject& training) const;
  void add_to(Checksum& sum) const;

 private:
  const LabelRequest* request_;
  const Corpus& corpus_;
  std::vector<LabelQuestion> train_, validation_;
};

}  // namespace ensue::train
