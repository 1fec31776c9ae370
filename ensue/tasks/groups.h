// SPDX-License-Identifier: Apache-2.0
// Groups of customers as people read them, and which of them somebody is in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/base/json.h"
#include "ensue/events/log.h"
#include "ensue/runtime/discounts.h"
#include "ensue/runtime/segments.h"
#include "ensue/tasks/discounts.h"
#include "ensue/tasks/segments.h"
#include "ensue/tasks/sequence_columns.h"

namespace ensue::tasks {

/// An item that a group takes more often than others do.
struct GroupItem {
  std::string item, title;
  double share = 0;  // of the group's customers who took it
  double lift = 0;   // its share of what the group takes over that of everybody
};

struct Group {
  std::int64_t id = 0;  // stays when the groups are fitted anew
  std::string name;     // unlike every other group's
  std::size_t customers = 0;
  double share = 0;        // of all customers
  double spend_share = 0;  // of all spend
  double spend = 0;        // of a customer, on average
  std::string words;       // what sets it apart
  std::vector<GroupItem> items;
  Strategy strategy;  // its discount by what is known, see discount_advice()
  std::optional<DiscountUse> discount = {};  // where it is known
};

/// Customers of a log, each in one group; places of `ids` are the groups.
struct GroupedLog {
  const events::Log& log;
  events::Millis until{0};  // events from here on do not count
  std::string buying;       // the action that is a purchase
  std::span<const events::UserId> users;
  std::span<const std::uint32_t> group;  // [users]
  std::span<const std::int64_t> ids;
  const runtime::Discounts* discounts = nullptr;  // null: nothing is known
};

/// One per id, in their order. A name is that of the strategy, with what sets
/// the group apart from everybody where several would have the same. Items are
/// the `most` with the largest n log(lift), n customers of the group with it.
std::vector<Group> describe_groups(const GroupedLog& grouped,
                                   std::size_t most = 5);

JsonObject to_json(const Group& group);

/// The embedding alone of a customer as of an instant.
std::vector<double> embedding_of(const SequenceColumns& encoder,
                                 const events::History& history,
                                 events::Millis at);

/// What `ensue train --task segments` writes: runtime::Segments with the groups
/// described. Immutable, thread-safe.
class SegmentsModel {
 public:
  struct Answer {
    const Group* group = nullptr;
    double distance = 0;  // to the centre of the group
    double next = 0;      // to that of the second nearest; NaN: there is none
  };

  static bool is_one(const artifact::Description& about);
  /// Keeps the groups in a draft of classic::fit_segments().
  static void describe(artifact::Draft& draft, std::span<const Group> groups);

  /// Puts the artifact of the sequence model that places read into the draft.
  static void add_encoder(artifact::Draft& draft,
                          std::span<const std::byte> encoder);

  /// @throws Error(kCorrupt) when the artifact is none.
  explicit SegmentsModel(std::shared_ptr<const artifact::Artifact> artifact);

  const artifact::Description& about() const noexcept {
    return segments_.artifact().description();
  }
  const runtime::Segments& segments() const noexcept { return segments_; }
  /// What the sequence model inside says; null: there is none.
  const SequenceColumns* encoder() const noexcept { return encoder_.get(); }
  const std::vector<Group>& groups() const noexcept { return groups_; }

  /// By the events strictly before `at`, in ids as CustomerEvents gives them.
  Answer answer(const events::History& history, events::Millis at) const;

 private:
  runtime::Segments segments_;
  std::unique_ptr<const SequenceColumns> encoder_;
  std::vector<Group> groups_;
};

}  // namespace ensue::tasks
