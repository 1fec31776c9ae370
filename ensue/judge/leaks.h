// SPDX-License-Identifier: Apache-2.0
// Leaks: ways in which a model could know what it is asked.
#pragma once

#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/events/log.h"
#include "ensue/judge/split.h"

namespace ensue::judge {

/// One kind of leak that was found.
///
/// future-event       a training event at or behind the cut, or among the
///                    targets of its user; a history with events of its
///                    targets' instant or later
/// target-in-input    a target stands in its own history: the same place, the
///                    same (item, action, time, value), or the same but for a
///                    moment (log written twice; see leak_target.cc)
/// fitted-on-test     the artifact's own words (`data`: "log", "events",
///                    "until", "part") or its item statistics say that it was
///                    fitted on more than the training part, or on another
///                    part where that is not merely an earlier one
/// duplicated-user    a judged user of a by-user split whose whole sequence,
///                    of at least 5 events, stands under another id in training
/// tie-across-cut     one instant stands on both sides of a cut
/// future-item-table  an item of the training events is described by a row
///                    known only after training ends (Table::known_since)
struct Leak {
  std::string kind;
  std::string message;  // one line: how often, the first place, the values
};

/// What of these is found in a log, a split of it and, unless it is null, an
/// artifact that is to be judged. A clean log gives nothing. One pass per kind.
/// @throws Error(kInvalidArgument) for a known_since cell that is no instant.
std::vector<Leak> find_leaks(const events::Log& log, const Split& split,
                             const artifact::Artifact* artifact = nullptr);

}  // namespace ensue::judge
