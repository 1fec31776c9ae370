// SPDX-License-Identifier: Apache-2.0
// Strings to dense ids while a file is read.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace ensue::data {

/// Gives every new string the next id, in order of arrival. Costs about 30 ns
/// and, per distinct string, its bytes plus 32.
class Interner {
 public:
  Interner();

  /// Ids of many strings at once: cache misses of neighbours overlap.
  void ids(std::span<const std::string_view> names,
           std::span<std::uint32_t> out);
  std::uint32_t id(std::string_view name);

  std::size_t size() const noexcept { return names_.size(); }
  std::string_view name(std::uint32_t id) const noexcept { return names_[id]; }

 private:
  struct Slot {
    std::uint32_t tag = 0;  // high half of the hash
    std::uint32_t id = 0;   // id + 1; 0: empty
  };
  std::uint32_t find_or_add(std::string_view name, std::uint64_t hash);
  void grow();
  std::string_view keep(std::string_view name);

  std::vector<Slot> slots_;
  std::vector<std::string_view> names_;
  std::vector<std::unique_ptr<char[]>> arena_;
  std::size_t arena_left_ = 0;
  char* arena_next_ = nullptr;
  std::vector<std::uint64_t> hashes_;  // scratch of ids()
};

}  // namespace ensue::data
