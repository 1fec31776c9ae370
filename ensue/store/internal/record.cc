// SPDX-License-Identifier: Apache-2.0
#include "ensue/store/internal/record.h"

#include <algorithm>
#include <array>
#include <bit>

#include "ensue/store/internal/wire.h"
#include "ensue/store/retention.h"

namespace ensue::store {
namespace {

// From milliseconds to days, each a multiple of the one before.
constexpr std::array<std::int64_t, 5> kUnits = {1, 1000, 60'000, 3'600'000,
                                                86'400'000};

std::size_t unit_of(std::span<const Packed> events) {
  std::size_t unit = kUnits.size() - 1;
  for (const Packed& event : events) {
    while (event.time % kUnits[unit] != 0) --unit;
  }
  return unit;
}

void write_epochs(std::span<const Packed> events, Writer& writer) {
  std::uint64_t last = 0;
  for (std::size_t i = 0; i < events.size();) {
    std::size_t end = i + 1;
    while (end < events.size() && events[end].epoch == events[i].epoch) ++end;
    writer.varint(zigzag(static_cast<std::int64_t>(events[i].epoch - last)));
    writer.varint(end - i);
    last = events[i].epoch;
    i = end;
  }
}

void read_epochs(Reader& reader, std::span<Packed> events) {
  std::uint64_t epoch = 0;
  for (std::size_t i = 0; i < events.size();) {
    epoch += static_cast<std::uint64_t>(unzigzag(reader.varint()));
    const std::uint64_t run = reader.varint();
    if (run == 0 || run > events.size() - i) {
      throw Error(Code::kCorrupt, "stored record: a run of a wrong length");
    }
    for (const std::size_t end = i + run; i < end; ++i) {
      events[i].epoch = epoch;
    }
  }
}

// Differences wrap around: any two times have one.
void write_times(std::span<const Packed> events, Writer& writer) {
  const std::size_t unit = unit_of(events);
  writer.byte(static_cast<std::uint8_t>(unit));
  std::uint64_t last = 0;
  for (const Packed& event : events) {
    const auto time = static_cast<std::uint64_t>(event.time / kUnits[unit]);
    writer.varint(zigzag(static_cast<std::int64_t>(time - last)));
    last = time;
  }
}

void read_times(Reader& reader, std::span<Packed> events) {
  const std::size_t unit = reader.byte();
  if (unit >= kUnits.size()) {
    throw Error(Code::kCorrupt, "stored record: a unit that is none");
  }
  std::uint64_t time = 0;
  for (Packed& event : events) {
    time += static_cast<std::uint64_t>(unzigzag(reader.varint()));
    event.time = static_cast<std::int64_t>(
        time * static_cast<std::uint64_t>(kUnits[unit]));
  }
}

void write_actions(std::span<const Packed> events, Writer& writer) {
  const auto [low, high] = std::ranges::minmax(events, {}, &Packed::action);
  const int bits = std::bit_width(high.action - low.action);
  writer.varint(low.action);
  writer.byte(static_cast<std::uint8_t>(bits));
  if (bits == 0) return;
  std::uint64_t held = 0;
  int filled = 0;
  for (const Packed& event : events) {
    held |= static_cast<std::uint64_t>(event.action - low.action) << filled;
    for (filled += bits; filled >= 8; filled -= 8, held >>= 8) {
      writer.byte(static_cast<std::uint8_t>(held));
    }
  }
  if (filled > 0) writer.byte(static_cast<std::uint8_t>(held));
}

void read_actions(Reader& reader, std::span<Packed> events) {
  const auto low = static_cast<std::uint32_t>(reader.varint());
  const int bits = reader.byte();
  if (bits > 32) throw Error(Code::kCorrupt, "stored record: wide actions");
  const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
  std::uint64_t held = 0;
  int filled = 0;
  for (Packed& event : events) {
    for (; filled < bits; filled += 8) {
      held |= static_cast<std::uint64_t>(reader.byte()) << filled;
    }
    event.action = low + static_cast<std::uint32_t>(held & mask);
    held >>= bits;
    filled -= bits;
  }
}

void write_extras(std::span<const Packed> events, Writer& writer) {
  const auto with = std::ranges::count_if(
      events, [](const Packed& event) { return !event.extras.empty(); });
  writer.varint(static_cast<std::uint64_t>(with));
  if (with == 0) return;
  for (std::size_t i = 0; i < events.size(); i += 8) {
    int bits = 0;
    for (std::size_t j = i; j < std::min(i + 8, events.size()); ++j) {
      if (!events[j].extras.empty()) bits |= 1 << (j - i);
    }
    writer.byte(static_cast<std::uint8_t>(bits));
  }
  for (const Packed& event : events) {
    if (!event.extras.empty()) writer.text(event.extras);
  }
}

void read_extras(Reader& reader, std::span<Packed> events) {
  if (reader.varint() == 0) return;
  const std::string_view bits = reader.bytes((events.size() + 7) / 8);
  for (std::size_t i = 0; i < events.size(); ++i) {
    if ((bits[i / 8] >> (i % 8)) & 1) events[i].extras = reader.text();
  }
}

std::int64_t time_of(const Packed& event) { return event.time; }

}  // namespace

std::string pack(const Record& record) {
  std::string out;
  out.reserve(16 + record.name.size() + 9 * record.events.size());
  Writer writer(out);
  writer.varint(record.events.size());
  writer.varint(record.version - record.events.size());
  writer.text(record.name);
  if (record.events.empty()) return out;
  write_epochs(record.events, writer);
  write_times(record.events, writer);
  for (const Packed& event : record.events) writer.varint(event.item);
  write_actions(record.events, writer);
  write_extras(record.events, writer);
  return out;
}

Record unpack(std::string_view bytes) {
  Reader reader(bytes);
  Record record;
  const std::size_t count = reader.count(/*each=*/2);  // a time, an item
  record.version = reader.varint() + count;
  record.name = reader.text();
  if (count == 0) return record;
  record.events.resize(count);
  read_epochs(reader, record.events);
  read_times(reader, record.events);
  for (Packed& event : record.events) {
    event.item = static_cast<std::uint32_t>(reader.varint());
  }
  read_actions(reader, record.events);
  read_extras(reader, record.events);
  return record;
}

std::uint64_t version_of(std::string_view bytes) {
  Reader reader(bytes);
  const std::uint64_t count = reader.varint();
  return reader.varint() + count;
}

std::string merged(const std::string_view* record,
                   std::span<const std::string_view> added, std::size_t limit) {
  Record out;
  if (record != nullptr) out = unpack(*record);
  for (std::size_t i = 0; i < added.size(); ++i) {
    const Record more = unpack(added[i]);
    if (record == nullptr && i == 0) {
      out.name = more.name;
      out.version = more.version - more.events.size();
    }
    out.version += more.events.size();
    for (const Packed& event : more.events) {
      admit(out.events, event, limit, time_of);
    }
  }
  return pack(out);
}

std::string joined(std::span<const std::string_view> added) {
  return merged(nullptr, added, /*limit=*/0);
}

}  // namespace ensue::store
