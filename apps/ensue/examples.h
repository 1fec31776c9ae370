// SPDX-License-Identifier: Apache-2.0
// A few answers for people to look at.
#pragma once

#include <cstddef>
#include <vector>

#include "apps/ensue/report/report.h"
#include "ensue/events/log.h"
#include "ensue/judge/split.h"
#include "ensue/runtime/engine.h"

namespace ensue::apps {

/// `count` customers drawn by chance (always the same ones) from the test
/// questions with a history, with the model's five best answers as judged.
/// Fewer when there are fewer. Customers whose name would not stand on one
/// line are passed over.
std::vector<Example> pick_examples(const events::Log& log,
                                   const judge::Split& split,
                                   const runtime::Engine& engine,
                                   std::size_t count);

}  // namespace ensue::apps
