// SPDX-License-Identifier: Apache-2.0
// Several artifacts as one: a weighted sum of their logits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/base/progress.h"
#include "ensue/events/log.h"
#include "ensue/judge/split.h"

namespace ensue::train {

/// A whole artifact in memory, with what people call it.
struct BlendMember {
  std::string name;
  std::vector<std::byte> bytes;
};

/// The artifact of a blend. Members know the same items and actions. Of the
/// data it was fitted on it says what its widest member says.
/// @throws Error(kInvalidArgument) on no members or another number of weights;
///   what Artifact::from_bytes throws.
artifact::Draft make_blend(const std::vector<BlendMember>& members,
                           const std::vector<double>& weights);

struct BlendOptions {
  std::string metric = "ndcg@10";  // on validation
  int questions = 5000;            // of validation, at most
  std::uint64_t seed = 1;
};

struct Blended {
  std::vector<double> weights;  // one per member; 0: it adds nothing
  std::vector<double> alone;    // the metric of each member
  double metric = 0;            // of the blend
};

/// Weights that serve validation best: their ratios by the metric (coordinate
/// search from equal weights), their size by log-loss, so that the blend's
/// softmax stays a forecast. The test split is never looked at.
/// @throws Error(kInvalidArgument) when the split has no validation.
Blended fit_blend(const events::Log& log, const judge::Split& split,
                  const std::vector<BlendMember>& members,
                  const BlendOptions& options, const ProgressFn& progress = {});

}  // namespace ensue::train
