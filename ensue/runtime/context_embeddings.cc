// SPDX-License-Identifier: Apache-2.0
// The inputs gap_embedding, calendar_embedding and value_embedding.
#include "ensue/artifact/block_configs.h"
#include "ensue/kernels/train_rows.h"
#include "ensue/runtime/internal/blocks.h"

namespace ensue::runtime {
namespace {

/// A table of vectors, read where it lies in the artifact.
struct Table {
  std::span<const float> rows;
  std::size_t width;

  Table(const BlockSource& source, std::string_view name, std::size_t count,
        std::size_t row)
      : rows(source.floats(name, {static_cast<std::int64_t>(count),
                                  static_cast<std::int64_t>(row)})),
        width(row) {}
  void add(std::size_t row, std::span<float> out) const noexcept {
    kernels::add_scaled(rows.data() + row * width, 1.0F, out.data(), width);
  }
};

class GapEmbedding final : public Input {
 public:
  GapEmbedding(const BlockSource& source, std::size_t width,
               std::size_t buckets)
      : buckets_(buckets), table_(source, "weight", buckets + 1, width) {}
  std::size_t width() const noexcept override { return table_.width; }
  bool looks_back() const noexcept override { return true; }
  void add(const events::Event& event, const Place& place,
           std::span<float> out) const noexcept override {
    if (event.item == events::kNoItem) return;  // not shown
    if (place.before == nullptr) return table_.add(buckets_, out);
    const std::int64_t gap =
        events::count(event.time) - events::count(place.before->time);
    table_.add(artifact::time_bucket(gap, buckets_), out);
  }

 private:
  std::size_t buckets_;
  Table table_;
};

class CalendarEmbedding final : public Input {
 public:
  CalendarEmbedding(const BlockSource& source, std::size_t width)
      : hours_(source, "hour", artifact::kHours, width),
        weekdays_(source, "weekday", artifact::kWeekdays, width) {}
  std::size_t width() const noexcept override { return hours_.width; }
  void add(const events::Event& event, const Place&,
           std::span<float> out) const noexcept override {
    if (event.item == events::kNoItem) return;  // not shown
    hours_.add(artifact::hour_of(event.time), out);
    weekdays_.add(artifact::weekday_of(event.time), out);
  }

 private:
  Table hours_, weekdays_;
};

class ValueEmbedding final : public Input {
 public:
  ValueEmbedding(const BlockSource& source, std::size_t width,
                 std::size_t buckets)
      : buckets_(buckets), table_(source, "weight", buckets, width) {}
  std::size_t width() const noexcept override { return table_.width; }
  void add(const events::Event& event, const Place&,
           std::span<float> out) const noexcept override {
    if (event.item == events::kNoItem) return;  // not shown
    table_.add(artifact::value_bucket(event.value, buckets_), out);
  }

 private:
  std::size_t buckets_;
  Table table_;
};

}  // namespace

std::unique_ptr<const Input> make_gap_embedding(const BlockSource& source) {
  const auto config = source.config<artifact::GapEmbeddingConfig>();
  return std::make_unique<GapEmbedding>(source,
                                        source.size("width", config.width),
                                        source.size("buckets", config.buckets));
}

std::unique_ptr<const Input> make_calendar_embedding(
    const BlockSource& source) {
  const auto config = source.config<artifact::CalendarEmbeddingConfig>();
  return std::make_unique<CalendarEmbedding>(
      source, source.size("width", config.width));
}

std::unique_ptr<const Input> make_value_embedding(const BlockSource& source) {
  const auto config = source.config<artifact::ValueEmbeddingConfig>();
  source.require(config.buckets >= artifact::kFewestValueBuckets,
                 "buckets is " + std::to_string(config.buckets) +
                     ", expected at least " +
                     std::to_string(artifact::kFewestValueBuckets));
  return std::make_unique<ValueEmbedding>(
      source, source.size("width", config.width),
      source.size("buckets", config.buckets));
}

}  // namespace ensue::runtime
