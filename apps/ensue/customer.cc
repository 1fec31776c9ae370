// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/customer.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "ensue/data/dataset.h"
#include "ensue/data/options.h"

namespace ensue::apps {
namespace {

using events::UserId;
using runtime::Engine;
using runtime::Translation;

// "sku:cart" as the item sku and the action cart, when the whole is no item
// and cart is an action; ids may hold colons.
std::pair<std::string, std::uint32_t> item_and_action(
    const artifact::Description& about, const std::string& typed) {
  const std::size_t at = typed.rfind(':');
  if (at == std::string::npos || about.items.find(typed)) return {typed, 0};
  const std::string action = typed.substr(at + 1);
  const auto id = about.actions.find(action);
  if (!id) {
    std::string known;
    for (std::size_t a = 0; a < about.actions.size(); ++a) {
      known += (a == 0 ? "" : ", ") + std::string(about.actions.name(a));
    }
    invalid("session: '" + typed + "': unknown action '" + action +
            "'; known: " + known);
  }
  return {typed.substr(0, at), *id};
}

std::string unknown_items(std::size_t count) {
  if (count == 0) return "";
  return std::to_string(count) + (count == 1 ? " event" : " events") +
         " with items unknown to the model left out";
}

Customer typed_session(const CustomerOptions& options, const Engine& engine) {
  const auto& about = engine.artifact().description();
  Customer out{.name = options.session, .note = {}, .past = {}};
  const auto row = typed_context(options.context, engine.context());
  out.past.columns = row.size();
  std::size_t unknown = 0, place = 0;
  for (const std::string& typed : typed_list(options.session)) {
    const auto [item, action] = item_and_action(about, typed);
    const auto id = about.items.find(item);
    ++place;
    if (!id) {
      ++unknown;
      continue;
    }
    out.past.items.push_back(events::ItemId{*id});
    out.past.actions.push_back(static_cast<events::ActionId>(action));
    out.past.times.push_back(
        events::Millis{static_cast<std::int64_t>(place) * events::kSecondMs});
    out.past.values.push_back(std::numeric_limits<float>::quiet_NaN());
    out.past.kept.push_back(static_cast<std::uint32_t>(place - 1));
    out.past.context.insert(out.past.context.end(), row.begin(), row.end());
  }
  out.note = unknown_items(unknown);
  return out;
}

Customer known_user(UserId user, const events::Log& log,
                    const Translation& translation) {
  const events::History history = log.history(user);
  std::size_t with_item = 0;
  for (const events::ItemId item : history.items) {
    with_item += item == events::kNoItem ? 0 : 1;
  }
  Customer out{.name = std::string(log.user_names().name(index(user))),
               .note = {},
               .past = translation.translate(history)};
  out.note = unknown_items(with_item - out.past.items.size());
  return out;
}

std::optional<events::Millis> last_time(const events::Log& log) {
  const auto times = log.columns().times;
  if (!log.schema().has_clock || times.empty()) return std::nullopt;
  return *std::ranges::max_element(times);
}

}  // namespace

std::vector<events::Cell> typed_context(
    const std::vector<std::string>& typed,
    const std::vector<events::ContextColumn>& columns) {
  std::vector<events::Cell> out(columns.size());
  for (const std::string& pair : typed) {
    const std::size_t at = pair.find('=');
    const std::string name = pair.substr(0, at);
    std::string known;
    bool found = false;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      known += (c == 0 ? "" : ", ") + columns[c].name;
      if (columns[c].name != name || at == std::string::npos) continue;
      out[c] = runtime::cell_of(columns[c], pair.substr(at + 1));
      found = true;
    }
    if (found) continue;
    invalid("--context: '" + pair + "', expected COLUMN=VALUE; the model " +
            (known.empty() ? "reads no columns" : "reads: " + known));
  }
  return out;
}

std::vector<std::string> typed_list(const std::string& text) {
  std::vector<std::string> out(1);
  bool quoted = false, begins = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '"' && text.substr(i, 2) == "\"\"") {
      out.back() += '"', ++i;
    } else if (c == '"' && (quoted || begins)) {
      quoted = !quoted, begins = false;
    } else if (c == ',' && !quoted) {
      out.emplace_back(), begins = true;
    } else {
      out.back() += c, begins = false;
    }
  }
  if (quoted) invalid("'" + text + "': a quote does not close");
  std::erase(out, "");
  return out;
}

void CustomerOptions::add(CLI::App& app) {
  app.add_option("-m,--model,--artifact", model, "the trained model")
      ->capture_default_str();
  app.add_option("-u,--user", users, "customers of the dataset, by their id");
  app.add_option("--session", session,
                 "a session typed by hand: item,item:action,\"a,comma\",…");
  app.add_option("--context", context,
                 "named columns of the typed session's events: device=phone");
  app.add_option("-k,--k", k, "how many")->capture_default_str();
  app.add_flag("--exclude-seen", exclude_seen,
               "leave out what the customer already had");
  app.add_option("--exclude", exclude, "items to leave out: item,item,…");
  app.add_option("--only", only,
                 "conditions on item columns: category=Mugs, price<20");
}

void CustomerOptions::check() const {
  if (users.empty() && session.empty() && !all_users) {
    invalid("nobody to answer for, expected --user ID or --session ITEM,ITEM");
  }
  if (session.empty() && !context.empty()) {
    invalid("--context: '" + context[0] +
            "', expected --session beside it; customers have their own");
  }
  if (k < 1) invalid("k: " + std::to_string(k) + ", expected 1 or more");
}

tasks::FilterOptions CustomerOptions::filter() const {
  tasks::FilterOptions out{.exclude_seen = exclude_seen};
  for (const std::string& text : exclude) {
    for (std::string& item : typed_list(text)) out.exclude.push_back(item);
  }
  for (const std::string& text : only) {
    out.only.push_back(tasks::Condition::parse(text));
  }
  return out;
}

std::vector<Customer> find_customers(const CustomerOptions& options,
                                     const Settings& settings,
                                     const Engine& engine) {
  std::vector<Customer> out;
  if (!options.session.empty()) {
    out.push_back(typed_session(options, engine));
  }
  if (options.users.empty() && !options.all_users) return out;

  data::SourceOptions source;
  settings.read(source, "data");
  const events::Log log =
      data::Dataset::open(settings.base() / source.dataset).log();
  const Translation translation(log, engine);
  const std::size_t typed = out.size();
  for (const std::string& name : options.users) {
    const auto user = log.user_names().find(name);
    if (user) {
      out.push_back(known_user(UserId{*user}, log, translation));
    } else {
      out.push_back({.name = name,
                     .note = "unknown user: answered as for a new one",
                     .past = {}});
    }
  }
  for (std::uint32_t u = 0; options.all_users && u < log.users(); ++u) {
    out.push_back(known_user(UserId{u}, log, translation));
  }
  const auto now = last_time(log);
  for (std::size_t c = typed; c < out.size(); ++c) out[c].now = now;
  return out;
}

}  // namespace ensue::apps
