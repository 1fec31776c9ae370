// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/code_table.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "ensue/base/error.h"
#include "ensue/base/threads.h"
#include "ensue/kernels/internal/code_scan.h"

namespace ensue::kernels {
namespace {

constexpr std::size_t kSampled = 1 << 16;  // rows that the mean is of
// Rows of like length, in which rows of like bias stand together, in which
// those with the largest numbers stand first.
constexpr std::size_t kRun = 4096, kStratum = 512;
constexpr double kBeyond = 1e30;  // numbers that are not dealt with
constexpr double kUp = 1 + 0x1p-30;

float up(double x) {
  return std::nextafter(static_cast<float>(x),
                        std::numeric_limits<float>::infinity());
}

// Roundings of a chain of `inputs` products, g in the header.
double chain_error(std::size_t inputs) {
  const double roundings = static_cast<double>(inputs + 1) * 0x1p-24;
  return roundings / (1 - roundings);
}

std::vector<float> mean_row(const LinearRows& rows) {
  const std::size_t step = (rows.outputs() + kSampled - 1) / kSampled;
  std::vector<double> sum(rows.inputs);
  double count = 0;
  for (std::size_t r = 0; r < rows.outputs(); r += step, ++count) {
    for (std::size_t k = 0; k < rows.inputs; ++k) sum[k] += rows.row(r)[k];
  }
  std::vector<float> out(rows.inputs);
  for (std::size_t k = 0; k < rows.inputs && count > 0; ++k) {
    out[k] = static_cast<float>(sum[k] / count);
  }
  return out;
}

std::int32_t with_half(std::int32_t halves, int half, int shift) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(halves) |
                                   static_cast<std::uint32_t>(half) << shift);
}

double length_of(std::span<const float> x) {
  double sum = 0;
  for (const float v : x) sum += double{v} * v;
  return std::sqrt(sum);
}

// Stable, by falling numbers of at least 0, whose bits rise as they do.
std::vector<std::uint32_t> falling(const std::vector<float>& numbers) {
  std::vector<std::uint32_t> order(numbers.size()), other(numbers.size());
  std::iota(order.begin(), order.end(), 0U);
  for (int shift = 0; shift < 33; shift += 11) {
    const auto digit = [&](std::uint32_t i) {
      return (~std::bit_cast<std::uint32_t>(numbers[i]) >> shift) & 2047U;
    };
    std::vector<std::uint32_t> begin(2049);
    for (const std::uint32_t i : order) ++begin[digit(i) + 1];
    std::partial_sum(begin.begin(), begin.end(), begin.begin());
    for (const std::uint32_t i : order) other[begin[digit(i)]++] = i;
    order.swap(other);
  }
  return order;
}

}  // namespace

// What a row's place depends on.
struct CodeTable::Extent {
  float length;   // of the row less the mean
  float largest;  // of its numbers, likewise
  float most;     // of the row's own numbers and its bias
};

CodeTable::CodeTable(const LinearRows& rows)
    : rows_(rows.outputs()),
      inputs_(rows.inputs),
      pairs_((rows.inputs + 7) / 8) {
  const std::size_t count = rows.outputs();
  if (inputs_ > kMostInputs || count >> 31 != 0) {
    invalid("codes of " + std::to_string(count) + " x " +
            std::to_string(inputs_) + " weights, expected at most " +
            std::to_string(kMostInputs) + " a row");
  }
  std::vector<Extent> extents(count);
  mean_ = mean_row(rows);
  mean_length_ = length_of(mean_);
  parallel_for(count, 4096, [&](std::size_t begin, std::size_t end) {
    for (std::size_t r = begin; r < end; ++r) {
      const float* row = rows.row(r);
      double sum = 0;
      float largest = 0;
      float most = rows.bias.empty() ? 0.0F : std::abs(rows.bias[r]);
      bool finite = std::isfinite(most);
      for (std::size_t k = 0; k < inputs_; ++k) {
        const float v = row[k] - mean_[k];
        sum += double{v} * v;
        largest = std::max(largest, std::abs(v));
        most = std::max(most, std::abs(row[k]));
        finite =
            finite && std::abs(row[k]) <= std::numeric_limits<float>::max();
      }
      if (!finite) most = std::numeric_limits<float>::infinity();
      extents[r] = {static_cast<float>(std::sqrt(sum)), largest, most};
    }
  });
  for (std::size_t r = 0; r < count; ++r) {
    if (std::isinf(extents[r].most)) {
      throw Error(Code::kCorrupt, "weights of item " + std::to_string(r) +
                                      ": not all are finite numbers");
    }
    largest_ = std::max(largest_, double{extents[r].most});
  }
  if (largest_ >= kBeyond) return;
  arrange(rows, extents);
  parallel_for(blocks(), 16, [&](std::size_t begin, std::size_t end) {
    for (std::size_t b = begin; b < end; ++b) encode(rows, extents, b);
  });
}

void CodeTable::arrange(const LinearRows& rows,
                        std::span<const Extent> extents) {
  const std::size_t count = extents.size();
  std::vector<float> lengths(count);
  for (std::size_t r = 0; r < count; ++r) lengths[r] = extents[r].length;
  order_ = falling(lengths);
  const auto sort_by = [&](std::span<std::uint32_t> part, const auto& key) {
    std::ranges::sort(part, [&](std::uint32_t a, std::uint32_t b) {
      return key(a) != key(b) ? key(a) > key(b) : a < b;
    });
  };
  parallel_for(count, kRun, [&](std::size_t begin, std::size_t end) {
    const auto run = std::span(order_).subspan(begin, end - begin);
    if (!rows.bias.empty()) {
      sort_by(run, [&](std::uint32_t row) { return rows.bias[row]; });
    }
    for (std::size_t at = 0; at < run.size(); at += kStratum) {
      sort_by(run.subspan(at, std::min(kStratum, run.size() - at)),
              [&](std::uint32_t row) { return extents[row].largest; });
    }
  });
  blocks_.resize((count + kBlock - 1) / kBlock);
  order_.resize(blocks() * kBlock, kNone);
  high_ = huge_memory<std::int32_t>(blocks() * pairs_ * kBlock);
  low_ = huge_memory<std::int32_t>(blocks() * pairs_ * kBlock);
  if (!rows.bias.empty()) bias_.resize(order_.size());
}

void CodeTable::encode(const LinearRows& rows, std::span<const Extent> extents,
                       std::size_t block) {
  const double chain = chain_error(inputs_);
  const std::uint32_t* order = order_.data() + block * kBlock;
  const std::size_t count = std::min(kBlock, rows_ - block * kBlock);
  float largest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    largest = std::max(largest, extents[order[i]].largest);
  }
  const float scale =
      std::max(largest / 127, std::numeric_limits<float>::min());
  CodeBlock of{scale, rows.bias.empty() ? 0.0F : -1e30F, 0, 0, 0, 0};
  std::int32_t* high = high_.get() + block * pairs_ * kBlock;
  std::int32_t* low = low_.get() + block * pairs_ * kBlock;
  for (std::size_t i = 0; i < count; ++i) {
    const float* row = rows.row(order[i]);
    double own = 0, error = 0, size = 0, coarse = 0;
    for (std::size_t k = 0; k < inputs_; ++k) {
      const float v = row[k] - mean_[k];
      const int code = std::clamp(static_cast<int>(v / scale + 128.5F), 1, 255);
      const float coded = scale * static_cast<float>(code - 128);
      const float left = v - coded;
      const float centred = static_cast<float>(code & 15) - 7.5F;
      own += double{row[k]} * row[k];
      error += double{left} * left;
      size += double{coded} * coded;
      coarse += double{centred} * centred;
      const std::size_t at = k / 8 * kBlock + i;
      const auto shift = static_cast<int>(k % 4 * 8 + k % 8 / 4 * 4);
      high[at] = with_half(high[at], code >> 4, shift);
      low[at] = with_half(low[at], code & 15, shift);
    }
    const double length = std::sqrt(own);
    const double rounded = 0x1p-18 * (length + mean_length_) + 0x1p-140;
    of.error =
        std::max(of.error, up(std::sqrt(error) + rounded + chain * length));
    of.reach = std::max(of.reach, up(double{extents[order[i]].length} * kUp +
                                     rounded + chain * length));
    of.size = std::max(of.size, up(std::sqrt(size) + rounded));
    of.coarse = std::max(of.coarse, up(scale * std::sqrt(coarse) * kUp));
    if (rows.bias.empty()) continue;
    const double bias = rows.bias[order[i]];
    float& kept = bias_[block * kBlock + i];
    kept = up(bias + (chain + 0x1p-20) * std::abs(bias));
    of.top = std::max(of.top, kept);
  }
  blocks_[block] = of;
}

void CodeTable::prepare(std::span<const float> x, CodeQuery& query) const {
  double largest = 0, sizes = 0;
  for (std::size_t k = 0; k < inputs_; ++k) {
    sizes += std::abs(x[k]);
    largest = std::max(largest, double{std::abs(x[k])});
  }
  query.usable_ = largest_ < kBeyond && (1 + largest_) * (1 + sizes) < kBeyond;
  if (!query.usable_) return;
  query.step_ = largest > 0 ? largest / 127 : 1;
  query.codes_.assign(2 * pairs_, 0);
  double own = 0, left = 0, coded = 0;
  query.sum_ = query.sizes_ = query.base_ = 0;
  for (std::size_t k = 0; k < inputs_; ++k) {
    const double code = std::nearbyint(x[k] / query.step_);
    const double rest = x[k] - query.step_ * code;
    own += double{x[k]} * x[k];
    left += rest * rest;
    coded += code * code;
    query.sum_ += code;
    query.sizes_ += std::abs(code);
    query.base_ += double{x[k]} * mean_[k];
    const auto byte = static_cast<std::uint8_t>(static_cast<std::int8_t>(code));
    auto& group = query.codes_[k / 4];
    group = static_cast<std::int32_t>(static_cast<std::uint32_t>(group) |
                                      std::uint32_t{byte} << (k % 4 * 8));
  }
  query.length_ = std::sqrt(own) * kUp;
  query.rest_ = std::sqrt(left) + 0x1p-40 * query.length_;
  query.whole_ = query.step_ * std::sqrt(coded) * kUp;
  query.slack_ = 0x1p-40 * query.length_ * mean_length_ +
                 static_cast<double>(inputs_ + 1) * 0x1p-149;
}

CodeHit CodeTable::next(const CodeQuery& query, float threshold,
                        std::size_t from, std::size_t end) const noexcept {
  CodeHit hit =
      next_hit({.high = high_.get(),
                .low = low_.get(),
                .blocks = blocks_.data(),
                .bias = bias_.empty() ? nullptr : bias_.data(),
                .codes = query.codes_.data(),
                .pairs = pairs_,
                .from = from,
                .end = end,
                .step = query.step_,
                .sum = query.sum_,
                .sizes = query.sizes_,
                .length = query.length_,
                .rest = query.rest_,
                .whole = query.whole_,
                .threshold = threshold - 0x1p-40 * std::abs(double{threshold}) -
                             query.base_ - query.slack_});
  const std::size_t behind = blocks() * kBlock - rows();
  if (hit.block + 1 == blocks() && behind > 0) {
    hit.items &= ~std::uint64_t{0} >> behind;
    if (hit.items == 0) hit.block = end;
  }
  return hit;
}

}  // namespace ensue::kernels
