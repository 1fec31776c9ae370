// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/anomaly.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace ensue::tasks {
namespace {

constexpr double kSticksOut = 2;

double sum_of(const runtime::EventSurprise& parts) {
  double out = 0;
  for (const double part : {parts.time, parts.action, parts.item}) {
    if (!std::isnan(part)) out += part;
  }
  return out;
}

JsonObject reason_json(const runtime::Anomaly& model,
                       const runtime::Oddity& reason) {
  return {{"what", model.columns()[reason.column]},
          {"value", reason.value},
          {"usual", reason.usual},
          {"low", reason.low},
          {"high", reason.high},
          {"deviations", reason.deviations}};
}

JsonObject event_json(const artifact::Description& about, const OddEvent& odd,
                      const events::Event& event) {
  JsonObject out{{"time", events::count(event.time)}};
  if (events::index(event.action) < about.actions.size()) {
    out["action"] = about.actions.name(events::index(event.action));
  }
  if (events::index(event.item) < about.items.size()) {
    out["item"] = about.items.name(events::index(event.item));
  }
  out["surprise"] = odd.surprise;
  const auto part = [&](const char* name, double value) {
    if (!std::isnan(value)) out[name] = value;
  };
  part("of_time", odd.parts.time);
  part("of_action", odd.parts.action);
  part("of_item", odd.parts.item);
  return out;
}

}  // namespace

bool is_anomaly(const artifact::Description& about) {
  return about.model.name == "anomaly";
}

std::string reasons_text(const runtime::Anomaly& model,
                         const runtime::AnomalyAnswer& answer,
                         std::size_t most) {
  std::string out;
  std::size_t said = 0;
  for (const runtime::Oddity& reason : answer.reasons) {
    if (said == most || std::abs(reason.deviations) < kSticksOut) break;
    char text[200];
    std::snprintf(text, sizeof text,
                  "%s%s %.3g is %s (usually %.3g, most %.3g to %.3g)",
                  said == 0 ? "" : "; ", model.columns()[reason.column].c_str(),
                  reason.value, reason.deviations > 0 ? "high" : "low",
                  reason.usual, reason.low, reason.high);
    out += text;
    ++said;
  }
  return said == 0 ? "nothing sticks out" : out;
}

OddCustomer judge_customer(const runtime::Anomaly& model,
                           const events::History& history, events::Millis at,
                           std::size_t most) {
  const auto known = static_cast<std::size_t>(
      std::ranges::lower_bound(history.times, at) - history.times.begin());
  const events::History past = history.first(known);
  OddCustomer out{model.judge(past, at), {}};
  const auto surprises = model.surprises(past);
  for (std::size_t e = 0; e < surprises.size(); ++e) {
    out.events.push_back({e, sum_of(surprises[e]), surprises[e]});
  }
  std::ranges::stable_sort(out.events, std::greater<>(), &OddEvent::surprise);
  if (out.events.size() > most) out.events.resize(most);
  return out;
}

JsonObject to_json(const runtime::Anomaly& model, const OddCustomer& customer,
                   const events::History& history) {
  JsonArray reasons, events;
  for (const runtime::Oddity& reason : customer.answer.reasons) {
    if (std::abs(reason.deviations) < kSticksOut) break;
    reasons.push_back(reason_json(model, reason));
  }
  for (const OddEvent& odd : customer.events) {
    events.push_back(
        event_json(model.artifact().description(), odd, history[odd.event]));
  }
  return {{"score", customer.answer.score},
          {"oddness", customer.answer.oddness},
          {"words", reasons_text(model, customer.answer)},
          {"reasons", std::move(reasons)},
          {"surprises", std::move(events)}};
}

}  // namespace ensue::tasks
