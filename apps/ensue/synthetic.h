// SPDX-License-Identifier: Apache-2.0
// ensue simulate --from: customers drawn from a trained model.
#pragma once

#include <string>

#include "apps/settings/settings.h"
#include "ensue/tasks/synthetic.h"

namespace ensue::apps {

struct SyntheticRequest {
  std::string from;  // the artifact
  std::string out;   // the folder
  tasks::SyntheticOptions options;
  int run = 5;  // items in a row that count as a copy

  /// @throws Error(kInvalidArgument) "--run: 0, expected …".
  void check() const;
};

/// Draws customers, writes <out>/events.csv (user_id, item_id, action,
/// timestamp; no timestamp for a log without a clock) and says how much of them
/// stands in the histories that the model was trained on, beside how much real
/// customers share with one another. Returns 1 when it is clearly more, and
/// says so; the file is there all the same.
/// @throws Error(kInvalidArgument) when the model is of another dataset.
int simulate_from(const SyntheticRequest& request, const Settings& settings);

}  // namespace ensue::apps
