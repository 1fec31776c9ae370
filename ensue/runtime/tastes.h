// SPDX-License-Identifier: Apache-2.0
// What a customer's items are about, against what everybody's are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/events/history.h"

namespace ensue::runtime {

/// An item that suits what was taken before.
struct SuitingItem {
  std::uint32_t item = 0;
  double score = 0;  // log P(item) + mean log lift
  double lift = 0;   // the mean log lift alone
};

/// Topics (categories, or words of titles) of items with their share of what
/// everybody takes, and lifts of pairs of items.
///
/// Tensors over n items, t topics:
///   topics                 list of texts (internal/text_list.h)
///   topic_offsets U64 [t + 1], topic_items U32, topic_weights F32: all 1
///   topic_share F64 [t]    of all topics of all events
///   lift_offsets U64 [n + 1], lift_items U32, lifts F32
///   log_popularity F32 [n]
/// Immutable, thread-safe. Items that it does not know do not count.
class Tastes {
 public:
  static constexpr std::size_t kHistory = 100;  // items that suiting() looks at

  /// @throws Error(kCorrupt).
  explicit Tastes(std::shared_ptr<const artifact::Artifact> artifact);
  ~Tastes();

  const artifact::Artifact& artifact() const noexcept;
  std::size_t topics() const noexcept;
  std::string_view name(std::size_t topic) const noexcept;
  /// Of all topics of what everybody takes.
  double share(std::size_t topic) const noexcept;
  std::span<const std::uint32_t> topics_of(events::ItemId item) const noexcept;

  /// How often each topic stands in the events, [topics()].
  std::vector<double> count(const events::History& history) const;

  /// The `k` best items that the history does not hold, best first, ties by
  /// lower item: by popularity and the mean lift with the last kHistory
  /// distinct items, drawn to 0 by one item.
  std::vector<SuitingItem> suiting(const events::History& history,
                                   std::size_t k) const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace ensue::runtime
