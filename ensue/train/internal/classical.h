// SPDX-License-Identifier: Apache-2.0
// What the fits of models without gradients share.
#pragma once

#include "ensue/artifact/artifact.h"
#include "ensue/events/log.h"
#include "ensue/judge/split.h"

namespace ensue::train {

bool is_classical(const artifact::ModelSpec& model);

/// Adds the parameters of the draft's model, learnt from the training events
/// of items that the draft knows.
void fit_classical(const events::Log& log, const judge::Split& split,
                   artifact::Draft& draft);

}  // namespace ensue::train
