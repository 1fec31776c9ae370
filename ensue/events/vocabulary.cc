// SPDX-License-Identifier: Apache-2.0
#include "ensue/events/vocabulary.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/hash.h"

namespace ensue::events {
namespace {

constexpr char kMagic[8] = {'E', 'N', 'S', 'V', 'O', 'C', '1', 0};
constexpr std::size_t kHead = 24;

struct Layout {
  std::uint64_t count, slots;
  std::size_t offsets() const { return kHead; }
  std::size_t table() const { return kHead + 8 * (count + 1); }
  std::size_t text() const { return table() + 4 * slots; }
};

void require(bool good, const char* what) {
  if (!good) throw Error(Code::kCorrupt, std::string("vocabulary: ") + what);
}

template <class Name>
std::vector<std::byte> build(std::span<const Name> names) {
  const Layout at{names.size(),
                  std::bit_ceil(std::max<std::uint64_t>(2, 2 * names.size()))};
  std::uint64_t text = 0;
  std::vector<std::uint64_t> offsets = {0};
  for (const auto& name : names) offsets.push_back(text += name.size());

  std::vector<std::byte> out(at.text() + text);
  std::memcpy(out.data(), kMagic, 8);
  std::memcpy(out.data() + 8, &at.count, 8);
  std::memcpy(out.data() + 16, &at.slots, 8);
  std::memcpy(out.data() + at.offsets(), offsets.data(), 8 * offsets.size());
  std::vector<std::uint32_t> table(at.slots, 0);
  for (std::size_t id = 0; id < names.size(); ++id) {
    const std::string_view name = names[id];
    if (!name.empty()) {
      std::memcpy(out.data() + at.text() + offsets[id], name.data(),
                  name.size());
    }
    std::uint64_t slot = checksum(name) & (at.slots - 1);
    for (; table[slot] != 0; slot = (slot + 1) & (at.slots - 1)) {
      if (names[table[slot] - 1] == name) {
        invalid("vocabulary: '" + std::string(name) + "' stands twice");
      }
    }
    table[slot] = static_cast<std::uint32_t>(id + 1);
  }
  std::memcpy(out.data() + at.table(), table.data(), 4 * table.size());
  return out;
}

Vocabulary own(std::vector<std::byte> bytes) {
  auto owner = std::make_shared<std::vector<std::byte>>(std::move(bytes));
  const std::span<const std::byte> view(*owner);
  return Vocabulary::from_bytes(view, std::move(owner));
}

}  // namespace

Vocabulary::Vocabulary()
    : Vocabulary(from_names(std::span<const std::string>())) {}

Vocabulary Vocabulary::from_names(std::span<const std::string> names) {
  return own(build(names));
}

Vocabulary Vocabulary::from_names(std::span<const std::string_view> names) {
  return own(build(names));
}

Vocabulary Vocabulary::from_bytes(std::span<const std::byte> bytes,
                                  std::shared_ptr<const void> owner) {
  require(bytes.size() >= kHead, "shorter than its head");
  require(std::memcmp(bytes.data(), kMagic, 8) == 0, "foreign magic");
  require(reinterpret_cast<std::uintptr_t>(bytes.data()) % 8 == 0,
          "not aligned to 8 bytes");
  Layout at{};
  std::memcpy(&at.count, bytes.data() + 8, 8);
  std::memcpy(&at.slots, bytes.data() + 16, 8);
  require(at.count < 0xFFFFFFFF && std::has_single_bit(at.slots) &&
              at.slots > at.count && at.slots <= bytes.size() / 4 &&
              at.text() <= bytes.size(),
          "sizes do not fit its bytes");

  Vocabulary out(nullptr);
  out.owner_ = std::move(owner);
  out.bytes_ = bytes;
  out.count_ = at.count;
  out.slots_ = at.slots;
  out.offsets_ =
      reinterpret_cast<const std::uint64_t*>(bytes.data() + at.offsets());
  out.table_ =
      reinterpret_cast<const std::uint32_t*>(bytes.data() + at.table());
  out.text_ = reinterpret_cast<const char*>(bytes.data() + at.text());
  require(out.offsets_[0] == 0 &&
              out.offsets_[at.count] == bytes.size() - at.text(),
          "text does not fill its place");
  for (std::size_t i = 0; i < at.count; ++i) {
    require(out.offsets_[i] <= out.offsets_[i + 1], "offsets fall");
  }
  for (std::size_t i = 0; i < at.slots; ++i) {
    require(out.table_[i] <= at.count, "a slot names no id");
  }
  return out;
}

std::string_view Vocabulary::name(std::size_t id) const noexcept {
  return {text_ + offsets_[id],
          static_cast<std::size_t>(offsets_[id + 1] - offsets_[id])};
}

std::optional<std::uint32_t> Vocabulary::find(
    std::string_view wanted) const noexcept {
  std::uint64_t slot = checksum(wanted) & (slots_ - 1);
  for (std::size_t probes = 0; probes < slots_ && table_[slot] != 0; ++probes) {
    const std::uint32_t id = table_[slot] - 1;
    if (name(id) == wanted) return id;
    slot = (slot + 1) & (slots_ - 1);
  }
  return std::nullopt;
}

}  // namespace ensue::events
