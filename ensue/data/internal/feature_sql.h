// SPDX-License-Identifier: Apache-2.0
// As-of features as SQL: the same numbers that features/ computes live.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/base/catalog.h"
#include "ensue/features/kinds.h"

namespace ensue::data {

/// A column that features read beside user, time and action.
struct FeatureColumn {
  features::EventColumn column;
  bool number = false;  // read as a number, else as a category's code
  std::string name;     // in SQL: n0, c1, …; cells that are missing are NULL
};

/// What the definitions of one query share: each window function over a user's
/// events and each aggregate is made once, whoever asks for it.
///
/// Nothing of what a window function sees depends on the as-of instant: an
/// event knows its user's previous and next event (of all, of its action, of
/// its category), and how many before it had the same category. So windows run
/// once over the events, and the pairs only aggregate.
class FeaturePlan {
 public:
  /// Among which events of the user an event's neighbours are sought.
  struct Among {
    bool action = false;   // those of the same action
    std::string category;  // those with the same cell of that column; "": all
  };
  /// Time of the event before or behind; NULL: there is none.
  std::string previous_time(const Among& among);
  std::string next_time(const Among& among);
  /// When the user's next session begins, behind this event; NULL: there is
  /// none.
  std::string next_session();
  /// 1, 2, … among the events up to this one.
  std::string rank(const Among& among);

  std::string number(const features::Resolved& r);
  std::string category(const features::Resolved& r);

  /// Name of an aggregate over a pair's events for which `condition` holds (""
  /// is all); NULL for a pair without any event.
  std::string aggregate(const std::string& function,
                        const std::string& argument,
                        const std::string& condition);
  /// How many events there are: 0 for a pair without any.
  std::string events(const std::string& condition);

  /// Condition: events of the definition's action (or `other`'s), and of its
  /// window, or of ages in (to, from] days. "" is all.
  static std::string of_action(const features::ActionRef& action);
  static std::string of(const features::Resolved& r);
  static std::string aged(double from_days, double to_days);

  /// Computes the features of the pairs; events() is read once.
  ///   pairs     row BIGINT, user UINTEGER, t BIGINT
  ///   events()  place BIGINT, user UINTEGER, time BIGINT, action UTINYINT
  ///             and columns()
  /// Rows come back in any order: row, then a DOUBLE per definition.
  std::string sql(const std::vector<std::string>& values) const;
  const std::vector<FeatureColumn>& columns() const noexcept {
    return columns_;
  }

 private:
  std::string window(const std::string& call, const Among& among);
  std::string column(const features::Resolved& r, bool number);

  std::vector<FeatureColumn> columns_;
  std::vector<std::string> column_keys_;  // number or code, and the name
  std::vector<std::string> windows_, aggregates_;
  std::vector<std::string> later_;  // windows over what windows_ made
};

/// A kind's expression over the aggregates it asks the plan for; NULL where the
/// number is unknown. `t` is the as-of instant.
struct FeatureSql {
  std::string_view name;  // as in features::kinds()
  std::string (*value)(FeaturePlan& plan, const features::Resolved& r);
};
const Catalog<FeatureSql>& feature_sql();

/// The expression of a definition, scored by its edges.
std::string feature_value(FeaturePlan& plan, const features::Resolved& r);

/// "(a) AND (b)"; "" stands for what always holds.
std::string both(const std::string& a, const std::string& b);

}  // namespace ensue::data
