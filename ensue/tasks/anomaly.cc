// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/anomaly.h"

#include <cmath>
#include <cstdio>

namespace ensue::tasks {
namespace {
constexpr double kSticksOut = 2;
}

std::string reasons_text(const runtime::Anomaly& model,
                         const runtime::AnomalyAnswer& answer,
                         std::size_t most) {
  std::string out;
  std::size_t said = 0;
  for (const runtime::Oddity& reason : answer.reasons) {
    if (said == most || std::abs(reason.deviations) < kSticksOut) break;
    char text[200];
    std::snprintf(text, sizeof text,
                  "%s%s %.3g is %s (usually %.3g, most %.3g to %.3g)",
                  said == 0 ? "" : "; ", model.columns()[reason.column].c_str(),
                  reason.value, reason.deviations > 0 ? "high" : "low",
                  reason.usual, reason.low, reason.high);
    out += text;
    ++said;
  }
  return said == 0 ? "nothing sticks out" : out;
}

}  // namespace ensue::tasks
