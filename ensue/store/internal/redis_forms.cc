// SPDX-License-Identifier: Apache-2.0
#include "ensue/store/internal/redis_forms.h"

#include "ensue/store/internal/extras.h"
#include "ensue/store/internal/wire.h"

namespace ensue::store {
namespace {

// So that the earliest time has the least bytes.
constexpr std::uint64_t kBias = std::uint64_t{1} << 63;

std::string big_endian(std::uint64_t value) {
  std::string out;
  for (int shift = 56; shift >= 0; shift -= 8) {
    out += static_cast<char>(value >> shift);
  }
  return out;
}

std::uint64_t from_big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) {
    value = value << 8 | static_cast<std::uint8_t>(byte);
  }
  return value;
}

}  // namespace

std::string time_bytes(events::Millis time) {
  return big_endian(static_cast<std::uint64_t>(events::count(time)) ^ kBias);
}

std::string body_of(const Event& event) {
  std::string out;
  Writer writer(out);
  writer.text(event.item);
  writer.text(event.action);
  writer.bytes(pack_extras(
      event, [](Writer& to, std::string_view name) { to.text(name); }));
  return out;
}

Arrived arrived(std::string_view user, std::string_view bytes) {
  Reader reader(bytes);
  Arrived out;
  out.event.user = user;
  out.event.time = events::Millis{
      static_cast<std::int64_t>(from_big_endian(reader.bytes(8)) ^ kBias)};
  out.epoch = from_big_endian(reader.bytes(8));
  out.event.item = reader.text();
  out.event.action = reader.text();
  unpack_extras(
      reader.rest(), [](Reader& from) { return std::string(from.text()); },
      out.event);
  return out;
}

std::string pack_answer(const Answer& answer) {
  std::string out;
  Writer writer(out);
  writer.varint(zigzag(events::count(answer.time)));
  writer.text(answer.model);
  writer.varint(answer.items.size());
  for (const Answer::Shown& shown : answer.items) {
    writer.text(shown.item);
    writer.number(shown.score);
    writer.number(shown.propensity);
  }
  return out;
}

Answer unpack_answer(std::string_view user, std::string_view id,
                     std::string_view bytes) {
  Reader reader(bytes);
  Answer answer;
  answer.id = id;
  answer.user = user;
  answer.time = events::Millis{unzigzag(reader.varint())};
  answer.model = reader.text();
  answer.items.resize(reader.count(/*each=*/9));
  for (Answer::Shown& shown : answer.items) {
    shown.item = reader.text();
    shown.score = reader.number<float>();
    shown.propensity = reader.number<float>();
  }
  return answer;
}

}  // namespace ensue::store
