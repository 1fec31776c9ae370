// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/explain_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "apps/ensue/terminal.h"
#include "ensue/base/time_text.h"
#include "ensue/tasks/next_item.h"

namespace ensue::apps {
namespace {

using explain::Effect, explain::Explanation, explain::Score;

std::string named(const artifact::Description& about, std::size_t item) {
  const std::string title = tasks::title_of(about, item);
  return title.empty() ? std::string(about.items.name(item)) : title;
}

std::string with_sign(double value) {
  const std::string text = fixed(value, 2);
  if (text == "0.00" || text == "-0.00") return "0.00";
  return value < 0 ? text : "+" + text;
}

// What a difference of log-probabilities does to a probability.
std::string times(double moved) { return "x " + fixed(std::exp(moved), 2); }

std::string counted(std::int64_t count, const char* unit) {
  return std::to_string(count) + " " + unit + (count == 1 ? "" : "s");
}

std::string standing(const Score& score) {
  return "score " + fixed(score.logit, 2) + ", probability " +
         fixed(std::exp(score.log_probability), 4);
}

std::string rest_text(const Explanation& why, std::size_t shown) {
  std::string out;
  if (shown < why.effects.size()) {
    out += "  and " +
           counted(static_cast<std::int64_t>(why.effects.size() - shown),
                   "event") +
           " that moved it less\n";
  }
  if (why.not_looked_at > 0) {
    out +=
        "  not looked at: " +
        counted(static_cast<std::int64_t>(why.not_looked_at), "earlier event") +
        " (--max-events)\n";
  }
  return out + "  what events do together or in place of each other: " +
         with_sign(why.together.logit) + "\n";
}

JsonObject json(const Score& score) {
  return {{"score", score.logit}, {"log_probability", score.log_probability}};
}

JsonObject json(const Customer& customer, const artifact::Description& about,
                const Effect& effect) {
  const auto& past = customer.past;
  const std::size_t item = events::index(past.items[effect.event]);
  JsonObject out{{"event", past.kept[effect.event]},
                 {"item", about.items.name(item)},
                 {"title", tasks::title_of(about, item)},
                 {"action", about.actions.name(
                                events::index(past.actions[effect.event]))}};
  if (customer.now) {
    out["time"] = time_text(events::count(past.times[effect.event]));
  }
  out["text"] = event_text(customer, about, effect.event);
  out["moved"] = json(effect.moved);
  return out;
}

}  // namespace

std::string ago(std::int64_t milliseconds) {
  const std::int64_t seconds = std::max<std::int64_t>(0, milliseconds / 1000);
  constexpr std::int64_t kMinute = 60, kHour = 3600, kDay = 86400;
  if (seconds == 0) return "just now";
  if (seconds < 2 * kMinute) return counted(seconds, "second") + " ago";
  if (seconds < 2 * kHour) return counted(seconds / kMinute, "minute") + " ago";
  if (seconds < 2 * kDay) return counted(seconds / kHour, "hour") + " ago";
  return counted(seconds / kDay, "day") + " ago";
}

std::string done(std::string_view action) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kWords{
      {{"view", "seen"},
       {"click", "clicked"},
       {"favourite", "marked as favourite"},
       {"cart", "put in the cart"},
       {"purchase", "bought"},
       {"review", "reviewed"},
       {"return", "returned"}}};
  for (const auto& [name, word] : kWords) {
    if (name == action) return std::string(word);
  }
  return std::string(action);
}

std::string event_text(const Customer& customer,
                       const artifact::Description& about, std::size_t event) {
  const auto& past = customer.past;
  const std::string what =
      done(about.actions.name(events::index(past.actions[event])));
  if (customer.now) {
    return what + " " +
           ago(events::count(*customer.now) - events::count(past.times[event]));
  }
  const std::size_t later = past.items.size() - 1 - event;
  if (later == 0) return what + " last";
  return what + " " + counted(static_cast<std::int64_t>(later), "event") +
         " before the last";
}

std::string explanation_text(const Customer& customer,
                             const artifact::Description& about,
                             const Explanation& why, std::size_t most) {
  std::string out = "  " + clip(named(about, events::index(why.item)), 60) +
                    ": " + standing(why.after_all) +
                    "\n  without any history: " + standing(why.after_none) +
                    "\n";
  const std::size_t shown = std::min(most, why.effects.size());
  TextTable table({"", "event", "", "moved the score", "and the probability"});
  for (std::size_t i = 0; i < shown; ++i) {
    const Effect& effect = why.effects[i];
    const std::size_t item = events::index(customer.past.items[effect.event]);
    table.add({std::to_string(i + 1), named(about, item),
               event_text(customer, about, effect.event),
               with_sign(effect.moved.logit),
               times(effect.moved.log_probability)});
  }
  if (shown > 0) out += table.text();
  return why.effects.empty() && why.not_looked_at == 0
             ? out + "  no events to explain it with\n"
             : out + rest_text(why, shown);
}

JsonObject to_json(const Customer& customer, const artifact::Description& about,
                   const Explanation& why) {
  JsonArray effects;
  for (const Effect& effect : why.effects) {
    effects.push_back(json(customer, about, effect));
  }
  const std::size_t item = events::index(why.item);
  return {{"user", customer.name},
          {"note", customer.note},
          {"item", about.items.name(item)},
          {"title", tasks::title_of(about, item)},
          {"after_all", json(why.after_all)},
          {"after_none", json(why.after_none)},
          {"effects", std::move(effects)},
          {"together", json(why.together)},
          {"not_looked_at", why.not_looked_at}};
}

}  // namespace ensue::apps
