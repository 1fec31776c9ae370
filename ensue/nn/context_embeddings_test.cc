// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <limits>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/fields.h"
#include "ensue/nn/block.h"
#include "ensue/nn/internal/test_model.h"

namespace ensue::nn {
namespace {

struct Made {
  Parameters parameters;
  std::unique_ptr<Block> block;

  template <class Config>
  Made(const std::string& type, const Config& config) {
    Rng rng(1);
    Scope scope(parameters, rng, "inputs.1");
    block = blocks().find(type).make(write_fields(config), {4, 1}, scope);
  }
  at::Tensor run(const Packed& batch) {
    const at::NoGradGuard off;
    return block->forward(at::Tensor(), {.batch = batch});
  }
  at::Tensor row(std::size_t parameter, std::int64_t i) const {
    return parameters[parameter]->value[i];
  }
};

// Two sequences, three events and two.
Packed batch() {
  Packed out;
  out.items = {0, 1, 2, 3, 0};
  out.offsets = {0, 3, 5};
  constexpr std::int64_t kHour = 3'600'000;
  // Thursday 00:00, 00:00 and 03:00; Wednesday 23:00, Monday 11:00.
  for (const std::int64_t hours : {0, 0, 3, -1, 107}) {
    out.times.push_back(events::Millis{hours * kHour});
  }
  out.values = {std::numeric_limits<float>::quiet_NaN(), -2, 0, 1, 2};
  return out;
}

TEST(GapEmbedding, CountsFromTheEventBeforeWithinASequence) {
  Made made("gap_embedding",
            artifact::GapEmbeddingConfig{.width = 3, .buckets = 64});
  const at::Tensor out = made.run(batch());
  const std::int64_t rows[] = {64, 0, 0, 64, 0};
  for (const std::int64_t i : {0, 1, 3}) {
    EXPECT_TRUE(at::equal(out[i], made.row(0, rows[i]))) << i;
  }
  const auto bucket = artifact::time_bucket(3 * 3'600'000, 64);
  EXPECT_TRUE(
      at::equal(out[2], made.row(0, static_cast<std::int64_t>(bucket))));
}

TEST(CalendarEmbedding, AddsHourAndWeekday) {
  Made made("calendar_embedding", artifact::CalendarEmbeddingConfig{3});
  const at::Tensor out = made.run(batch());
  const std::int64_t hours[] = {0, 0, 3, 23, 11}, days[] = {3, 3, 3, 2, 0};
  for (std::int64_t i = 0; i < 5; ++i) {
    EXPECT_TRUE(at::equal(out[i], made.row(0, hours[i]) + made.row(1, days[i])))
        << i;
  }
}

TEST(ValueEmbedding, HasRowsForNoneAndForLosses) {
  Made made("value_embedding",
            artifact::ValueEmbeddingConfig{.width = 3, .buckets = 8});
  const at::Tensor out = made.run(batch());
  const std::int64_t rows[] = {0, 1, 2, 5, 7};  // 1 in the middle of 3 … 7
  for (std::int64_t i = 0; i < 5; ++i) {
    EXPECT_TRUE(at::equal(out[i], made.row(0, rows[i]))) << i;
  }
}

TEST(ContextEmbeddings, RefuseTooFewBuckets) {
  EXPECT_THROW(Made("gap_embedding", artifact::GapEmbeddingConfig{3, 0}),
               Error);
  EXPECT_THROW(Made("value_embedding", artifact::ValueEmbeddingConfig{3, 3}),
               Error);
}

}  // namespace
}  // namespace ensue::nn
