// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/internal/sequences.h"

#include <algorithm>
#include <string>

#include "ensue/base/error.h"

namespace ensue::classic {
namespace {

constexpr std::uint32_t kUnknown = 0xFFFFFFFF;

std::vector<std::uint32_t> translate(const events::Vocabulary& from,
                                     const events::Vocabulary& to) {
  std::vector<std::uint32_t> out(from.size());
  for (std::size_t id = 0; id < out.size(); ++id) {
    out[id] = to.find(from.name(id)).value_or(kUnknown);
  }
  return out;
}

void check_range(const TrainRange& range, std::size_t user,
                 std::size_t events) {
  if (range.begin <= range.end && range.end <= events) return;
  invalid("training range of user " + std::to_string(user) + ": [" +
          std::to_string(range.begin) + ", " + std::to_string(range.end) +
          ") does not fit a history of " + std::to_string(events) + " events");
}

}  // namespace

Sequences read_sequences(const events::Log& log,
                         std::span<const TrainRange> train,
                         const events::Vocabulary& known) {
  if (train.size() != log.users()) {
    invalid("training ranges: " + std::to_string(train.size()) + " for " +
            std::to_string(log.users()) + " users");
  }
  const auto id_of = translate(log.item_names(), known);
  Sequences out;
  out.catalogue = known.size();
  for (std::uint32_t user = 0; user < train.size(); ++user) {
    const auto history = log.history(events::UserId{user});
    check_range(train[user], user, history.size());
    for (std::size_t i = train[user].begin; i < train[user].end; ++i) {
      if (history.items[i] == events::kNoItem) continue;
      const std::uint32_t item = id_of[events::index(history.items[i])];
      if (item == kUnknown) continue;
      out.items.push_back(item);
      out.times.push_back(history.times[i]);
    }
    out.offsets.push_back(out.items.size());
  }
  if (out.items.empty()) invalid("no training event has a known item");
  return out;
}

Instants group_instants(const Sequences& sequences, bool baskets) {
  Instants out;
  out.catalogue = sequences.catalogue;
  out.items.reserve(sequences.items.size());
  for (std::size_t user = 0; user < sequences.users(); ++user) {
    const std::size_t end = sequences.offsets[user + 1];
    for (std::size_t i = sequences.offsets[user]; i < end;) {
      const std::size_t first = i++;
      while (baskets && i < end &&
             sequences.times[i] == sequences.times[first]) {
        ++i;
      }
      const auto begin = static_cast<std::ptrdiff_t>(out.items.size());
      out.items.insert(
          out.items.end(),
          sequences.items.begin() + static_cast<std::ptrdiff_t>(first),
          sequences.items.begin() + static_cast<std::ptrdiff_t>(i));
      std::sort(out.items.begin() + begin, out.items.end());
      out.items.erase(std::unique(out.items.begin() + begin, out.items.end()),
                      out.items.end());
      out.offsets.push_back(out.items.size());
      out.followed.push_back(i < end);
    }
  }
  return out;
}

}  // namespace ensue::classic
