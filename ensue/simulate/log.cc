// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/base/threads.h"
#include "ensue/simulate/customer.h"
#include "ensue/simulate/simulate.h"

namespace ensue::simulate {
namespace {

constexpr std::size_t kChunk = 128;  // customers simulated at a time

struct Storage {
  std::vector<std::uint64_t> offsets, seqs;
  std::vector<events::ItemId> items;
  std::vector<events::ActionId> actions;
  std::vector<events::Millis> times;
  std::vector<float> values;
  std::vector<events::Cell> context;  // none of the shop's own events

  explicit Storage(std::size_t events) {
    seqs.resize(events);
    items.resize(events);
    actions.resize(events);
    times.resize(events);
    values.resize(events);
  }
  events::Log::Columns columns() const {
    return {offsets, items, actions, times, values, seqs, context};
  }
};

// Everybody's events, in the order of the file.
struct Everybody {
  std::vector<std::vector<SimEvent>> chunks;
  std::vector<std::uint64_t> first;  // [users + 1], rows

  explicit Everybody(const Shop& shop) {
    const auto users = static_cast<std::size_t>(shop.options().users);
    chunks.resize((users + kChunk - 1) / kChunk);
    first.assign(users + 1, 0);
    parallel_for(users, kChunk, [&](std::size_t begin, std::size_t end) {
      Trace trace;
      auto& chunk = chunks[begin / kChunk];
      for (std::size_t u = begin; u < end; ++u) {
        simulate_customer(shop, static_cast<std::uint32_t>(u), trace);
        first[u + 1] = trace.events.size();
        chunk.insert(chunk.end(), trace.events.begin(), trace.events.end());
      }
    });
    std::partial_sum(first.begin(), first.end(), first.begin());
  }
  std::size_t users() const { return first.size() - 1; }
  std::span<const SimEvent> of(std::size_t user) const {
    const auto& chunk = chunks[user / kChunk];
    const std::uint64_t base = first[user / kChunk * kChunk];
    return std::span(chunk).subspan(first[user] - base,
                                    first[user + 1] - first[user]);
  }
};

// Dense ids in order of first appearance by (time, row).
class Appearances {
 public:
  explicit Appearances(std::size_t things)
      : first_(things, {std::numeric_limits<std::int64_t>::max(), 0}) {}

  void saw(std::size_t thing, std::int64_t time, std::uint64_t row) {
    first_[thing] = std::min(first_[thing], {time, row});
  }
  /// Things that appeared, first ones first.
  std::vector<std::uint32_t> order() const {
    std::vector<std::uint32_t> out;
    for (std::uint32_t i = 0; i < first_.size(); ++i) {
      if (first_[i].first != std::numeric_limits<std::int64_t>::max()) {
        out.push_back(i);
      }
    }
    std::sort(out.begin(), out.end(),
              [&](auto a, auto b) { return first_[a] < first_[b]; });
    return out;
  }

 private:
  std::vector<std::pair<std::int64_t, std::uint64_t>> first_;
};

std::vector<std::uint32_t> inverse(std::span<const std::uint32_t> order,
                                   std::size_t things) {
  std::vector<std::uint32_t> out(things, 0);
  for (std::uint32_t id = 0; id < order.size(); ++id) out[order[id]] = id;
  return out;
}

template <class Name>
events::Vocabulary vocabulary(std::span<const std::uint32_t> order,
                              const Name& name) {
  std::vector<std::string> names;
  names.reserve(order.size());
  for (const std::uint32_t thing : order) names.emplace_back(name(thing));
  return events::Vocabulary::from_names(std::span<const std::string>(names));
}

struct Ids {
  std::vector<std::uint32_t> users, items, actions;  // in order of appearance
};

Ids order_ids(const Shop& shop, const Everybody& all) {
  Appearances users(all.users()), items(shop.catalogue().items()), actions(3);
  for (std::size_t u = 0; u < all.users(); ++u) {
    std::uint64_t row = all.first[u];
    for (const SimEvent& e : all.of(u)) {
      users.saw(u, e.second, row);
      items.saw(e.item, e.second, row);
      actions.saw(static_cast<std::size_t>(e.action), e.second, row);
      ++row;
    }
  }
  return {users.order(), items.order(), actions.order()};
}

std::shared_ptr<Storage> fill(const Shop& shop, const Everybody& all,
                              const Ids& ids) {
  auto out = std::make_shared<Storage>(all.first.back());
  const auto item_id = inverse(ids.items, shop.catalogue().items());
  const auto action_id = inverse(ids.actions, 3);
  std::size_t at = 0;
  for (const std::uint32_t user : ids.users) {
    out->offsets.push_back(at);
    std::uint64_t row = all.first[user];
    for (const SimEvent& e : all.of(user)) {
      out->items[at] = events::ItemId{item_id[e.item]};
      out->actions[at] = static_cast<events::ActionId>(
          action_id[static_cast<std::size_t>(e.action)]);
      out->times[at] = events::Millis{e.second * 1000};
      out->values[at] = static_cast<float>(e.price_cents / 100.0);
      out->seqs[at++] = row++;
    }
  }
  out->offsets.push_back(at);
  return out;
}

events::Table item_table(const Shop& shop,
                         std::span<const std::uint32_t> items) {
  const Catalogue& all = shop.catalogue();
  std::vector<std::string> title, title_zh, category, from;
  std::vector<double> price;
  for (const std::uint32_t i : items) {
    title.push_back(all.title(i));
    title_zh.push_back(all.title_zh(i));
    category.push_back(all.category_name(all.category(i)));
    price.push_back(all.price_cents(i) / 100.0);
    from.push_back(shop.calendar().date(all.arrival_week(i) * 7));
  }
  events::Table out;
  out.columns = {{"title", std::move(title)},
                 {"title_zh", std::move(title_zh)},
                 {"category", std::move(category)},
                 {"price", std::move(price)},
                 {"available_from", std::move(from)}};
  out.known_since = "available_from";
  return out;
}

// What was typed, in order of the file, a cell for every event of `ids`' order.
events::ContextColumn fill_queries(const Shop& shop, const Everybody& all,
                                   const Ids& ids, Storage& out) {
  std::map<std::string, std::uint32_t> codes;
  std::vector<std::string> texts;
  out.context.reserve(out.items.size());
  for (const std::uint32_t user : ids.users) {
    for (const SimEvent& e : all.of(user)) {
      if (e.query == 0) {
        out.context.emplace_back();
        continue;
      }
      std::string text = query_text(shop.catalogue(), e.item, e.query);
      const auto [at, fresh] =
          codes.emplace(text, static_cast<std::uint32_t>(texts.size()));
      if (fresh) texts.push_back(std::move(text));
      out.context.push_back(events::Cell::of_code(at->second));
    }
  }
  return {"query", events::ContextKind::kCategory,
          events::Vocabulary::from_names(std::span<const std::string>(texts))};
}

events::Log make_log(const Shop& shop, bool queries) {
  const Everybody all(shop);
  const Ids ids = order_ids(shop, all);
  auto storage = fill(shop, all, ids);
  events::Schema schema;
  schema.order_within_instant = true;  // a customer does one thing at a time
  schema.has_sessions = true;
  const Catalogue& items = shop.catalogue();
  events::Log::Names names{
      vocabulary(ids.users, user_id),
      vocabulary(ids.items, [&](std::uint32_t i) { return items.id(i); }),
      vocabulary(ids.actions, [](std::uint32_t a) {
        return name_of(static_cast<ActionKind>(a));
      })};
  if (queries) {
    names.context = {fill_queries(shop, all, ids, *storage)};
    schema.context = {"query"};
  }
  const auto columns = storage->columns();
  events::Log log(schema, std::move(names), columns, std::move(storage));
  log.set_item_table(item_table(shop, ids.items));
  return log;
}

}  // namespace

events::Log simulate_log(const Shop& shop) {
  return make_log(shop, /*queries=*/false);
}

events::Log simulate_log_with_queries(const Shop& shop) {
  return make_log(shop, /*queries=*/true);
}

events::Log shuffle_items(const events::Log& log, std::uint64_t seed) {
  const events::Log::Columns& from = log.columns();
  auto storage = std::make_shared<Storage>(log.size());
  storage->offsets.assign(from.offsets.begin(), from.offsets.end());
  std::copy(from.items.begin(), from.items.end(), storage->items.begin());
  std::copy(from.actions.begin(), from.actions.end(), storage->actions.begin());
  std::copy(from.times.begin(), from.times.end(), storage->times.begin());
  std::copy(from.values.begin(), from.values.end(), storage->values.begin());
  std::copy(from.seqs.begin(), from.seqs.end(), storage->seqs.begin());
  storage->context.assign(from.context.begin(), from.context.end());
  Rng rng(seed);
  shuffle(storage->items, rng);
  const auto columns = storage->columns();
  events::Log out(
      log.schema(),
      {log.user_names(), log.item_names(), log.action_names(), log.context()},
      columns, std::move(storage));
  out.set_item_table(log.item_table());
  return out;
}

}  // namespace ensue::simulate
