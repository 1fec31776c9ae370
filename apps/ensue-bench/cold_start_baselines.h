// SPDX-License-Identifier: Apache-2.0
// What a shop can do for items without a past, without a model.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/events/log.h"
#include "ensue/judge/scorer.h"

namespace ensue::apps {

/// Lower-case words of letters and digits.
std::vector<std::string> words_of(std::string_view text);

/// Cosine between an item's words and those of the customer's `last` latest
/// items, each word weighted by log(items / items with it); the customer's
/// vector is the sum of the unit vectors of those items.
/// Every item of the log is scored, known from training or not: a text is
/// there from the first day on. Log and titles must outlive it.
std::unique_ptr<judge::Scorer> tfidf_scorer(
    const events::Log& log, const std::vector<std::string>& titles, int last);

/// Popularity within the category, after the customer's own share of it:
///   (events of the customer in it + smoothing * its share of training)
///   * (item's share of its training events)
/// where an item without training events counts as the mean one of its
/// category, and a category without any as a mean category.
/// @param categories  One per item of the log.
/// @param counts      Training events of each item.
std::unique_ptr<judge::Scorer> category_scorer(
    const events::Log& log, const std::vector<std::string>& categories,
    const std::vector<std::size_t>& counts, double smoothing);

/// In [0, 1), a function of the item alone: ties of a score fall in a fixed
/// random order instead of by place.
double tie_breaker(std::size_t item) noexcept;

}  // namespace ensue::apps
