// SPDX-License-Identifier: Apache-2.0
#include "ensue/store/event.h"

#include <cmath>

#include "ensue/base/error.h"

namespace ensue::store {
namespace {

template <class Number>
bool same(Number a, Number b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

bool same(const Event::Value& a, const Event::Value& b) {
  const double* const x = std::get_if<double>(&a);
  const double* const y = std::get_if<double>(&b);
  return x != nullptr && y != nullptr ? same(*x, *y) : a == b;
}

}  // namespace

bool Event::operator==(const Event& other) const {
  if (context.size() != other.context.size()) return false;
  for (std::size_t i = 0; i < context.size(); ++i) {
    if (context[i].first != other.context[i].first ||
        !same(context[i].second, other.context[i].second)) {
      return false;
    }
  }
  return user == other.user && item == other.item && action == other.action &&
         time == other.time && same(value, other.value) && text == other.text &&
         session == other.session && event_id == other.event_id &&
         answer_id == other.answer_id;
}

void check(std::span<const Event> events) {
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (events[i].user.empty()) {
      invalid("event " + std::to_string(i + 1) + " of " +
              std::to_string(events.size()) + ": no user");
    }
  }
}

}  // namespace ensue::store
