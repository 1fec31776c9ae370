// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/refit.h"

#include <algorithm>
#include <utility>

#include "ensue/train/corpus.h"
#include "ensue/train/internal/classical.h"

namespace ensue::train {

judge::Split with_validation(judge::Split split) {
  for (const judge::Query& query : split.validation) {
    judge::Range& range = split.train[events::index(query.user)];
    range.end = std::max(range.end, query.targets.end);
  }
  return split;
}

std::vector<BlendMember> refit_classical(const events::Log& log,
                                         const judge::Split& split,
                                         std::vector<BlendMember> members) {
  const judge::Split wider = with_validation(split);
  for (BlendMember& member : members) {
    const auto known =
        artifact::Artifact::from_bytes(member.bytes, member.name);
    artifact::Description description = known->description();
    if (!is_classical(description.model)) continue;
    description.data =
        describe(log, make_corpus(log, wider), description.model, JsonObject())
            .data;
    artifact::Draft draft(std::move(description));
    fit_classical(log, wider, draft);
    member.bytes = draft.bytes();
  }
  return members;
}

}  // namespace ensue::train
