// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/internal/interner.h"

#include <algorithm>
#include <cstring>

#include "ensue/base/error.h"
#include "ensue/base/hash.h"

namespace ensue::data {
namespace {

constexpr std::size_t kFirstSlots = 1 << 12, kArena = 1 << 20;

std::uint32_t tag_of(std::uint64_t hash) {
  return static_cast<std::uint32_t>(hash >> 32);
}

}  // namespace

Interner::Interner() : slots_(kFirstSlots) {}

std::uint32_t Interner::id(std::string_view name) {
  return find_or_add(name, checksum(name));
}

void Interner::ids(std::span<const std::string_view> names,
                   std::span<std::uint32_t> out) {
  hashes_.resize(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    hashes_[i] = checksum(names[i]);
    __builtin_prefetch(&slots_[hashes_[i] & (slots_.size() - 1)]);
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Slot& slot = slots_[hashes_[i] & (slots_.size() - 1)];
    if (slot.id != 0) __builtin_prefetch(&names_[slot.id - 1]);
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Slot& slot = slots_[hashes_[i] & (slots_.size() - 1)];
    if (slot.id != 0) __builtin_prefetch(names_[slot.id - 1].data());
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    out[i] = find_or_add(names[i], hashes_[i]);
  }
}

std::uint32_t Interner::find_or_add(std::string_view name, std::uint64_t hash) {
  const std::uint32_t tag = tag_of(hash);
  std::size_t at = hash & (slots_.size() - 1);
  for (; slots_[at].id != 0; at = (at + 1) & (slots_.size() - 1)) {
    const Slot& slot = slots_[at];
    if (slot.tag == tag && names_[slot.id - 1] == name) return slot.id - 1;
  }
  if (names_.size() >= 0xFFFFFFF0) invalid("more than 4 billion distinct ids");
  names_.push_back(keep(name));
  slots_[at] = {tag, static_cast<std::uint32_t>(names_.size())};
  if (2 * names_.size() > slots_.size()) grow();
  return static_cast<std::uint32_t>(names_.size() - 1);
}

void Interner::grow() {
  std::vector<Slot> wider(4 * slots_.size());
  for (std::size_t id = 0; id < names_.size(); ++id) {
    const std::uint64_t hash = checksum(names_[id]);
    std::size_t at = hash & (wider.size() - 1);
    while (wider[at].id != 0) at = (at + 1) & (wider.size() - 1);
    wider[at] = {tag_of(hash), static_cast<std::uint32_t>(id + 1)};
  }
  slots_ = std::move(wider);
}

std::string_view Interner::keep(std::string_view name) {
  if (name.size() > arena_left_) {
    arena_left_ = std::max(kArena, name.size());
    arena_.push_back(std::make_unique_for_overwrite<char[]>(arena_left_));
    arena_next_ = arena_.back().get();
  }
  char* place = arena_next_;
  if (!name.empty()) std::memcpy(place, name.data(), name.size());
  arena_next_ += name.size();
  arena_left_ -= name.size();
  return {place, name.size()};
}

}  // namespace ensue::data
