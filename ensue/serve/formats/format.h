// SPDX-License-Identifier: Apache-2.0
// Event formats that people already send, turned into events.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "ensue/base/catalog.h"
#include "ensue/events/ids.h"
#include "ensue/store/event.h"
#include "ensue/store/event_store.h"

namespace ensue::serve {

/// What a body says.
struct Incoming {
  std::vector<store::Event> events;  // in the order of the body
  /// One document per id, as a JSON object (title, category, brand, price, …):
  /// fields to set, what else is known stays; null takes a field away.
  std::vector<store::Document> items, users;
  /// Impressions and rankings that the sender showed; the model is "" and the
  /// id the sender's, or made of time and content where there is none.
  std::vector<store::Answer> shown;
  /// Objects of the body, or lines of a table.
  std::size_t rows = 0;
  /// Understood, but nothing that a customer did to an item (a scroll).
  std::size_t skipped = 0;
};

/// A format. Bodies are JSON (one value, a list, or JSON lines) unless `help`
/// says otherwise. All formats keep these rules:
///  - All or nothing. What is wrong gives Error(kInvalidArgument), one line:
///    "line 3: items[0].price: 'much', expected a number". Values are shortened
///    to 60 characters. A body without any value is refused, an empty list not.
///  - Ids and names are text; whole numbers are taken as their digits. At most
///    1 KiB, not empty, no NUL. null is the same as absent everywhere.
///  - Times are ISO 8601, a date with a month in letters, or a number:
///    milliseconds from 1e11 on, else seconds (or as the format says). From
///    1900 to 2199. Absent: now.
///  - Numbers may come as text ("19.99"); values must fit a float.
///  - Of equal names in one object the last counts; see JsonReader for the
///    rest of what JSON leaves open.
///  - At most 256 context columns per event.
struct FormatEntry {
  std::string_view name, help;
  Incoming (*parse)(std::string_view body, events::Millis now);
};

const Catalog<FormatEntry>& formats();

}  // namespace ensue::serve
