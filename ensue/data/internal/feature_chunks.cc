// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/internal/feature_chunks.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "ensue/base/error.h"
#include "ensue/data/internal/duckdb.h"

namespace ensue::data {
namespace {

using capi::Type;
using events::History, events::Log, events::Millis, events::UserId;

// The pairs of a piece, in order.
class PairTable {
 public:
  PairTable(std::span<const AsOf> pairs, std::span<const std::size_t> order)
      : pairs_(pairs), order_(order) {
    source_.fields = {
        {"row", Type::kInt64}, {"user", Type::kUInt32}, {"t", Type::kInt64}};
    source_.rows = order.size();
    source_.rewind = [this] { next_ = 0; };
    source_.fill = [this](const TableSource::Sink& sink) { return fill(sink); };
  }
  PairTable(const PairTable&) = delete;
  const TableSource& source() const noexcept { return source_; }

 private:
  std::size_t fill(const TableSource::Sink& sink) {
    const std::size_t n = std::min(sink.capacity(), order_.size() - next_);
    for (std::size_t i = 0; i < n; ++i) {
      const AsOf& pair = pairs_[order_[next_ + i]];
      sink.data<std::int64_t>(0)[i] = static_cast<std::int64_t>(next_ + i);
      sink.data<std::uint32_t>(1)[i] = index(pair.user);
      sink.data<std::int64_t>(2)[i] = count(pair.time);
    }
    next_ += n;
    return n;
  }

  std::span<const AsOf> pairs_;
  std::span<const std::size_t> order_;
  std::size_t next_ = 0;
  TableSource source_;
};

// The events of a piece's users before the last of their instants.
class PastTable {
 public:
  PastTable(const Log& log, std::span<const AsOf> pairs,
            std::span<const std::size_t> order,
            std::span<const FeatureColumn> columns)
      : log_(log), pairs_(pairs), order_(order), columns_(columns) {
    source_.fields = {{"place", Type::kInt64},
                      {"user", Type::kUInt32},
                      {"time", Type::kInt64},
                      {"action", Type::kUInt8}};
    for (const FeatureColumn& column : columns) {
      source_.fields.push_back(
          {column.name, column.number ? Type::kDouble : Type::kUInt32});
    }
    source_.rows = log.size();
    source_.rewind = [this] {
      pair_ = event_ = 0;
      place_ = 0;
      history_ = {};
    };
    source_.fill = [this](const TableSource::Sink& sink) { return fill(sink); };
  }
  PastTable(const PastTable&) = delete;
  const TableSource& source() const noexcept { return source_; }

 private:
  std::size_t fill(const TableSource::Sink& sink) {
    std::size_t n = 0;
    while (n < sink.capacity()) {
      if (event_ == history_.size()) {
        if (!next_user()) break;
        continue;
      }
      const std::size_t some =
          std::min(sink.capacity() - n, history_.size() - event_);
      put(sink, n, some);
      n += some;
      event_ += some;
    }
    return n;
  }

  bool next_user() {
    if (pair_ == order_.size()) return false;
    user_ = pairs_[order_[pair_]].user;
    Millis last{0};
    for (; pair_ < order_.size() && pairs_[order_[pair_]].user == user_;
         ++pair_) {
      last = pairs_[order_[pair_]].time;  // rising
    }
    const History all = log_.history(user_);
    const auto end = std::lower_bound(all.times.begin(), all.times.end(), last);
    history_ = all.first(static_cast<std::size_t>(end - all.times.begin()));
    event_ = 0;
    return true;
  }

  void put(const TableSource::Sink& sink, std::size_t at, std::size_t n) {
    auto* place = sink.data<std::int64_t>(0) + at;
    auto* user = sink.data<std::uint32_t>(1) + at;
    auto* time = sink.data<std::int64_t>(2) + at;
    auto* action = sink.data<std::uint8_t>(3) + at;
    for (std::size_t i = 0; i < n; ++i) {
      place[i] = place_++;
      user[i] = index(user_);
      time[i] = count(history_.times[event_ + i]);
      action[i] =
          static_cast<std::uint8_t>(index(history_.actions[event_ + i]));
    }
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      put_column(sink, 4 + c, columns_[c], at, n);
    }
  }

  void put_column(const TableSource::Sink& sink, std::size_t field,
                  const FeatureColumn& column, std::size_t at, std::size_t n) {
    std::uint64_t* valid = nullptr;
    const auto set_null = [&](std::size_t row) {
      if (valid == nullptr) valid = sink.validity(field);
      valid[row / 64] &= ~(1ULL << (row % 64));
    };
    for (std::size_t i = 0; i < n; ++i) {
      if (column.number) {
        const double number = column.column.number(history_, event_ + i);
        sink.data<double>(field)[at + i] = number;
        if (std::isnan(number)) set_null(at + i);
      } else {
        const std::uint32_t code = column.column.code(history_, event_ + i);
        sink.data<std::uint32_t>(field)[at + i] = code;
        if (code == features::EventColumn::kNothing) set_null(at + i);
      }
    }
  }

  const Log& log_;
  std::span<const AsOf> pairs_;
  std::span<const std::size_t> order_;
  std::span<const FeatureColumn> columns_;
  std::size_t pair_ = 0, event_ = 0;
  std::int64_t place_ = 0;
  UserId user_{0};
  History history_;
  TableSource source_;
};

}  // namespace

FeatureChunks::FeatureChunks(const Log& log,
                             std::span<const features::Definition> definitions,
                             std::span<const AsOf> pairs,
                             const FeatureOptions& options)
    : log_(log),
      pairs_(pairs),
      order_(pairs.size()),
      width_(definitions.size()) {
  for (const AsOf& pair : pairs) {
    if (index(pair.user) >= log.users()) {
      invalid("features: user " + std::to_string(index(pair.user)) +
              " of a pair, the log has " + std::to_string(log.users()));
    }
  }
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::stable_sort(order_.begin(), order_.end(),
                   [&](auto a, auto b) { return pairs[a] < pairs[b]; });
  cut(options);
  const features::Names names = features::names_of(log);
  std::vector<std::string> values;
  for (const features::Definition& definition : definitions) {
    values.push_back(
        feature_value(plan_, features::resolve(definition, names)));
  }
  sql_ = plan_.sql(values);
}

void FeatureChunks::cut(const FeatureOptions& options) {
  const auto user = [&](std::size_t i) { return pairs_[order_[i]].user; };
  std::size_t begin = 0, events = 0;
  for (std::size_t i = 0; i < order_.size(); ++i) {
    if (i > 0 && user(i) == user(i - 1)) continue;
    const std::size_t more = log_.history(user(i)).size();
    if (i > begin && (events + more > options.chunk_events ||
                      i - begin >= options.chunk_pairs)) {
      chunks_.push_back({begin, i});
      begin = i;
      events = 0;
    }
    events += more;
  }
  if (begin < order_.size()) chunks_.push_back({begin, order_.size()});
}

FeatureBlock FeatureChunks::compute(std::size_t chunk) const {
  const auto [begin, end] = chunks_[chunk];
  const auto order = std::span(order_).subspan(begin, end - begin);
  const PairTable pairs(pairs_, order);
  const PastTable past(log_, pairs_, order, plan_.columns());
  Connection database({.threads = 1});
  database.run("SET preserve_insertion_order = false");
  database.add_table("pair_rows", pairs.source());
  database.run("CREATE TEMP TABLE pairs AS SELECT * FROM pair_rows()");
  database.add_table("events", past.source());
  FeatureBlock out{begin, order.size(), {}};
  out.cells.assign(order.size() * width_,
                   std::numeric_limits<double>::quiet_NaN());
  Rows rows = database.stream(sql_);
  while (const auto found = rows.next()) {
    for (std::size_t c = 0; c < width_; ++c) {
      const Vector& cells = (*found)[c + 1];
      for (std::size_t i = 0; i < found->size(); ++i) {
        if (!cells.has(i)) continue;
        const auto row = static_cast<std::size_t>((*found)[0].integer(i));
        out.cells[row * width_ + c] = cells.data<double>()[i];
      }
    }
  }
  return out;
}

}  // namespace ensue::data
