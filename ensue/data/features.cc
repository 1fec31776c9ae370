// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/features.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>

#include "ensue/base/error.h"
#include "ensue/base/threads.h"
#include "ensue/data/internal/copy_out.h"
#include "ensue/data/internal/feature_chunks.h"

namespace ensue::data {
namespace {

using capi::Type;
using events::Log;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

void report(const FeatureOptions& options, std::size_t done, std::size_t all) {
  if (!options.progress) return;
  options.progress(
      {"features", static_cast<double>(done), static_cast<double>(all), ""});
}

// The rows of a file of features, computed some chunks ahead.
class FeatureFile {
 public:
  FeatureFile(const Log& log, std::span<const features::Definition> definitions,
              std::span<const AsOf> pairs, const events::Table& extra,
              const FeatureOptions& options)
      : log_(log),
        pairs_(pairs),
        extra_(extra),
        options_(options),
        width_(definitions.size()),
        chunks_(log, definitions, pairs, options) {
    source_.fields = {{"user", Type::kVarchar}, {"time", Type::kInt64}};
    for (const events::Column& column : extra.columns) {
      source_.fields.push_back(
          {column.name, column.is_text() ? Type::kVarchar : Type::kDouble});
    }
    for (const features::Definition& definition : definitions) {
      source_.fields.push_back({definition.name, Type::kDouble});
      summary_.push_back({definition.name, 0, 0, kNaN, kNaN});
    }
    source_.rows = pairs.size();
    source_.rewind = [this] { rewind(); };
    source_.fill = [this](const TableSource::Sink& sink) { return fill(sink); };
  }
  FeatureFile(const FeatureFile&) = delete;
  const TableSource& source() const noexcept { return source_; }

  std::vector<FeatureSummary> summary() const {
    auto out = summary_;
    for (FeatureSummary& s : out) {
      s.mean = s.known == 0 ? kNaN : s.mean / static_cast<double>(s.known);
    }
    return out;
  }

 private:
  void rewind() {
    blocks_.clear();
    block_ = row_ = next_chunk_ = 0;
    for (FeatureSummary& s : summary_) s = {s.name, 0, 0, kNaN, kNaN};
  }

  bool more() {
    if (next_chunk_ == chunks_.size()) return false;
    const std::size_t n = std::min(chunks_.size() - next_chunk_,
                                   2 * static_cast<std::size_t>(threads()));
    blocks_.assign(n, {});
    parallel_for(n, 1, [&](std::size_t begin, std::size_t) {
      blocks_[begin] = chunks_.compute(next_chunk_ + begin);
    });
    next_chunk_ += n;
    block_ = row_ = 0;
    report(options_, next_chunk_, chunks_.size());
    return true;
  }

  std::size_t fill(const TableSource::Sink& sink) {
    if (block_ == blocks_.size() && !more()) return 0;
    const FeatureBlock& block = blocks_[block_];
    const std::size_t n = std::min(sink.capacity(), block.pairs - row_);
    put_pairs(sink, block, n);
    for (std::size_t d = 0; d < width_; ++d) put_feature(sink, block, d, n);
    row_ += n;
    if (row_ == block.pairs) {
      blocks_[block_++] = {};  // its memory is free
      row_ = 0;
    }
    return n;
  }

  void put_pairs(const TableSource::Sink& sink, const FeatureBlock& block,
                 std::size_t n) const {
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t at = chunks_.order()[block.first + row_ + i];
      sink.set_text(0, i, log_.user_names().name(index(pairs_[at].user)));
      sink.data<std::int64_t>(1)[i] = count(pairs_[at].time);
      for (std::size_t c = 0; c < extra_.columns.size(); ++c) {
        const events::Column& column = extra_.columns[c];
        if (column.is_text()) {
          sink.set_text(2 + c, i, column.text(at));
        } else if (std::isnan(column.number(at))) {
          sink.set_null(2 + c, i);
        } else {
          sink.data<double>(2 + c)[i] = column.number(at);
        }
      }
    }
  }

  void put_feature(const TableSource::Sink& sink, const FeatureBlock& block,
                   std::size_t d, std::size_t n) {
    const std::size_t field = 2 + extra_.columns.size() + d;
    auto* out = sink.data<double>(field);
    FeatureSummary& s = summary_[d];
    std::uint64_t* valid = nullptr;
    for (std::size_t i = 0; i < n; ++i) {
      const double number = block.cells[(row_ + i) * width_ + d];
      out[i] = number;
      if (std::isnan(number)) {
        if (valid == nullptr) valid = sink.validity(field);
        valid[i / 64] &= ~(1ULL << (i % 64));
        continue;
      }
      ++s.known;
      s.mean += number;
      s.low = std::fmin(s.low, number);
      s.high = std::fmax(s.high, number);
    }
  }

  const Log& log_;
  std::span<const AsOf> pairs_;
  const events::Table& extra_;
  const FeatureOptions& options_;
  std::size_t width_;
  FeatureChunks chunks_;
  std::vector<FeatureBlock> blocks_;
  std::size_t block_ = 0, row_ = 0, next_chunk_ = 0;
  std::vector<FeatureSummary> summary_;
  TableSource source_;
};

}  // namespace

std::vector<AsOf> everyone_at(const Log& log, events::Millis time) {
  std::vector<AsOf> out;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const auto history = log.history(events::UserId{u});
    if (!history.empty() && history.times[0] < time) {
      out.push_back({events::UserId{u}, time});
    }
  }
  return out;
}

events::Table compute_features(
    const Log& log, std::span<const features::Definition> definitions,
    std::span<const AsOf> pairs, const FeatureOptions& options) {
  const FeatureChunks chunks(log, definitions, pairs, options);
  events::Table out;
  for (const features::Definition& definition : definitions) {
    out.columns.push_back({definition.name, std::vector<double>(pairs.size())});
  }
  std::mutex guard;
  std::size_t done = 0;
  parallel_for(chunks.size(), 1, [&](std::size_t chunk, std::size_t) {
    const FeatureBlock block = chunks.compute(chunk);
    for (std::size_t d = 0; d < definitions.size(); ++d) {
      auto& cells = std::get<1>(out.columns[d].cells);
      for (std::size_t i = 0; i < block.pairs; ++i) {
        cells[chunks.order()[block.first + i]] =
            block.cells[i * definitions.size() + d];
      }
    }
    const std::lock_guard lock(guard);
    report(options, ++done, chunks.size());
  });
  return out;
}

std::vector<FeatureSummary> write_features(
    const std::filesystem::path& path, const Log& log,
    std::span<const features::Definition> definitions,
    std::span<const AsOf> pairs, const events::Table& extra,
    const FeatureOptions& options) {
  FeatureFile file(log, definitions, pairs, extra, options);
  Connection database;
  database.add_table("features", file.source());
  const std::string time =
      log.schema().has_clock ? "make_timestamp(\"time\" * 1000)" : "\"time\"";
  copy_out(database,
           "SELECT * REPLACE (" + time + " AS \"time\") FROM features()", path);
  return file.summary();
}

}  // namespace ensue::data
