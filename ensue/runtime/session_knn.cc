// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/session_knn.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/runtime/internal/mixture.h"
#include "ensue/runtime/popularity.h"

namespace ensue::runtime {
namespace {

SessionTable read_table(const artifact::Artifact& artifact, std::size_t place) {
  const auto tensor = [&](std::string_view name) -> const auto& {
    return artifact.tensor(
        artifact::Artifact::tensor_name("heads", place, name));
  };
  const auto rows = [&](std::string_view offsets, std::string_view ids) {
    return Csr{tensor(offsets).template as<std::uint64_t>(),
               tensor(ids).template as<std::uint32_t>()};
  };
  return {tensor("log_popularity").template as<float>(),
          tensor("weight").template as<float>(),
          rows("item_offsets", "item_sessions"),
          rows("session_offsets", "session_items")};
}

artifact::SessionKnnConfig read_config(const artifact::Artifact& artifact,
                                       std::size_t place) {
  artifact::SessionKnnConfig config;
  read_fields(config, artifact.description().model.heads[place].config,
              "session_knn");
  return config;
}

void check(const SessionTable& table) {
  const auto require = [](bool good, const char* what) {
    if (!good) {
      throw Error(Code::kCorrupt, std::string("session-knn head: ") + what);
    }
  };
  const std::size_t items = table.log_popularity.size();
  check_log_prior(table.log_popularity, "session-knn head");
  check_rows(table.session_items, /*count=*/-1, items,
             "session-knn head: items of sessions");
  check_rows(table.item_sessions, static_cast<std::ptrdiff_t>(items),
             table.session_items.rows(), "session-knn head: sessions of items");
  require(table.weight.size() == items, "one weight per item");
  require(std::ranges::all_of(
              table.weight, [](float w) { return w > 0 && std::isfinite(w); }),
          "a weight is not above 0");
  for (std::size_t item = 0; item < items; ++item) {
    const auto newest = table.item_sessions[item];
    require(std::ranges::is_sorted(newest, std::ranges::greater_equal{}),
            "sessions of an item are not newest first");
  }
}

std::size_t check_option(int value, int most, const char* name) {
  if (value < 1 || value > most) {
    invalid(std::string("session_knn.") + name + ": " + std::to_string(value) +
            ", expected 1 to " + std::to_string(most));
  }
  return static_cast<std::size_t>(value);
}

// The sessions of one item of the session to continue, newest first.
struct List {
  std::span<const std::uint32_t> sessions;
  std::uint32_t position;
};

// The lists of all its distinct items, merged by falling session number.
class Merge {
 public:
  Merge(std::span<const events::Event> recent, bool baskets, std::size_t most,
        const Csr& item_sessions) noexcept {
    std::array<std::uint32_t, SessionKnnHead::kMaxItems> seen;
    std::size_t distinct = 0;
    for (std::size_t i = recent.size(); i-- > 0;) {
      const bool next_position = i + 1 == recent.size() || !baskets ||
                                 recent[i].time != recent[i + 1].time;
      if (next_position && positions_ == most) break;
      positions_ += next_position ? 1 : 0;
      const std::uint32_t item = events::index(recent[i].item);
      const auto end = seen.begin() + static_cast<std::ptrdiff_t>(distinct);
      if (item >= item_sessions.rows() ||
          std::find(seen.begin(), end, item) != end) {
        continue;
      }
      seen[distinct++] = item;
      if (item_sessions[item].empty()) continue;
      lists_[size_++] = {item_sessions[item], positions_};
    }
    std::make_heap(lists_.begin(), end(), older);
  }

  bool empty() const noexcept { return size_ == 0; }
  std::uint32_t positions() const noexcept { return positions_; }
  std::uint32_t session() const noexcept {
    return lists_.front().sessions.front();
  }
  /// Position of one item of session(); goes on to the next list.
  std::uint32_t pop() noexcept {
    std::pop_heap(lists_.begin(), end(), older);
    List& list = lists_[size_ - 1];
    const std::uint32_t position = list.position;
    list.sessions = list.sessions.subspan(1);
    if (list.sessions.empty()) {
      --size_;
    } else {
      std::push_heap(lists_.begin(), end(), older);
    }
    return position;
  }

 private:
  static bool older(const List& a, const List& b) noexcept {
    return a.sessions.front() < b.sessions.front();
  }
  std::array<List, SessionKnnHead::kMaxItems>::iterator end() noexcept {
    return lists_.begin() + static_cast<std::ptrdiff_t>(size_);
  }
  std::array<List, SessionKnnHead::kMaxItems> lists_;
  std::size_t size_ = 0;
  std::uint32_t positions_ = 0;
};

// What a neighbour's vote counts whose latest common item stands at
// `position`, 1 being the last.
float match_weight(std::uint32_t position) noexcept {
  return std::max(0.0F, 1.0F - static_cast<float>(position) / 10);
}

}  // namespace

SessionKnnHead::SessionKnnHead(const artifact::Artifact& artifact,
                               std::size_t place)
    : SessionKnnHead(read_table(artifact, place), read_config(artifact, place),
                     !artifact.description().schema.order_within_instant) {
  if (table_.log_popularity.size() != artifact.description().items.size()) {
    throw Error(
        Code::kCorrupt,
        "session-knn head: " + std::to_string(table_.log_popularity.size()) +
            " items, the artifact names " +
            std::to_string(artifact.description().items.size()));
  }
}

SessionKnnHead::SessionKnnHead(SessionTable table,
                               const artifact::SessionKnnConfig& config,
                               bool baskets)
    : table_(table),
      neighbours_(check_option(config.neighbours, kMaxRecent, "neighbours")),
      recent_(check_option(config.recent, kMaxRecent, "recent")),
      last_items_(check_option(config.last_items, kMaxItems, "last_items")),
      popularity_(static_cast<float>(config.popularity)),
      baskets_(baskets) {
  if (!(config.popularity > 0 && config.popularity < 1)) {
    invalid("session_knn.popularity: " + std::to_string(config.popularity) +
            ", expected more than 0 and less than 1");
  }
  check(table_);
}

std::span<const SessionKnnHead::Candidate> SessionKnnHead::find_neighbours(
    std::span<const events::Event> recent,
    std::span<Candidate> out) const noexcept {
  Merge merge(recent, baskets_, last_items_, table_.item_sessions);
  std::size_t size = 0;
  for (; !merge.empty() && size < recent_; ++size) {
    Candidate& found = out[size];
    found = {merge.session(), 0, merge.positions()};
    while (!merge.empty() && merge.session() == found.session) {
      const std::uint32_t position = merge.pop();
      found.similarity += merge.positions() + 1 - position;
      found.position = std::min(found.position, position);
    }
  }
  const auto candidates = out.first(size);
  if (size <= neighbours_) return candidates;
  std::ranges::nth_element(
      candidates, candidates.begin() + static_cast<std::ptrdiff_t>(neighbours_),
      [](const Candidate& a, const Candidate& b) {
        if (a.similarity != b.similarity) return a.similarity > b.similarity;
        return a.session > b.session;
      });
  return candidates.first(neighbours_);
}

void SessionKnnHead::score(std::span<const float>,
                           std::span<const events::Event> recent,
                           std::span<float> out) const noexcept {
  std::array<Candidate, kMaxRecent> storage;
  const auto neighbours =
      find_neighbours(recent.last(std::min(recent.size(), kMaxItems)), storage);
  Mixture mixture(table_.log_popularity, popularity_, out);
  double total = 0;
  for (const Candidate& s : neighbours) {
    const float vote =
        match_weight(s.position) * static_cast<float>(s.similarity);
    for (const std::uint32_t item : table_.session_items[s.session]) {
      const float mass = vote * table_.weight[item];
      if (!(mass > 0)) continue;
      mixture.add(item, mass);
      total += mass;
    }
  }
  if (total == 0) {
    std::ranges::copy(table_.log_popularity, out.begin());
    return;
  }
  const auto scale = static_cast<float>((1 - popularity_) / total);
  for (const Candidate& s : neighbours) {
    for (const std::uint32_t item : table_.session_items[s.session]) {
      mixture.finish(item, scale);
    }
  }
}

}  // namespace ensue::runtime
