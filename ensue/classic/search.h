// SPDX-License-Identifier: Apache-2.0
// Fits a search: index, counts and weights from what was typed and chosen.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/events/log.h"

namespace ensue::classic {

struct SearchOptions {
  /// Context column that holds what was typed; "": nobody types anything.
  std::string query = "query";
  std::vector<std::string> text = {};  // item columns; none: every text column
  double k1 = 1.2, b = 0.75;           // of BM25
  double weights_share = 0.2;   // the last share of the events, for the weights
  int neighbours = 200;         // kept lifts of an item
  double ridge = 1;             // on the weights
  int most_questions = 20'000;  // that the weights are fitted to, the last ones
  void visit(auto&& field) {
    field("query", query, "event column that holds what was typed");
    field("text", text, "item columns that are searched; none: all texts");
    field("k1", k1, "BM25: how soon a repeated word stops counting");
    field("b", b, "BM25: how much long texts are held back");
    field("weights_share", weights_share,
          "the last share of the events, which the weights are fitted to");
    field("neighbours", neighbours, "kept lifts of an item");
    field("ridge", ridge, "penalty on the squared weights");
    field("most_questions", most_questions,
          "questions that the weights are fitted to");
  }
};

/// The time before which all but the last `share` of the events before `until`
/// lie. @throws Error(kInvalidArgument) when there is no event.
events::Millis last_share(const events::Log& log, events::Millis until,
                          double share);

/// Somebody typed a query; what did they choose?
struct SearchQuestion {
  events::UserId user{0};
  std::size_t history = 0;  // events of the user strictly before it in time
  std::string_view query;   // of the log
  events::ItemId target = events::kNoItem;
};

/// The questions of events in [from, until), by time. What was chosen is the
/// item of the event that carries the query, or when it has none that of the
/// user's next event within ten minutes; questions without an answer, and the
/// texts of events "review", are left out.
/// @throws Error(kNotFound) when the log has no such column of texts.
std::vector<SearchQuestion> search_questions(const events::Log& log,
                                             std::string_view column,
                                             events::Millis from,
                                             events::Millis until);

/// Learns from the events before `until` alone: the item table's texts,
/// popularity, lifts and earlier queries from all of them; the weights of a
/// softmax over the candidates from the questions of their last
/// `weights_share`, asked of an index of what lies before those. The artifact
/// answers through runtime/search.h. The result does not depend on threads.
/// Where nobody types anything the weights are those of a prior: every item as
/// likely as it is popular, times e^5 for the best match of the words.
/// @throws Error(kInvalidArgument) when there is no event, question or text.
artifact::Draft fit_search(const events::Log& log, events::Millis until,
                           const SearchOptions& options);

}  // namespace ensue::classic
