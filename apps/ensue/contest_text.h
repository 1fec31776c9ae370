// SPDX-License-Identifier: Apache-2.0
// Judged table models, as people read them.
#pragma once

#include <string>
#include <vector>

#include "ensue/classic/table_contest.h"
#include "ensue/judge/leaks.h"

namespace ensue::apps {

/// A row per model, then per baseline: the figure that chooses, on validation,
/// and every figure of the test. The best is marked; what it reached when it
/// was fitted again stands below the models, unless it was not.
std::string contest_text(classic::Label kind, const std::string& best,
                         const std::vector<classic::JudgedTable>& models,
                         const classic::Figures& refitted,
                         const std::vector<classic::JudgedTable>& baselines);

/// A line per leak; `advice` stands behind each.
std::string leaks_text(const std::vector<judge::Leak>& leaks,
                       const std::string& advice = "");

}  // namespace ensue::apps
