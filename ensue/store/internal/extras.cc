// SPDX-License-Identifier: Apache-2.0
#include "ensue/store/internal/extras.h"

#include <cmath>

namespace ensue::store {
namespace {

enum Flag : std::uint8_t {
  kEventId = 1,  // first, so that event_id_of() need not read the rest
  kValue = 2,
  kText = 4,
  kSession = 8,
  kAnswerId = 16,
  kContext = 32,
};

std::uint8_t flags_of(const Event& event) {
  int flags = 0;
  if (!event.event_id.empty()) flags |= kEventId;
  if (!std::isnan(event.value)) flags |= kValue;
  if (!event.text.empty()) flags |= kText;
  if (!event.session.empty()) flags |= kSession;
  if (!event.answer_id.empty()) flags |= kAnswerId;
  if (!event.context.empty()) flags |= kContext;
  return static_cast<std::uint8_t>(flags);
}

void write_context(const Event& event, const WriteColumn& column,
                   Writer& writer) {
  writer.varint(event.context.size());
  for (const auto& [name, value] : event.context) {
    column(writer, name);
    writer.byte(static_cast<std::uint8_t>(value.index()));
    if (const auto* text = std::get_if<std::string>(&value)) {
      writer.text(*text);
    } else {
      writer.number(std::get<double>(value));
    }
  }
}

void read_context(Reader& reader, const ReadColumn& column, Event& event) {
  event.context.resize(reader.count(/*each=*/2));
  for (auto& [name, value] : event.context) {
    name = column(reader);
    if (reader.byte() == 0) {
      value = std::string(reader.text());
    } else {
      value = reader.number<double>();
    }
  }
}

}  // namespace

std::string pack_extras(const Event& event, const WriteColumn& column) {
  std::string out;
  const std::uint8_t flags = flags_of(event);
  if (flags == 0) return out;
  Writer writer(out);
  writer.byte(flags);
  if (flags & kEventId) writer.text(event.event_id);
  if (flags & kValue) writer.number(event.value);
  if (flags & kText) writer.text(event.text);
  if (flags & kSession) writer.text(event.session);
  if (flags & kAnswerId) writer.text(event.answer_id);
  if (flags & kContext) write_context(event, column, writer);
  return out;
}

void unpack_extras(std::string_view bytes, const ReadColumn& column,
                   Event& event) {
  if (bytes.empty()) return;
  Reader reader(bytes);
  const std::uint8_t flags = reader.byte();
  if (flags & kEventId) event.event_id = reader.text();
  if (flags & kValue) event.value = reader.number<float>();
  if (flags & kText) event.text = reader.text();
  if (flags & kSession) event.session = reader.text();
  if (flags & kAnswerId) event.answer_id = reader.text();
  if (flags & kContext) read_context(reader, column, event);
}

std::string_view event_id_of(std::string_view extras) {
  if (extras.empty()) return {};
  Reader reader(extras);
  return reader.byte() & kEventId ? reader.text() : std::string_view();
}

}  // namespace ensue::store
