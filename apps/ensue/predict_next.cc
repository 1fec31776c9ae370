// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/predict_next.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "apps/ensue/terminal.h"
#include "ensue/tasks/next_action.h"

namespace ensue::apps {
namespace {

using tasks::Futures, tasks::Outlook;

// "view 62 %, cart 30 %": the first `most` shares.
std::string shares_text(const std::vector<Outlook::Share>& shares,
                        const events::Vocabulary& names, std::size_t most) {
  std::string out;
  for (std::size_t i = 0; i < std::min(most, shares.size()); ++i) {
    out += (i == 0 ? "" : ", ") + std::string(names.name(shares[i].id)) + " " +
           fixed(100 * shares[i].share, 0) + " %";
  }
  return out;
}

// "40 s", "2.5 h", "12 d".
std::string after(double days) {
  const double seconds = days * 86400;
  if (seconds < 120) return fixed(seconds, 0) + " s";
  if (seconds < 2 * 3600) return fixed(seconds / 60, 0) + " min";
  if (days < 2) return fixed(seconds / 3600, 1) + " h";
  return fixed(days, 1) + " d";
}

std::string steps_table(const Outlook& outlook,
                        const artifact::Description& about, bool whole) {
  std::vector<std::string> header = {"step"};
  const bool clock = whole && about.schema.has_clock;
  const bool value =
      whole && std::any_of(outlook.steps.begin(), outlook.steps.end(),
                           [](const auto& s) { return s.value > 0.005; });
  if (whole) header.push_back("action");
  if (clock) header.insert(header.end(), {"after", "80 % between"});
  header.push_back("likeliest items");
  if (value) header.push_back("value");
  TextTable table(header);
  for (std::size_t i = 0; i < outlook.steps.size(); ++i) {
    const Outlook::Step& step = outlook.steps[i];
    std::vector<std::string> cells = {std::to_string(i + 1)};
    if (whole) cells.push_back(shares_text(step.actions, about.actions, 3));
    if (clock) {
      cells.push_back(after(step.days[1]));
      cells.push_back(after(step.days[0]) + " and " + after(step.days[2]));
    }
    cells.push_back(shares_text(step.items, about.items, 3));
    if (value) cells.push_back(fixed(step.value, 2));
    table.add(std::move(cells));
  }
  return table.text();
}

}  // namespace

void add_futures_options(CLI::App& app, tasks::FuturesOptions& options) {
  app.add_option("--steps", options.steps, "next: events ahead")
      ->capture_default_str();
  app.add_option("--samples", options.samples, "next: futures drawn")
      ->capture_default_str();
  app.add_option("--temperature", options.temperature,
                 "next: below 1, likely items come more often")
      ->capture_default_str();
  app.add_option("--seed", options.seed, "next: seed of the draws")
      ->capture_default_str();
}

std::string futures_text(const Customer& customer,
                         const runtime::Engine& engine,
                         const tasks::FuturesOptions& options, std::size_t k) {
  const auto past = customer.past.view();
  const Futures futures = tasks::roll_out(engine, past, options);
  const Outlook outlook = tasks::summarise(
      futures, past.empty() ? events::Millis{0} : past.times.back());
  const artifact::Description& about = engine.artifact().description();
  std::string out = steps_table(outlook, about, futures.whole);
  if (!futures.whole) {
    out +=
        "  items alone: train with model.events = true for actions, times and "
        "values\n";
  }
  TextTable held({"item", "in the next " + std::to_string(options.steps)});
  for (std::size_t i = 0; i < std::min(k, outlook.items.size()); ++i) {
    held.add({std::string(about.items.name(outlook.items[i].id)),
              fixed(100 * outlook.items[i].share, 1) + " %"});
  }
  return out + "\n" + held.text();
}

std::string next_action_text(const Customer& customer,
                             const runtime::Engine& engine, std::size_t k) {
  const artifact::Description& about = engine.artifact().description();
  const tasks::NextAction said = tasks::NextActions(engine).answer(
      engine.encode(customer.past.view()), {.items = k});
  const bool clock = about.schema.has_clock;
  std::vector<std::string> header = {"action", "probability"};
  if (clock) header.insert(header.end(), {"after", "80 % between"});
  header.emplace_back("likeliest items");
  TextTable table(header);
  for (const auto& action : said.actions) {
    std::vector<std::string> cells = {
        std::string(about.actions.name(action.id)),
        fixed(action.probability, 4)};
    if (clock) {
      cells.push_back(after(action.days[1]));
      cells.push_back(after(action.days[0]) + " and " + after(action.days[2]));
    }
    std::vector<Outlook::Share> items;
    for (const auto& item : action.items) {
      items.push_back({item.id, item.probability});
    }
    cells.push_back(shares_text(items, about.items, k));
    table.add(std::move(cells));
  }
  return table.text();
}

}  // namespace ensue::apps
