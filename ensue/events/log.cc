// SPDX-License-Identifier: Apache-2.0
#include "ensue/events/log.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <unordered_map>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/hash.h"

namespace ensue::events {
namespace {

void require(bool good, const std::string& what) {
  if (!good) throw Error(Code::kCorrupt, "event log: " + what);
}

void check_user(const Log::Columns& c, std::size_t user) {
  for (std::size_t i = c.offsets[user] + 1; i < c.offsets[user + 1]; ++i) {
    require(c.times[i - 1] <= c.times[i],
            "times of user " + std::to_string(user) + " fall at event " +
                std::to_string(i - c.offsets[user]));
  }
}

// Gives every new string the next id.
class Interner {
 public:
  std::uint32_t id(const std::string& name) {
    const auto [it, fresh] = ids_.try_emplace(name, names_.size());
    if (fresh) names_.push_back(name);
    return it->second;
  }
  Vocabulary vocabulary() const {
    return Vocabulary::from_names(std::span<const std::string>(names_));
  }
  std::size_t size() const { return names_.size(); }

 private:
  std::unordered_map<std::string, std::uint32_t> ids_;
  std::vector<std::string> names_;
};

struct Storage {
  std::vector<std::uint64_t> offsets, seqs;
  std::vector<ItemId> items;
  std::vector<ActionId> actions;
  std::vector<Millis> times;
  std::vector<float> values;
  std::vector<Cell> context;
};

void check_context(const std::vector<ContextColumn>& context,
                   const Schema& schema, std::span<const Cell> cells,
                   std::size_t events) {
  require(context.size() == schema.context.size() &&
              cells.size() == events * context.size(),
          "context columns differ from those of the schema or in length");
  for (std::size_t c = 0; c < context.size(); ++c) {
    const auto& [name, kind, values] = context[c];
    require(name == schema.context[c], "context column '" + name +
                                           "' stands where the schema has '" +
                                           schema.context[c] + "'");
    if (kind == ContextKind::kNumber) continue;
    for (std::size_t i = c; i < cells.size(); i += context.size()) {
      require(cells[i].empty() || cells[i].code() < values.size(),
              "value of '" + name + "' outside the vocabulary");
    }
  }
}

}  // namespace

Log::Log(Schema schema, Names names, Columns columns,
         std::shared_ptr<const void> storage)
    : schema_(std::move(schema)),
      names_(std::move(names)),
      columns_(columns),
      storage_(std::move(storage)) {
  const Columns& c = columns_;
  const std::size_t n = c.items.size();
  require(c.offsets.size() == users() + 1, "one offset per user is missing");
  require(c.offsets.front() == 0 && c.offsets.back() == n,
          "offsets do not cover the events");
  require(c.actions.size() == n && c.times.size() == n &&
              c.values.size() == n && c.seqs.size() == n,
          "columns differ in length");
  for (std::size_t u = 0; u < users(); ++u) {
    require(c.offsets[u] <= c.offsets[u + 1], "offsets fall");
    check_user(c, u);
  }
  for (std::size_t i = 0; i < n; ++i) {
    require(c.items[i] == kNoItem || index(c.items[i]) < items(),
            "item id outside the vocabulary");
    require(index(c.actions[i]) < names_.actions.size(),
            "action id outside the vocabulary");
  }
  check_context(names_.context, schema_, c.context, n);
}

History Log::history(UserId user) const noexcept {
  const std::size_t begin = columns_.offsets[index(user)];
  const std::size_t n = columns_.offsets[index(user) + 1] - begin;
  return {columns_.items.subspan(begin, n), columns_.actions.subspan(begin, n),
          columns_.times.subspan(begin, n), columns_.values.subspan(begin, n),
          rows_of(columns_.context, names_.context.size()).from(begin)};
}

std::span<const std::uint64_t> Log::seqs(UserId user) const noexcept {
  const std::size_t begin = columns_.offsets[index(user)];
  return columns_.seqs.subspan(begin,
                               columns_.offsets[index(user) + 1] - begin);
}

void Log::set_item_table(Table table) {
  for (const Column& column : table.columns) {
    require(column.size() == items(), "item column '" + column.name + "' has " +
                                          std::to_string(column.size()) +
                                          " rows for " +
                                          std::to_string(items()) + " items");
  }
  item_table_ = std::make_shared<const Table>(std::move(table));
}

std::uint64_t Log::fingerprint() const noexcept {
  Checksum sum;
  const std::string schema = to_text(schema_.to_json());
  sum.add(std::as_bytes(std::span(schema)));
  for (const auto* names : {&names_.users, &names_.items, &names_.actions}) {
    sum.add(names->bytes());
  }
  sum.add(std::as_bytes(columns_.offsets));
  sum.add(std::as_bytes(columns_.items));
  sum.add(std::as_bytes(columns_.actions));
  sum.add(std::as_bytes(columns_.times));
  sum.add(std::as_bytes(columns_.values));
  for (const ContextColumn& column : names_.context) {
    sum.add(std::as_bytes(std::span(name_of(column.kind))));
    sum.add(column.values.bytes());
  }
  sum.add(std::as_bytes(columns_.context));
  return sum.value();
}

LogBuilder& LogBuilder::add(std::string_view user, std::string_view item,
                            Millis time, std::string_view action, float value) {
  rows_.push_back(
      {std::string(user), std::string(item), std::string(action), time, value});
  return *this;
}

std::size_t LogBuilder::column(std::string_view name, ContextKind kind) {
  auto& names = schema_.context;
  const auto at = static_cast<std::size_t>(
      std::find(names.begin(), names.end(), name) - names.begin());
  if (at == names.size()) names.emplace_back(name);
  kinds_.resize(names.size());
  if (kinds_[at].value_or(kind) != kind) {
    invalid("context column '" + std::string(name) + "' holds a " +
            std::string(name_of(kind)) + ", expected a " +
            std::string(name_of(*kinds_[at])) + " as before");
  }
  kinds_[at] = kind;
  return at;
}

LogBuilder& LogBuilder::with(std::string_view name, std::string_view value) {
  const std::size_t at = column(name, ContextKind::kCategory);
  rows_.back().context.push_back({at, std::string(value), 0});
  return *this;
}

LogBuilder& LogBuilder::with(std::string_view name, float number) {
  const std::size_t at = column(name, ContextKind::kNumber);
  rows_.back().context.push_back({at, {}, number});
  return *this;
}

// Cells in the given order of rows; codes as values come up in it.
std::vector<ContextColumn> LogBuilder::context_of(
    const std::vector<std::size_t>& order, std::vector<Cell>& cells) const {
  const std::size_t width = schema_.context.size();
  std::vector<Interner> values(width);
  std::vector<ContextColumn> out(width);
  for (std::size_t c = 0; c < width; ++c) {
    out[c].name = schema_.context[c];
    if (c < kinds_.size()) {
      out[c].kind = kinds_[c].value_or(ContextKind::kCategory);
    }
  }
  cells.resize(order.size() * width);
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (const auto& [column, text, number] : rows_[order[i]].context) {
      Cell& cell = cells[i * width + column];
      if (out[column].kind == ContextKind::kNumber) {
        cell = Cell::of_number(number);
      } else {
        cell = text.empty() ? Cell() : Cell::of_code(values[column].id(text));
      }
    }
  }
  for (std::size_t c = 0; c < width; ++c) {
    out[c].values = values[c].vocabulary();
  }
  return out;
}

Log LogBuilder::build() const {
  std::vector<std::size_t> order(rows_.size());
  std::iota(order.begin(), order.end(), 0);
  const auto by_time = [&](std::size_t a, std::size_t b) {
    return rows_[a].time < rows_[b].time;
  };
  std::stable_sort(order.begin(), order.end(), by_time);

  Interner users, items, actions;
  std::vector<std::uint32_t> user_of(rows_.size());
  for (const std::size_t row : order) {
    user_of[row] = users.id(rows_[row].user);
    if (!rows_[row].item.empty()) items.id(rows_[row].item);
    actions.id(rows_[row].action);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return user_of[a] < user_of[b]; });

  auto s = std::make_shared<Storage>();
  s->offsets.assign(users.size() + 1, 0);
  for (const std::size_t row : order) {
    const Row& r = rows_[row];
    ++s->offsets[user_of[row] + 1];
    s->items.push_back(r.item.empty() ? kNoItem : ItemId{items.id(r.item)});
    s->actions.push_back(static_cast<ActionId>(actions.id(r.action)));
    s->times.push_back(r.time);
    s->values.push_back(r.value);
    s->seqs.push_back(row);
  }
  std::vector<ContextColumn> context = context_of(order, s->context);
  std::partial_sum(s->offsets.begin(), s->offsets.end(), s->offsets.begin());
  const Log::Columns columns{s->offsets, s->items, s->actions, s->times,
                             s->values,  s->seqs,  s->context};
  return {schema_,
          {users.vocabulary(), items.vocabulary(), actions.vocabulary(),
           std::move(context)},
          columns,
          std::move(s)};
}

}  // namespace ensue::events
