// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/internal/session_index.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <string>

#include "ensue/base/error.h"

namespace ensue::classic {
namespace {

void check(const artifact::SessionKnnConfig& config) {
  const auto require = [](bool good, const char* name, double value,
                          const char* expected) {
    if (good) return;
    invalid(std::string("session_knn.") + name + ": " + std::to_string(value) +
            ", expected " + expected);
  };
  require(config.recent >= 1, "recent", config.recent, "at least 1");
  require(config.session_events >= 0, "session_events", config.session_events,
          "0 or more");
  require(config.gap_minutes >= 0, "gap_minutes", config.gap_minutes,
          "0 or more");
}

// Events [begin, end) of the sequences.
struct Session {
  std::size_t begin, end;
};

// Where the instant of the event before `end` begins, not before `begin`.
std::size_t instant_begin(const Sequences& sequences, std::size_t begin,
                          std::size_t end, bool baskets) {
  std::size_t first = end - 1;
  while (baskets && first > begin &&
         sequences.times[first - 1] == sequences.times[end - 1]) {
    --first;
  }
  return first;
}

// Cuts [begin, end) from its end on into pieces of whole instants of at most
// `most` events together; an instant larger than that stays alone.
void cut_pieces(const Sequences& sequences, Session whole, std::size_t most,
                bool baskets, std::vector<Session>& out) {
  for (std::size_t end = whole.end; end > whole.begin;) {
    std::size_t begin = instant_begin(sequences, whole.begin, end, baskets);
    while (begin > whole.begin) {
      const std::size_t earlier =
          instant_begin(sequences, whole.begin, begin, baskets);
      if (end - earlier > most) break;
      begin = earlier;
    }
    out.push_back({begin, end});
    end = begin;
  }
}

// Every session, oldest end first.
std::vector<Session> cut_sessions(const Sequences& sequences,
                                  const artifact::SessionKnnConfig& config,
                                  bool baskets) {
  const double gap_ms = config.gap_minutes > 0
                            ? config.gap_minutes * 60'000
                            : std::numeric_limits<double>::infinity();
  const std::size_t most = config.session_events > 0
                               ? static_cast<std::size_t>(config.session_events)
                               : sequences.items.size();
  const auto& times = sequences.times;
  std::vector<Session> out;
  for (std::size_t user = 0; user < sequences.users(); ++user) {
    const std::size_t end = sequences.offsets[user + 1];
    for (std::size_t i = sequences.offsets[user]; i < end;) {
      const std::size_t begin = i++;
      while (i < end && static_cast<double>(count(times[i]) -
                                            count(times[i - 1])) <= gap_ms) {
        ++i;
      }
      cut_pieces(sequences, {begin, i}, most, baskets, out);
    }
  }
  std::stable_sort(out.begin(), out.end(), [&](Session a, Session b) {
    return times[a.end - 1] < times[b.end - 1];
  });
  return out;
}

// Rows of distinct items, rising.
struct Sets {
  std::vector<std::uint64_t> offsets = {0};
  std::vector<std::uint32_t> items;
  std::size_t size() const { return offsets.size() - 1; }
  std::span<const std::uint32_t> operator[](std::size_t i) const {
    return std::span(items).subspan(offsets[i], offsets[i + 1] - offsets[i]);
  }
  void add(std::span<const std::uint32_t> row) {
    items.insert(items.end(), row.begin(), row.end());
    const auto begin =
        items.begin() + static_cast<std::ptrdiff_t>(offsets.back());
    std::sort(begin, items.end());
    items.erase(std::unique(begin, items.end()), items.end());
    offsets.push_back(items.size());
  }
};

std::vector<float> rarity_weights(const Sets& sessions, std::size_t catalogue) {
  std::vector<double> with(catalogue, 0);
  for (const std::uint32_t item : sessions.items) ++with[item];
  std::vector<float> out(catalogue, 1);
  for (std::size_t i = 0; i < catalogue; ++i) {
    if (with[i] == 0) continue;
    out[i] = static_cast<float>(
        1 + std::log(static_cast<double>(sessions.size()) / with[i]));
  }
  return out;
}

// The sessions that are among the `recent` newest of one of their items.
std::vector<bool> reachable(const Sets& sessions, std::size_t catalogue,
                            std::uint64_t recent,
                            std::vector<std::uint64_t>& listed) {
  std::vector<bool> out(sessions.size(), false);
  listed.assign(catalogue, 0);
  for (std::size_t s = sessions.size(); s-- > 0;) {
    for (const std::uint32_t item : sessions[s]) {
      if (listed[item] == recent) continue;
      ++listed[item];
      out[s] = true;
    }
  }
  return out;
}

}  // namespace

SessionIndex index_sessions(const Sequences& sequences,
                            const artifact::SessionKnnConfig& config,
                            bool baskets) {
  check(config);
  Sets all;
  for (const auto [begin, end] : cut_sessions(sequences, config, baskets)) {
    all.add(std::span(sequences.items).subspan(begin, end - begin));
  }
  SessionIndex out;
  out.weight = rarity_weights(all, sequences.catalogue);

  std::vector<std::uint64_t> listed;
  const auto kept =
      reachable(all, sequences.catalogue,
                static_cast<std::uint64_t>(config.recent), listed);
  Sets sessions;
  for (std::size_t s = 0; s < all.size(); ++s) {
    if (kept[s]) sessions.add(all[s]);
  }

  out.item_offsets.assign(sequences.catalogue + 1, 0);
  std::partial_sum(listed.begin(), listed.end(), out.item_offsets.begin() + 1);
  out.item_sessions.resize(out.item_offsets.back());
  auto place = out.item_offsets;
  for (std::size_t s = sessions.size(); s-- > 0;) {
    for (const std::uint32_t item : sessions[s]) {
      if (place[item] == out.item_offsets[item + 1]) continue;
      out.item_sessions[place[item]++] = static_cast<std::uint32_t>(s);
    }
  }
  out.session_offsets = std::move(sessions.offsets);
  out.session_items = std::move(sessions.items);
  return out;
}

}  // namespace ensue::classic
