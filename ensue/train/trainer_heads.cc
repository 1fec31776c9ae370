// SPDX-License-Identifier: Apache-2.0
// The losses of every head.
#include "ensue/base/hash.h"
#include "ensue/nn/portable.h"
#include "ensue/train/internal/trainer.h"

namespace ensue::train {

at::Tensor Trainer::run(const nn::Pass& pass) {
  const at::Tensor out = model_.forward(pass);
  // Nothing before the heads is learnt, so the way back ends with them.
  return options_.learn == "heads" ? out.detach().requires_grad_() : out;
}

void Trainer::add_label_losses(const at::Tensor& hidden,
                               const std::vector<nn::LabelRows>& labels,
                               Ends& ends) {
  for (std::size_t h = 0; h < labels.size(); ++h) {
    if (labels[h].size() == 0) continue;
    const at::Tensor loss =
        label_loss(model_.label_heads()[h], hidden, labels[h]);
    const double weight = labels_.weight(h);
    ends.tensors.push_back(loss);
    ends.slopes.push_back(at::full_like(loss, weight));
    if (!request_.labels->alone) continue;
    const auto rows = static_cast<double>(labels[h].size());
    state_.loss_sum += weight * rows * loss.item<double>();
    state_.loss_weight += rows;
  }
}

void Trainer::add_event_losses(const at::Tensor& hidden,
                               const nn::NextEvents& next, Ends& ends) {
  const nn::EventHead& head = *model_.event_head();
  const at::Tensor x =
      hidden.index_select(0, nn::ids_on(hidden.device(), next.rows));
  const auto add = [&](const at::Tensor& loss, double weight) {
    if (weight <= 0 || !loss.requires_grad()) return;
    ends.tensors.push_back(loss);
    ends.slopes.push_back(at::full_like(loss, weight));
  };
  const nn::EventHead::Losses losses = head.losses(x, next, model_.head());
  add(losses.action, options_.action_weight);
  add(losses.gap, options_.time_weight);
  add(losses.value, options_.value_weight);
  if (options_.event_weight > 0) {
    const at::Tensor query = head.queries(x, next.actions, next.gaps);
    const nn::LossValue items = loss_of(query.detach(), next.items);
    ends.tensors.push_back(query);
    ends.slopes.push_back(items.slope * options_.event_weight);
  }
}

void Trainer::add_written_loss(const at::Tensor& hidden,
                               const nn::Written& written, Ends& ends) {
  if (written.rows.empty() || options_.event_weight <= 0) return;
  const nn::Decoder& decoder = *model_.decoder();
  const at::Tensor states =
      decoder.states(hidden, written, *model_.head().weight);
  const nn::LossValue items =
      loss_of(states.detach(), decoder.targets(written));
  ends.tensors.push_back(states);
  ends.slopes.push_back(items.slope * options_.event_weight);
}

nn::LossValue Trainer::loss_of(const at::Tensor& hidden,
                               const nn::Targets& targets) {
  Rng rng(static_cast<std::uint64_t>(options_.seed) ^ checksum("negatives"),
          static_cast<std::uint64_t>(optimizer_->steps()));
  return loss_(hidden, targets, model_.head(), rng);
}

}  // namespace ensue::train
