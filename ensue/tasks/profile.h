// SPDX-License-Identifier: Apache-2.0
// One customer: what they like, when they come, what to offer, and the risk.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/base/json.h"
#include "ensue/events/history.h"
#include "ensue/runtime/tastes.h"
#include "ensue/tasks/discounts.h"

namespace ensue::tasks {

/// A category or a word of titles.
struct Interest {
  std::string name;
  std::size_t events = 0;
  double share = 0;  // of the topics of those events
  double lift = 0;   // over the share that was to be expected
};

struct PriceBand {
  double low = 0, middle = 0, high = 0;  // 10, 50 and 90 % of prices paid
  std::string name;                      // of thirds: low, middle or high
};

/// Days of purchases, in UTC.
struct Rhythm {
  std::size_t days = 0;  // distinct ones with a purchase
  double gap = 0;        // median days from one to the next
  std::string weekday;
  int hour = 0;
  double weekday_share = 0, hour_share = 0;  // of purchase days; of purchases
  double silence = 0;                        // days since the last purchase
  std::optional<events::Millis> due;         // with two days or more
};

struct Offer {
  std::string item, title;
  double score = 0;
};

/// Chance that the customer does not come back, as far as one can say.
struct Risk {
  double value = 0;
  std::string by;     // "retention", "own rhythm" or "everybody's rhythm"
  std::string words;  // why
};

struct Profile {
  std::size_t events = 0, purchases = 0;
  double spend = 0;
  events::Millis first{0}, last{0};
  std::vector<Interest> favourites;  // the largest share of purchases
  std::vector<Interest> long_term;   // more than everybody, over all time
  std::vector<Interest> short_term;  // lately more than before
  std::optional<PriceBand> price;
  std::optional<Rhythm> rhythm;  // where the log has a clock, and a purchase
  std::optional<DiscountUse> discount;  // where it is known of a purchase
  std::vector<Offer> offers;
  std::string offered_by;    // "lift", or the model of the next item
  std::optional<Risk> risk;  // likewise
};

/// What `ensue train --task profile` writes. Immutable, thread-safe.
class ProfileModel {
 public:
  static constexpr std::size_t kInterests = 5, kOffers = 5;

  static bool is_one(const artifact::Description& about);
  /// @throws Error(kCorrupt) when the artifact is none.
  explicit ProfileModel(std::shared_ptr<const artifact::Artifact> artifact);

  const artifact::Description& about() const noexcept {
    return tastes_.artifact().description();
  }
  /// What interests are: a column of the items, or "words" of titles.
  const std::string& topics() const noexcept { return topics_; }
  /// The mean share of a customer's purchases with money off;
  /// nothing where it is not known.
  std::optional<double> discounted_share() const noexcept;

  /// By the events strictly before `at`, in ids as CustomerEvents gives them.
  ///   long_term   topics with the largest n log((n + 1) / (e + 1)): n how
  ///   often
  ///               they stand in the events, e if they were like everybody's
  ///   short_term  the same of the last recent days, e by the customer's own
  ///               days before, drawn to everybody's by ten topics
  ///   risk        with three purchase days or more the share of own gaps that
  ///               are shorter than the silence, else of everybody's gaps; one
  ///               gap longer than all is counted beside them
  /// An instant is a day in UTC for rhythm and risk.
  Profile describe(const events::History& history, events::Millis at) const;

 private:
  bool is_purchase(const events::History& history, std::size_t e) const;
  std::optional<PriceBand> price_of(const events::History& bought) const;
  std::optional<Risk> risk_of(const Rhythm& rhythm,
                              std::span<const double> gaps) const;
  void add_interests(const events::History& past, const events::History& bought,
                     events::Millis at, Profile& out) const;
  void add_rhythm(const events::History& bought, events::Millis at,
                  Profile& out) const;
  void add_discount(const events::History& past, Profile& out) const;
  double price(const events::History& history, std::size_t e) const;

  runtime::Tastes tastes_;
  std::string topics_, buying_;
  const events::Column* prices_ = nullptr;
  std::int64_t recent_ms_ = 0;
  std::span<const double> thirds_, gaps_;
  std::optional<runtime::Discounts> discounts_;
  std::span<const double> spread_;  // Beta(offer, full) of customers' shares
};

/// The answer of a retention model: chance to come back within so many days.
Risk risk_from(double retention, int horizon_days);

JsonObject to_json(const Profile& profile);

}  // namespace ensue::tasks
