// SPDX-License-Identifier: Apache-2.0
// Models that need no early stopping, learnt from validation events too.
#pragma once

#include <vector>

#include "ensue/events/log.h"
#include "ensue/judge/split.h"
#include "ensue/train/blend.h"

namespace ensue::train {

/// The split with every validation target, and what stands before it, among
/// the training events. For models that are judged on the test alone.
judge::Split with_validation(judge::Split split);

/// Members of a blend whose weights are fitted: those without gradients are
/// learnt anew from training and validation, over the items and actions they
/// know, so that the blend still goes together; they say so in what they were
/// fitted on. Trained members stay: they needed validation to stop.
/// @throws Error(kInvalidArgument) when the split does not fit the log; what
///   Artifact::from_bytes throws.
std::vector<BlendMember> refit_classical(const events::Log& log,
                                         const judge::Split& split,
                                         std::vector<BlendMember> members);

}  // namespace ensue::train
