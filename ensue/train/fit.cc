// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/fit.h"

#include <chrono>
#include <utility>
#include <vector>

#include "ensue/artifact/blocks.h"
#include "ensue/base/error.h"
#include "ensue/classic/fit.h"
#include "ensue/train/corpus.h"
#include "ensue/train/internal/classical.h"
#include "ensue/train/internal/trainer.h"

namespace ensue::train {

bool is_classical(const artifact::ModelSpec& model) {
  for (const auto& head : model.heads) {
    if (artifact::blocks().find(head.type).trainer ==
        artifact::Trainer::kClassic) {
      return true;
    }
  }
  return false;
}

void fit_classical(const events::Log& log, const judge::Split& split,
                   artifact::Draft& draft) {
  std::vector<classic::TrainRange> ranges;
  for (const judge::Range range : split.train) {
    ranges.push_back({range.begin, range.end});
  }
  classic::fit(log, ranges, draft.description().model, draft);
}

namespace {

FitResult without_gradients(const FitRequest& request) {
  const auto started = std::chrono::steady_clock::now();
  const Corpus corpus = make_corpus(request.log, request.split);
  artifact::Draft draft(
      describe(request.log, corpus, request.model, JsonObject()));
  fit_classical(request.log, request.split, draft);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started)
          .count();
  return {std::move(draft), {}, seconds, 0, false, {}, {}};
}

}  // namespace

FitResult fit(const FitRequest& request) {
  if (is_classical(request.model)) return without_gradients(request);
  return Trainer(request).run();
}

}  // namespace ensue::train
