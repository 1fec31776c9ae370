// SPDX-License-Identifier: Apache-2.0
// What may be typed behind the name of a quality benchmark.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "ensue/base/json.h"

namespace ensue::apps {

struct QualityOptions {
  /// --models a,b  in the order of the table.
  std::vector<std::string> models = {"popularity", "markov", "session-knn",
                                     "gru", "sasrec"};
  /// --seeds N  neural models are trained N times; figures are means. 0: as
  /// often as the benchmark does by itself.
  int seeds = 0;
  /// --validation  judge on validation: what may be looked at while tuning.
  bool validation = false;
  /// --configs DIR, --work DIR  settings of the models; datasets and artifacts.
  std::filesystem::path configs = "configs", work = "build/bench-data";
  /// --model.KEY VALUE, --train.KEY VALUE, and --epochs N: over the settings.
  JsonObject model, train;
};

/// @throws Error(kInvalidArgument) on an unknown or unfinished option.
QualityOptions parse_quality_options(const std::vector<std::string>& typed,
                                     QualityOptions defaults = {});

}  // namespace ensue::apps
