// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/fit.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>
#include <vector>

#include "ensue/artifact/action_counts.h"
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

bool has_events(const artifact::ModelSpec& model) {
  return model.heads.size() > 1 && model.heads[1].type == "next_event";
}

std::vector<judge::Query> spread_over(std::span<const judge::Query> queries,
                                      int most) {
  const auto n =
      most > 0 ? std::min<std::size_t>(queries.size(), most) : queries.size();
  std::vector<judge::Query> out;
  for (std::size_t i = 0; i < n; ++i) {
    out.push_back(queries[i * queries.size() / n]);
  }
  return out;
}

// As much of what was counted as suits the validation goes into the artifact.
void add_counts(const FitRequest& request, FitResult& result) {
  const auto queries =
      spread_over(request.split.validation, request.options.validation_users);
  if (queries.empty()) return;
  const runtime::Engine engine(
      artifact::Artifact::from_bytes(result.draft.bytes(), "fit"));
  auto counts = judge::count_actions(request.log, request.split, engine);
  const auto weighed =
      judge::weigh_counts(request.log, queries, engine, counts);
  if (weighed.questions == 0) return;
  result.next_action = weighed;
  if (counts.share == 0 && counts.gap_share == 0) return;
  artifact::write_action_counts(counts, result.draft.description().training);
}

}  // namespace

FitResult fit(const FitRequest& request) {
  if (is_classical(request.model)) return without_gradients(request);
  FitResult out = Trainer(request).run();
  if (has_events(request.model) && request.labels == nullptr && !out.stopped) {
    add_counts(request, out);
  }
  return out;
}

}  // namespace ensue::train
