// SPDX-License-Identifier: Apache-2.0
// The inputs gap_embedding, calendar_embedding and value_embedding: what an
// event's time and value say, in buckets.
#include <functional>
#include <string>
#include <utility>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/fields.h"
#include "ensue/nn/internal/makers.h"
#include "ensue/nn/ops.h"

namespace ensue::nn {
namespace {

using Ids = std::vector<std::int64_t>;

constexpr double kEmbeddingDeviation = 0.02;

class ContextEmbedding : public Block {
 public:
  using Bucket = std::function<Ids(const Packed&)>;
  ContextEmbedding(Parameter& table, Bucket bucket)
      : table_(table), bucket_(std::move(bucket)) {}
  at::Tensor forward(const at::Tensor&, const Pass& pass) override {
    Ids ids = bucket_(pass.batch);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (pass.batch.items[i] == kMasked) ids[i] = kMasked;
    }
    return embed(table_, ids);
  }

 private:
  Parameter& table_;
  Bucket bucket_;
};

/// The sum of two of them.
class Both : public Block {
 public:
  Both(MadeBlock a, MadeBlock b) : a_(std::move(a)), b_(std::move(b)) {}
  at::Tensor forward(const at::Tensor& x, const Pass& pass) override {
    return a_->forward(x, pass) + b_->forward(x, pass);
  }

 private:
  MadeBlock a_, b_;
};

template <class F>
Ids for_times(const Packed& batch, const F& bucket) {
  Ids out;
  out.reserve(batch.size());
  for (const events::Millis time : batch.times) {
    out.push_back(static_cast<std::int64_t>(bucket(time)));
  }
  return out;
}

// The bucket behind the last one: the first event of a sequence.
Ids gaps(const Packed& batch, std::size_t buckets) {
  Ids out(batch.size(), static_cast<std::int64_t>(buckets));
  for (std::size_t s = 0; s < batch.sequences(); ++s) {
    const auto first = static_cast<std::size_t>(batch.offsets[s]);
    for (std::size_t i = first + 1; i < first + batch.length(s); ++i) {
      const std::int64_t gap =
          events::count(batch.times[i]) - events::count(batch.times[i - 1]);
      out[i] = static_cast<std::int64_t>(artifact::time_bucket(gap, buckets));
    }
  }
  return out;
}

MadeBlock table_of(Scope& scope, const std::string& name, std::size_t rows,
                   int width, ContextEmbedding::Bucket bucket) {
  Parameter& table = scope.make_table(name, static_cast<std::int64_t>(rows),
                                      width, Init::normal(kEmbeddingDeviation));
  return std::make_unique<ContextEmbedding>(table, std::move(bucket));
}

std::size_t checked_buckets(const std::string& block, int buckets, int least) {
  if (buckets < least) {
    invalid(block + ".buckets: " + std::to_string(buckets) +
            ", expected at least " + std::to_string(least));
  }
  return static_cast<std::size_t>(buckets);
}

}  // namespace

MadeBlock make_gap_embedding(const JsonObject& json, const Sizes&,
                             Scope& scope) {
  artifact::GapEmbeddingConfig config;
  read_fields(config, json, "gap_embedding");
  const std::size_t buckets =
      checked_buckets("gap_embedding", config.buckets, 1);
  return table_of(
      scope, "weight", buckets + 1, config.width,
      [buckets](const Packed& batch) { return gaps(batch, buckets); });
}

MadeBlock make_calendar_embedding(const JsonObject& json, const Sizes&,
                                  Scope& scope) {
  artifact::CalendarEmbeddingConfig config;
  read_fields(config, json, "calendar_embedding");
  MadeBlock hours = table_of(
      scope, "hour", artifact::kHours, config.width,
      [](const Packed& batch) { return for_times(batch, artifact::hour_of); });
  MadeBlock weekdays = table_of(scope, "weekday", artifact::kWeekdays,
                                config.width, [](const Packed& batch) {
                                  return for_times(batch, artifact::weekday_of);
                                });
  return std::make_unique<Both>(std::move(hours), std::move(weekdays));
}

MadeBlock make_value_embedding(const JsonObject& json, const Sizes&,
                               Scope& scope) {
  artifact::ValueEmbeddingConfig config;
  read_fields(config, json, "value_embedding");
  const std::size_t buckets = checked_buckets("value_embedding", config.buckets,
                                              artifact::kFewestValueBuckets);
  return table_of(scope, "weight", buckets, config.width,
                  [buckets](const Packed& batch) {
                    Ids out;
                    out.reserve(batch.size());
                    for (const float value : batch.values) {
                      out.push_back(static_cast<std::int64_t>(
                          artifact::value_bucket(value, buckets)));
                    }
                    return out;
                  });
}

}  // namespace ensue::nn
