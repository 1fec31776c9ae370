// SPDX-License-Identifier: Apache-2.0
// What a training starts from, and what of it is learnt.
#include "ensue/base/error.h"
#include "ensue/base/file.h"
#include "ensue/base/hash.h"
#include "ensue/train/context.h"
#include "ensue/train/internal/trainer.h"

namespace ensue::train {

void Trainer::warm_start() {
  if (options_.from.empty()) {
    if (options_.learn != "all") {
      invalid("train.learn: '" + options_.learn +
              "' without train.from, expected a model to start from");
    }
    return;
  }
  const std::string file = read_file(options_.from);
  from_ = checksum(file);
  const auto base = artifact::Artifact::load(options_.from);
  const artifact::Description& known = base->description();
  nn::Model::KnownRows rows;
  std::size_t items_found = 0;
  const auto place = [](const events::Vocabulary& names,
                        std::string_view name) {
    const auto found = names.find(name);
    return found ? static_cast<std::int64_t>(*found) : -1;
  };
  for (const auto item : corpus_.known_items) {
    rows.items.push_back(
        place(known.items, request_.log.item_names().name(index(item))));
    items_found += rows.items.back() >= 0;
  }
  for (const auto action : corpus_.known_actions) {
    rows.actions.push_back(
        place(known.actions, request_.log.action_names().name(index(action))));
  }
  rows.values = known_values(request_.model, corpus_, *base);
  const auto fresh = model_.read(*base, rows);
  notes_.push_back("started from " + options_.from + ": " +
                   std::to_string(model_.parameters().size() - fresh.size()) +
                   " of " + std::to_string(model_.parameters().size()) +
                   " parameters, " + std::to_string(items_found) + " of " +
                   std::to_string(rows.items.size()) + " items");
  if (base->weights() != artifact::Weights::kFp32) {
    notes_.back() += "; it is stored in " +
                     std::string(name_of(base->weights())) +
                     ", so learning starts from rounded numbers";
  }
}

void Trainer::start_event_head() {
  constexpr std::size_t kEnough = 100'000;  // events
  if (model_.event_head() == nullptr || !options_.from.empty()) return;
  nn::NextEvents met;
  const auto add = [](auto& to, const auto& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  const auto epoch = batcher_.epoch(0);
  for (std::size_t b = 0; b < epoch.batches() && met.size() < kEnough; ++b) {
    const Batcher::Batch batch = batcher_.batch(epoch, b);
    add(met.rows, batch.next.rows);
    add(met.actions, batch.next.actions);
    add(met.gaps, batch.next.gaps);
    add(met.values, batch.next.values);
    add(met.items.weights, batch.next.items.weights);
  }
  model_.event_head()->start_from(met);
}

nn::ParameterList Trainer::learnt() {
  if (options_.learn == "all") return nn::all_of(model_.parameters());
  nn::ParameterList out, adapted;
  for (const auto& p : model_.parameters()) {
    if (p->name.starts_with("heads.")) out.push_back(p.get());
    const bool matrix = p->value.dim() == 2 && !p->by_row;
    if (matrix && p->name.starts_with("blocks.")) adapted.push_back(p.get());
  }
  if (options_.learn == "heads") return out;
  adapters_.emplace(adapted, options_.rank,
                    static_cast<std::uint64_t>(options_.seed));
  for (const auto& p : adapters_->parameters()) out.push_back(p.get());
  return out;
}

nn::ParameterList Trainer::kept() const {
  nn::ParameterList out = nn::all_of(model_.parameters());
  if (!adapters_) return out;
  for (const auto& p : adapters_->parameters()) out.push_back(p.get());
  return out;
}

}  // namespace ensue::train
