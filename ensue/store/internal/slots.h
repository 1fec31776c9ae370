// SPDX-License-Identifier: Apache-2.0
// A memory of what was looked up, of a fixed number of places.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace ensue::store {

/// Each key has one place, which the last to come takes. Ids given in order
/// never push each other out while there are places for all. Thread-safe.
template <class Key, class Value>
class Slots {
 public:
  /// @param count  rounded down to a power of two, at least 1,024.
  explicit Slots(std::size_t count)
      : slots_(std::bit_floor(std::max<std::size_t>(count, 1024))) {}

  /// @param place  a number that the key alone decides.
  template <class Like>
  std::optional<Value> find(std::size_t place, const Like& key) const {
    const std::lock_guard lock(lock_of(place));
    const auto& slot = slots_[place & (slots_.size() - 1)];
    if (!slot.used || slot.key != key) return {};
    return slot.value;
  }
  void put(std::size_t place, Key key, Value value) {
    const std::lock_guard lock(lock_of(place));
    slots_[place & (slots_.size() - 1)] = {std::move(key), std::move(value),
                                           true};
  }

 private:
  struct Slot {
    Key key{};
    Value value{};
    bool used = false;
  };
  std::mutex& lock_of(std::size_t place) const {
    return locks_[place % locks_.size()];
  }
  std::vector<Slot> slots_;
  mutable std::array<std::mutex, 64> locks_;  // 64 divides the number of slots
};

}  // namespace ensue::store
