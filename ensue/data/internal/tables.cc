// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/internal/tables.h"

#include <algorithm>
#include <cmath>

namespace ensue::data {
namespace {

using capi::Type;
using Sink = TableSource::Sink;

template <class Firsts, class Get>
std::vector<std::uint32_t> in_order(const Firsts& firsts, Get&& first) {
  std::vector<std::uint32_t> out;
  for (std::uint32_t id = 0; id < firsts.size(); ++id) {
    if (first(firsts[id]).seen()) out.push_back(id);
  }
  std::sort(out.begin(), out.end(), [&](std::uint32_t a, std::uint32_t b) {
    return first(firsts[a]) < first(firsts[b]);
  });
  return out;
}

// provisional id -> final id
std::vector<std::uint32_t> inverse(const std::vector<std::uint32_t>& order,
                                   std::size_t size) {
  std::vector<std::uint32_t> out(size, kNone);
  for (std::uint32_t id = 0; id < order.size(); ++id) out[order[id]] = id;
  return out;
}

}  // namespace

FinalIds final_ids(const Arranged& arranged) {
  const auto self = [](const First& first) { return first; };
  return {in_order(arranged.users, [](const Slice& s) { return s.first; }),
          in_order(arranged.items, self), in_order(arranged.actions, self)};
}

EventTable::EventTable(const Reading& reading, const Arranged& arranged,
                       const FinalIds& ids)
    : reading_(reading),
      arranged_(arranged),
      ids_(ids),
      item_of_(inverse(ids.items, reading.items.size())),
      action_of_(inverse(ids.actions, reading.actions.size())) {
  source_.fields = {
      {"user_id", Type::kUInt32},
      {"item_id", Type::kUInt32},
      {"action_id", Type::kUInt8},
      {"time", reading.has_clock ? Type::kTimestampMs : Type::kInt64},
      {"value", Type::kFloat},
      {"seq", Type::kInt64},
      {"place", Type::kInt64}};
  source_.rows = arranged.kept;
  source_.rewind = [this] {
    user_ = 0, at_ = 0, place_ = 0;
    history_.clear();
  };
  source_.fill = [this](const Sink& sink) { return fill(sink); };
}
// Where the cells of one chunk go.
struct EventTable::Cells {
  explicit Cells(const Sink& sink)
      : user(sink.data<std::uint32_t>(0)),
        item(sink.data<std::uint32_t>(1)),
        action(sink.data<std::uint8_t>(2)),
        time(sink.data<std::int64_t>(3)),
        value(sink.data<float>(4)),
        seq(sink.data<std::int64_t>(5)),
        place(sink.data<std::int64_t>(6)),
        has_item(sink.validity(1)),
        has_value(sink.validity(4)) {}
  std::uint32_t *user, *item;
  std::uint8_t* action;
  std::int64_t* time;
  float* value;
  std::int64_t *seq, *place;
  std::uint64_t *has_item, *has_value;
};

std::size_t EventTable::fill(const Sink& sink) {
  const Cells cells(sink);
  std::size_t n = 0;
  while (n < sink.capacity()) {
    if (at_ == history_.size() && !next_user()) break;
    for (; at_ < history_.size() && n < sink.capacity(); ++at_, ++n) {
      put(cells, n, history_[at_]);
    }
  }
  return n;
}

bool EventTable::next_user() {
  if (user_ == ids_.users.size()) return false;
  const std::uint32_t provisional = ids_.users[user_++];
  const Slice& slice = arranged_.users[provisional];
  history_.resize(slice.count);
  reading_.rows.read(RowStore::partition_of(provisional), slice.begin,
                     history_);
  at_ = 0;
  return true;
}

void EventTable::put(const Cells& cells, std::size_t n, const Row& row) {
  const std::uint64_t bit = 1ULL << (n % 64);
  cells.user[n] = static_cast<std::uint32_t>(user_ - 1);
  if (row.item == kNone) {
    cells.has_item[n / 64] &= ~bit;
  } else {
    cells.item[n] = item_of_[row.item];
  }
  cells.action[n] = static_cast<std::uint8_t>(action_of_[row.action]);
  cells.time[n] = row.time;
  if (std::isnan(row.value)) cells.has_value[n / 64] &= ~bit;
  cells.value[n] = row.value;
  cells.seq[n] = static_cast<std::int64_t>(row.seq);
  cells.place[n] = place_++;
}

AsideTable::AsideTable(const Reading& reading) : reading_(reading) {
  source_.fields = {
      {"item", Type::kVarchar},
      {"action", Type::kVarchar},
      {"time", reading.has_clock ? Type::kTimestampMs : Type::kInt64},
      {"value", Type::kFloat},
      {"seq", Type::kInt64}};
  source_.rows = reading.rows.size(RowStore::kUserless);
  source_.rewind = [this] { at_ = 0; };
  source_.fill = [this](const Sink& sink) { return fill(sink); };
}
std::size_t AsideTable::fill(const Sink& sink) {
  buffer_.resize(std::min<std::size_t>(sink.capacity(), source_.rows - at_));
  if (buffer_.empty()) return 0;
  reading_.rows.read(RowStore::kUserless, at_, buffer_);
  at_ += buffer_.size();
  for (std::size_t n = 0; n < buffer_.size(); ++n) put(sink, n, buffer_[n]);
  return buffer_.size();
}

void AsideTable::put(const Sink& sink, std::size_t n, const Row& row) const {
  if (row.item == kNone) {
    sink.set_null(0, n);
  } else {
    sink.set_text(0, n, reading_.items.name(row.item));
  }
  const auto action = static_cast<std::uint32_t>(row.action);
  sink.set_text(1, n, reading_.actions.name(action));
  sink.data<std::int64_t>(2)[n] = row.time;
  if (std::isnan(row.value)) {
    sink.set_null(3, n);
  } else {
    sink.data<float>(3)[n] = row.value;
  }
  sink.data<std::int64_t>(4)[n] = static_cast<std::int64_t>(row.seq);
}

NameTable::NameTable(const Interner& names,
                     const std::vector<std::uint32_t>& ids) {
  source_.fields = {{"id", Type::kUInt32}, {"name", Type::kVarchar}};
  source_.rows = ids.size();
  source_.rewind = [this] { at_ = 0; };
  source_.fill = [this, &names, &ids](const Sink& sink) {
    std::size_t n = 0;
    for (; n < sink.capacity() && at_ < ids.size(); ++n, ++at_) {
      sink.data<std::uint32_t>(0)[n] = static_cast<std::uint32_t>(at_);
      sink.set_text(1, n, names.name(ids[at_]));
    }
    return n;
  };
}
FilledTable::FilledTable(const FilledColumns& filled, std::uint64_t rows)
    : filled_(filled) {
  source_.fields = {{"place", Type::kInt64}};
  for (const std::string& name : filled.names) {
    source_.fields.push_back({name, Type::kDouble});
  }
  source_.rows = rows;
  source_.rewind = [this] { at_ = 0; };
  source_.fill = [this](const Sink& sink) { return fill(sink); };
}

std::size_t FilledTable::fill(const Sink& sink) {
  const std::size_t n =
      std::min<std::size_t>(sink.capacity(), source_.rows - at_);
  for (std::size_t i = 0; i < n; ++i, ++at_) {
    sink.data<std::int64_t>(0)[i] = static_cast<std::int64_t>(at_);
    for (std::size_t c = 0; c < filled_.cells.size(); ++c) {
      const double cell = filled_.cells[c][at_];
      if (std::isnan(cell)) {
        sink.set_null(c + 1, i);
      } else {
        sink.data<double>(c + 1)[i] = cell;
      }
    }
  }
  return n;
}

}  // namespace ensue::data
