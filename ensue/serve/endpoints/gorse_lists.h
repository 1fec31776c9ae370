// SPDX-License-Identifier: Apache-2.0
// Lists of items and users that Gorse shows and that need no model.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ensue/serve/service.h"

namespace ensue::serve {

struct Ranked {
  std::string id;
  double score = 0;
};

/// Items that may be shown and are of every category, most popular first.
std::vector<Ranked> popular_items(Service& service, std::size_t n,
                                  std::span<const std::string> categories);

/// The same by age, latest first; the score is the time in seconds: what the
/// item's document says, else when it was first met. Reads every document.
std::vector<Ranked> latest_items(Service& service, std::size_t n,
                                 std::span<const std::string> categories);

/// Users with most items in common: the cosine of the sets of items. Compares
/// with at most kMostUsers others, in the order of the store (which is no order
/// of names, so that they are a fair sample).
inline constexpr std::size_t kMostUsers = 100'000;
std::vector<Ranked> similar_users(Service& service, const std::string& user,
                                  std::size_t n);

}  // namespace ensue::serve
