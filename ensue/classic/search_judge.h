// SPDX-License-Identifier: Apache-2.0
// How well a search finds what people then chose.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "ensue/classic/search.h"
#include "ensue/runtime/search.h"

namespace ensue::classic {

/// One way to order what a query finds, judged on the same questions.
struct SearchJudged {
  std::string_view name;  // "BM25", "BM25 + popularity", "blend"
  runtime::SearchRanking ranking = runtime::SearchRanking::kWords;
  std::vector<double> ndcg, hit;  // @10, per question
};

/// Every ranking of the search, the blend last. A question knows the events of
/// its customer strictly before it. Where items tie, the place of what was
/// chosen is the middle of theirs, so that BM25 alone is not punished for its
/// many ties; what is no candidate was not found. The result does not depend on
/// threads.
std::vector<SearchJudged> judge_search(
    const events::Log& log, const runtime::Search& search,
    std::span<const SearchQuestion> questions);

}  // namespace ensue::classic
