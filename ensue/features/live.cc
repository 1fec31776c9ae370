// SPDX-License-Identifier: Apache-2.0
#include "ensue/features/live.h"

namespace ensue::features {

Live::Live(std::span<const Definition> definitions, const Names& names)
    : actions_(names.actions.size()) {
  for (const Definition& definition : definitions) {
    resolved_.push_back(resolve(definition, names));
    kinds_.push_back(&kinds().find(definition.kind));
  }
}

std::vector<double> Live::values(const events::History& history,
                                 events::Millis at) const {
  const Past past(history, at, actions_);
  std::vector<double> out(resolved_.size());
  for (std::size_t d = 0; d < out.size(); ++d) {
    out[d] = scored(kinds_[d]->value(past, resolved_[d]),
                    resolved_[d].definition.edges);
  }
  return out;
}

}  // namespace ensue::features
