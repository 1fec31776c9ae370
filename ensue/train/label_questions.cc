// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/label_questions.h"

#include <algorithm>
#include <tuple>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/error.h"
#include "ensue/judge/instants.h"

namespace ensue::train {
namespace {

constexpr std::size_t kNoUser = SIZE_MAX;

// [users of the log] their place in the corpus.
std::vector<std::size_t> places_of(const events::Log& log,
                                   const Corpus& corpus) {
  std::vector<std::size_t> out(log.users(), kNoUser);
  for (std::size_t u = 0; u < corpus.users(); ++u) {
    out[events::index(corpus.known_users[u])] = u;
  }
  return out;
}

}  // namespace

std::vector<LabelQuestion> find_questions(
    const events::Log& log, const judge::Split& split, const Corpus& corpus,
    std::span<const data::LabelTable* const> heads) {
  const std::vector<std::size_t> places = places_of(log, corpus);
  std::vector<LabelQuestion> out;
  for (std::size_t h = 0; h < heads.size(); ++h) {
    const data::LabelTable& table = *heads[h];
    for (std::size_t i = 0; i < table.size(); ++i) {
      const auto [user, at] = table.pairs[i];
      const auto all = log.history(user).times;
      const auto before = static_cast<std::size_t>(
          std::lower_bound(all.begin(), all.end(), at) - all.begin());
      if (before > split.train[events::index(user)].end) {
        invalid("labels as of " + judge::show_instant(at) +
                ": events before that are not learnt from");
      }
      const std::size_t place = places[events::index(user)];
      if (before == 0 || place == kNoUser) continue;
      const auto known =
          std::span(corpus.times)
              .subspan(corpus.offsets[place],
                       corpus.offsets[place + 1] - corpus.offsets[place]);
      const auto seen =
          std::lower_bound(known.begin(), known.end(), at) - known.begin();
      if (seen == 0) continue;
      out.push_back(
          {corpus.offsets[place] + static_cast<std::uint64_t>(seen) - 1,
           static_cast<std::uint32_t>(h),
           artifact::label_since(count(at) - count(all[before - 1])),
           static_cast<float>(table.values[i])});
    }
  }
  std::ranges::stable_sort(out, {}, [](const LabelQuestion& q) {
    return std::pair(q.event, q.head);
  });
  return out;
}

std::vector<LabelPiece> label_pieces(const Corpus& corpus,
                                     std::span<const LabelQuestion> questions,
                                     std::size_t length) {
  const std::uint64_t half = (length + 1) / 2;
  std::vector<LabelPiece> out;
  for (std::size_t last = questions.size(); last > 0;) {
    const std::uint64_t end = questions[last - 1].event + 1;
    const std::uint64_t start = *std::prev(
        std::ranges::upper_bound(corpus.offsets, questions[last - 1].event));
    const std::uint64_t begin =
        end - std::min<std::uint64_t>(length, end - start);
    std::size_t first = last;
    while (first > 0) {
      const std::uint64_t event = questions[first - 1].event;
      if (event < begin) break;
      const bool enough = begin == start || event + 1 - begin >= half;
      if (!enough) break;
      --first;
    }
    out.push_back({begin, end, first, last});
    last = first;
  }
  return out;
}

}  // namespace ensue::train
