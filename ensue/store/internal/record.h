// SPDX-License-Identifier: Apache-2.0
// The events of one user, packed: what lies under a user's key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ensue::store {

/// An event with ids for names.
struct Packed {
  std::int64_t time = 0;
  std::uint32_t item = 0;  // 0: none
  std::uint32_t action = 0;
  std::uint64_t epoch = 0;       // in which it arrived: see read_since()
  std::string_view extras = {};  // see extras.h
};

/// Events in order of arrival. What append() adds has the same form: a record
/// of what is new. Views of the bytes that it was read from.
///
/// Layout, everything a varint unless said otherwise: count, version - count,
/// name; runs of equal epochs (epoch - the last one's, zigzag; length); the
/// unit of the times (a byte); times as zigzag differences in that unit, the
/// coarsest that is exact; items; the least action, then the differences to it
/// in as few bits as hold them all; how many events have extras, and if any, a
/// bit for each event and the extras with their lengths. Column by column,
/// because like stands beside like then, which zstd turns into bytes saved:
/// about 7 bytes an event.
struct Record {
  std::string_view name;  // of the user
  /// Changes so far: events stored, and one for each removal.
  std::uint64_t version = 0;
  std::vector<Packed> events = {};
};

std::string pack(const Record& record);
/// @throws Error(kCorrupt)
Record unpack(std::string_view bytes);
/// Record::version alone; does not read the events.
std::uint64_t version_of(std::string_view bytes);

/// The record after what `added` brings, one event after the other: see
/// Retention. Splitting `added` in other places gives the same.
/// @param record  nullptr: there was none; then the first of `added` says the
///                name, and its version - count is where versions start.
/// @param limit   Retention::events_per_user.
std::string merged(const std::string_view* record,
                   std::span<const std::string_view> added, std::size_t limit);

/// One addition for several: merged() with it is merged() with them all.
std::string joined(std::span<const std::string_view> added);

}  // namespace ensue::store
