// SPDX-License-Identifier: Apache-2.0
#include "ensue/features/internal/survey.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

#include "ensue/features/columns.h"

namespace ensue::features {
namespace {

using events::History, events::Log, events::Millis, events::UserId;

constexpr std::size_t kMostValues = 1000, kSample = 1'000'000;

// Every so many-th event before `until`, so that a survey stays quick.
template <class Take>
void each_event(const Log& log, Millis until, const Take& take) {
  const std::size_t step = log.size() / kSample + 1;
  std::size_t n = 0;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const History history = log.history(UserId{u});
    for (std::size_t i = 0; i < history.size(); ++i) {
      if (history.times[i] >= until) break;
      if (n++ % step == 0) take(history, i);
    }
  }
}

std::vector<std::size_t> count_actions(const Log& log, Millis until) {
  std::vector<std::size_t> out(log.action_names().size());
  const auto& c = log.columns();
  for (std::size_t i = 0; i < log.size(); ++i) {
    out[index(c.actions[i])] += c.times[i] < until ? 1 : 0;
  }
  return out;
}

std::vector<std::string> frequent_actions(const Log& log, Millis until) {
  const auto counts = count_actions(log, until);
  std::vector<std::size_t> order;
  for (std::size_t a = 0; a < counts.size(); ++a) {
    if (counts[a] > 0) order.push_back(a);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, auto b) {
    return counts[a] > counts[b];
  });
  std::vector<std::string> out;
  for (const std::size_t a : order)
    out.emplace_back(log.action_names().name(a));
  return out;
}

std::string aim_of(const std::vector<std::string>& actions) {
  for (const char* name :
       {"purchase", "buy", "order", "transaction", "orders", "conversion"}) {
    if (std::find(actions.begin(), actions.end(), name) != actions.end()) {
      return name;
    }
  }
  return actions.empty() ? "" : actions.front();
}

// A value of a category by its code; built from the first event that has it.
struct Found {
  std::size_t events = 0;
  std::string text;
};

std::string text_of(const Log& log, const std::string& column,
                    const History& history, std::size_t i) {
  const auto& context = log.context();
  for (std::size_t c = 0; c < context.size(); ++c) {
    if (context[c].name == column) {
      return std::string(
          context[c].values.name(history.context.row(i)[c].code()));
    }
  }
  return log.item_table().find(column)->show(index(history.items[i]));
}

std::optional<Survey::Categories> survey_categories(const Log& log,
                                                    const std::string& name,
                                                    Millis until,
                                                    std::size_t top) {
  const EventColumn column(name, names_of(log));
  std::unordered_map<std::uint32_t, Found> found;
  std::size_t events = 0;
  each_event(log, until, [&](const History& history, std::size_t i) {
    const std::uint32_t code = column.code(history, i);
    if (code == EventColumn::kNothing || found.size() > kMostValues) return;
    Found& value = found[code];
    if (value.events++ == 0) value.text = text_of(log, name, history, i);
    ++events;
  });
  if (found.size() < 2 || found.size() > kMostValues ||
      events < 5 * found.size()) {
    return std::nullopt;
  }
  std::vector<Found> order;
  for (auto& [code, value] : found) order.push_back(std::move(value));
  std::sort(order.begin(), order.end(), [](const Found& a, const Found& b) {
    return a.events != b.events ? a.events > b.events : a.text < b.text;
  });
  Survey::Categories out{name, {}};
  for (std::size_t v = 0; v < std::min(top, order.size()); ++v) {
    out.top.push_back(order[v].text);
  }
  return out;
}

// Numbers of events before `until`, sorted.
std::vector<double> sorted_numbers(const Log& log, const std::string& name,
                                   Millis until) {
  const EventColumn column(name, names_of(log));
  std::vector<double> out;
  each_event(log, until, [&](const History& history, std::size_t i) {
    const double number = column.number(history, i);
    if (!std::isnan(number)) out.push_back(number);
  });
  std::sort(out.begin(), out.end());
  return out;
}

void survey_column(const Log& log, const std::string& name, bool text,
                   const DefaultOptions& options, Survey& out) {
  if (text && out.categories.size() < options.columns) {
    auto found =
        survey_categories(log, name, options.until, options.categories);
    if (found) out.categories.push_back(std::move(*found));
  }
  if (text || out.numbers.size() >= options.columns) return;
  const auto numbers = sorted_numbers(log, name, options.until);
  if (!numbers.empty() && numbers.front() < numbers.back()) {
    out.numbers.push_back({name, numbers[numbers.size() / 2]});
  }
}

}  // namespace

bool Survey::has_action(std::string_view name) const noexcept {
  return std::find(actions.begin(), actions.end(), name) != actions.end();
}

std::string main_action(const Log& log, Millis until) {
  return aim_of(frequent_actions(log, until));
}

Survey look_over(const Log& log, const DefaultOptions& options) {
  Survey out;
  out.actions = frequent_actions(log, options.until);
  out.main = aim_of(out.actions);
  if (out.actions.size() > options.actions) {
    out.actions.resize(options.actions);
    if (!out.has_action(out.main)) out.actions.back() = out.main;
  }
  for (const Millis time : log.columns().times) {
    if (time < options.until && time >= out.end) {
      out.end = Millis{count(time) + 1};
    }
  }
  const auto values = sorted_numbers(log, "value", options.until);
  out.has_values = !values.empty() && values.front() < values.back();
  for (const auto& column : log.context()) {
    if (column.name == "session") continue;
    survey_column(log, column.name,
                  column.kind == events::ContextKind::kCategory, options, out);
  }
  for (const auto& column : log.item_table().columns) {
    if (column.name == log.item_table().known_since) continue;
    const bool shadowed = std::any_of(
        log.context().begin(), log.context().end(),
        [&](const auto& context) { return context.name == column.name; });
    if (!shadowed) {
      survey_column(log, column.name, column.is_text(), options, out);
    }
  }
  return out;
}

}  // namespace ensue::features
