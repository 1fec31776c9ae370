// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/internal/head.h"

namespace ensue::runtime {

std::vector<std::vector<Scored>> Head::top(
    std::span<const HeadRequest> requests, std::size_t items) const {
  thread_local std::vector<float> scores;
  scores.resize(items);
  std::vector<std::vector<Scored>> out;
  out.reserve(requests.size());
  for (const HeadRequest& request : requests) {
    score(request.user.x, request.user.recent, scores);
    out.push_back(top_k(scores, request.k, request.filter));
  }
  return out;
}

}  // namespace ensue::runtime
