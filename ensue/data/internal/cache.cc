// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/internal/cache.h"

#include <cstring>
#include <string>

#include "ensue/base/error.h"
#include "ensue/base/file.h"
#include "ensue/base/hash.h"

namespace ensue::data {
namespace {

constexpr std::size_t kFixed = 11;  // sections before those of columns
constexpr std::size_t kAlign = 64;
constexpr char kMagic[8] = {'E', 'N', 'S', 'C', 'A', 'C', 'H', '2'};

using Bytes = std::span<const std::byte>;

struct Head {
  char magic[8];
  std::uint64_t key, sections, sum;
};
struct Place {
  std::uint64_t offset, bytes;
};
static_assert(sizeof(Head) == 32 && sizeof(Place) == 16);

constexpr std::size_t aligned(std::size_t size) {
  return (size + kAlign - 1) / kAlign * kAlign;
}

template <class T>
std::span<const T> as(Bytes bytes) {
  return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}

std::vector<events::ContextKind> kinds_of(
    const std::vector<events::ContextColumn>& context) {
  std::vector<events::ContextKind> out;
  for (const auto& column : context) out.push_back(column.kind);
  return out;
}

}  // namespace

void write_cache(const std::filesystem::path& path, std::uint64_t key,
                 const events::Log::Columns& c,
                 const events::Log::Names& names) {
  const auto kinds = kinds_of(names.context);
  std::vector<Bytes> sections = {std::as_bytes(c.offsets),
                                 std::as_bytes(c.items),
                                 std::as_bytes(c.actions),
                                 std::as_bytes(c.times),
                                 std::as_bytes(c.values),
                                 std::as_bytes(c.seqs),
                                 names.users.bytes(),
                                 names.items.bytes(),
                                 names.actions.bytes(),
                                 std::as_bytes(c.context),
                                 std::as_bytes(std::span(kinds))};
  for (const auto& column : names.context) {
    sections.push_back(column.values.bytes());
  }
  Head head{};
  std::memcpy(head.magic, kMagic, sizeof kMagic);
  head.key = key;
  head.sections = sections.size();
  std::vector<Place> places;
  std::size_t size = aligned(sizeof head + sections.size() * sizeof(Place));
  for (const Bytes section : sections) {
    places.push_back({size, section.size()});
    size = aligned(size + section.size());
  }
  std::vector<std::byte> out(size);
  for (std::size_t s = 0; s < sections.size(); ++s) {
    if (sections[s].empty()) continue;
    std::memcpy(out.data() + places[s].offset, sections[s].data(),
                sections[s].size());
  }
  std::memcpy(out.data() + sizeof head, places.data(),
              places.size() * sizeof(Place));
  head.sum = checksum(Bytes(out).subspan(sizeof head));
  std::memcpy(out.data(), &head, sizeof head);
  write_file(path, out);
}

std::optional<LogParts> read_cache(const std::filesystem::path& path,
                                   std::uint64_t key,
                                   const std::vector<std::string>& context) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const auto file = std::make_shared<MappedFile>(path);
  const Bytes bytes = file->bytes();
  Head head{};
  std::vector<Place> places(kFixed + context.size());
  if (bytes.size() < sizeof head + places.size() * sizeof(Place)) {
    return std::nullopt;
  }
  std::memcpy(&head, bytes.data(), sizeof head);
  if (std::memcmp(head.magic, kMagic, sizeof kMagic) != 0 || head.key != key ||
      head.sections != places.size() ||
      head.sum != checksum(bytes.subspan(sizeof head))) {
    return std::nullopt;
  }
  std::memcpy(places.data(), bytes.data() + sizeof head,
              places.size() * sizeof(Place));
  const auto section = [&](std::size_t s) {
    return bytes.subspan(places[s].offset, places[s].bytes);
  };
  const auto names = [&](std::size_t s) {
    return events::Vocabulary::from_bytes(section(s), file);
  };
  LogParts out;
  out.columns = {as<std::uint64_t>(section(0)),
                 as<events::ItemId>(section(1)),
                 as<events::ActionId>(section(2)),
                 as<events::Millis>(section(3)),
                 as<float>(section(4)),
                 as<std::uint64_t>(section(5)),
                 as<events::Cell>(section(9))};
  out.names = {names(6), names(7), names(8)};
  const auto kinds = as<events::ContextKind>(section(10));
  for (std::size_t c = 0; c < context.size(); ++c) {
    out.names.context.push_back({context[c], kinds[c], names(kFixed + c)});
  }
  out.storage = file;
  return out;
}

}  // namespace ensue::data
