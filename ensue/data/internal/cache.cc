// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/internal/cache.h"

#include <array>
#include <cstring>
#include <string>

#include "ensue/base/error.h"
#include "ensue/base/file.h"
#include "ensue/base/hash.h"

namespace ensue::data {
namespace {

constexpr std::size_t kSections = 9, kAlign = 64;
constexpr char kMagic[8] = {'E', 'N', 'S', 'C', 'A', 'C', 'H', '1'};

using Bytes = std::span<const std::byte>;

struct Head {
  char magic[8];
  std::uint64_t key, sections, sum;
  struct {
    std::uint64_t offset, bytes;
  } at[kSections];
};
static_assert(sizeof(Head) == 32 + 16 * kSections);

constexpr std::size_t aligned(std::size_t size) {
  return (size + kAlign - 1) / kAlign * kAlign;
}

template <class T>
std::span<const T> as(Bytes bytes) {
  return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}

}  // namespace

void write_cache(const std::filesystem::path& path, std::uint64_t key,
                 const events::Log::Columns& c,
                 const events::Log::Names& names) {
  const std::array<Bytes, kSections> sections = {
      std::as_bytes(c.offsets), std::as_bytes(c.items),
      std::as_bytes(c.actions), std::as_bytes(c.times),
      std::as_bytes(c.values),  std::as_bytes(c.seqs),
      names.users.bytes(),      names.items.bytes(),
      names.actions.bytes()};
  Head head{};
  std::memcpy(head.magic, kMagic, sizeof kMagic);
  head.key = key;
  head.sections = kSections;
  std::size_t size = aligned(sizeof head);
  for (std::size_t s = 0; s < kSections; ++s) {
    head.at[s] = {size, sections[s].size()};
    size = aligned(size + sections[s].size());
  }
  std::vector<std::byte> out(size);
  for (std::size_t s = 0; s < kSections; ++s) {
    if (!sections[s].empty()) {
      std::memcpy(out.data() + head.at[s].offset, sections[s].data(),
                  sections[s].size());
    }
  }
  std::memcpy(out.data(), &head, sizeof head);
  head.sum = checksum(Bytes(out).subspan(32));
  std::memcpy(out.data(), &head, sizeof head);
  write_file(path, out);
}

std::optional<LogParts> read_cache(const std::filesystem::path& path,
                                   std::uint64_t key) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const auto file = std::make_shared<MappedFile>(path);
  const Bytes bytes = file->bytes();
  Head head{};
  if (bytes.size() < sizeof head) return std::nullopt;
  std::memcpy(&head, bytes.data(), sizeof head);
  if (std::memcmp(head.magic, kMagic, sizeof kMagic) != 0 || head.key != key ||
      head.sections != kSections || head.sum != checksum(bytes.subspan(32))) {
    return std::nullopt;
  }
  const auto section = [&](std::size_t s) {
    return bytes.subspan(head.at[s].offset, head.at[s].bytes);
  };
  LogParts out;
  out.columns = {as<std::uint64_t>(section(0)),
                 as<events::ItemId>(section(1)),
                 as<events::ActionId>(section(2)),
                 as<events::Millis>(section(3)),
                 as<float>(section(4)),
                 as<std::uint64_t>(section(5))};
  out.names = {events::Vocabulary::from_bytes(section(6), file),
               events::Vocabulary::from_bytes(section(7), file),
               events::Vocabulary::from_bytes(section(8), file)};
  out.storage = file;
  return out;
}

}  // namespace ensue::data
