// SPDX-License-Identifier: Apache-2.0
// What column names mean, in several languages, and what values look like.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ensue::data {

/// The values of one column in the first rows of a file.
struct ColumnLook {
  std::size_t filled = 0, distinct = 0;
  double numbers = 0, integers = 0, times = 0;  // shares of the filled cells
  double low = 0, high = 0;                     // of the numbers
  double length = 0;                            // mean bytes
  bool rising = false;                          // numbers that never fall
};
ColumnLook look_at_column(const std::vector<std::vector<std::string>>& sample,
                          std::size_t column);

/// What name_fits() says of a name that only has a word for it somewhere.
inline constexpr int kPartOfName = 40;

/// How well a column's name fits a role: 0 not at all, 100 a word for it.
/// Roles: user, item, time, order, action, value, text, session, event_id;
/// rating: a value that is a judgement.
int name_fits(std::string_view role, std::string_view column);

/// Can the values have that role at all? A column that is called `user` or
/// `item` (name: what name_fits() says) may hold a single one.
bool values_fit(std::string_view role, const ColumnLook& look, int name = 0);

/// Numbers that are unix times between 1990 and 2100, in any unit.
bool looks_like_unix_times(const ColumnLook& look);

}  // namespace ensue::data
