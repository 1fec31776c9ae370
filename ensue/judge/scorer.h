// SPDX-License-Identifier: Apache-2.0
// What the judge ranks with: an engine, an oracle, anything that scores items.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "ensue/events/log.h"
#include "ensue/judge/split.h"
#include "ensue/runtime/engine.h"

namespace ensue::judge {

/// Scores every item for queries. Thread-safe: users are judged in parallel.
class Scorer {
 public:
  using Sink =
      std::function<void(std::size_t query, std::span<const float> logits)>;

  virtual ~Scorer() = default;
  virtual std::string name() const = 0;
  /// Items ranked.
  virtual std::size_t items() const = 0;
  /// Place of a log's item among the scores; nullopt: it cannot be answered.
  virtual std::optional<std::uint32_t> place(events::ItemId item) const = 0;
  /// Calls `sink` once per query, in order. `queries` are of one user, by
  /// rising history. Logits: softmax of them is the predicted distribution.
  virtual void score(const events::Log& log, std::span<const Query> queries,
                     const Sink& sink) const = 0;
};

/// An engine as a scorer of the queries of `log` (which must outlive it).
std::unique_ptr<Scorer> engine_scorer(
    std::string name, std::shared_ptr<const runtime::Engine> engine,
    const events::Log& log);

}  // namespace ensue::judge
