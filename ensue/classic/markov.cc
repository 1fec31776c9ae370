// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/internal/markov.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "ensue/base/error.h"

namespace ensue::classic {
namespace {

// Where each item stood in an instant that was followed: [items + 1] offsets
// into a list of instants.
struct Places {
  std::vector<std::uint64_t> offsets;
  std::vector<std::uint32_t> instants;
};

Places followed_places(const Instants& instants) {
  Places out;
  out.offsets.assign(instants.catalogue + 1, 0);
  for (std::size_t t = 0; t < instants.size(); ++t) {
    if (!instants.followed[t]) continue;
    for (const std::uint32_t item : instants[t]) ++out.offsets[item + 1];
  }
  std::partial_sum(out.offsets.begin(), out.offsets.end(), out.offsets.begin());
  out.instants.resize(out.offsets.back());
  auto place = out.offsets;
  for (std::size_t t = 0; t < instants.size(); ++t) {
    if (!instants.followed[t]) continue;
    for (const std::uint32_t item : instants[t]) {
      out.instants[place[item]++] = static_cast<std::uint32_t>(t);
    }
  }
  return out;
}

}  // namespace

Transitions count_transitions(const Instants& instants,
                              const artifact::MarkovConfig& config) {
  if (!(config.backoff > 0)) {
    invalid("markov.backoff: " + std::to_string(config.backoff) +
            ", expected more than 0");
  }
  const Places places = followed_places(instants);
  Transitions out;
  out.offsets = {0};
  std::vector<double> count(instants.catalogue, 0);
  std::vector<std::uint32_t> touched;
  for (std::size_t item = 0; item < instants.catalogue; ++item) {
    const std::uint64_t begin = places.offsets[item],
                        end = places.offsets[item + 1];
    for (std::uint64_t p = begin; p < end; ++p) {
      const auto next = instants[places.instants[p] + 1];
      for (const std::uint32_t j : next) {
        if (count[j] == 0) touched.push_back(j);
        count[j] += 1.0 / static_cast<double>(next.size());
      }
    }
    const double total = static_cast<double>(end - begin) + config.backoff;
    out.backoff.push_back(static_cast<float>(config.backoff / total));
    std::sort(touched.begin(), touched.end());
    for (const std::uint32_t j : touched) {
      out.next.push_back(j);
      out.probability.push_back(static_cast<float>(count[j] / total));
      count[j] = 0;
    }
    touched.clear();
    out.offsets.push_back(out.next.size());
  }
  return out;
}

}  // namespace ensue::classic
