// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/code_table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
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

// Eight numbers side by side, in loops that compilers make vectors of.
constexpr std::size_t kEight = 8;
using Eight = std::array<float, kEight>;

inline Eight eight_of(std::span<const float> row, std::size_t from) {
  Eight out;
  const std::size_t count = row.size() - from;
  if (count >= kEight) {
    std::memcpy(out.data(), row.data() + from, sizeof out);
  } else {
    out.fill(0);
    std::memcpy(out.data(), row.data() + from, count * sizeof(float));
  }
  return out;
}

// Codes of one row, and squares of what bounds are made of.
struct RowCodes {
  std::array<double, kEight> own{}, left{}, coded{};
  std::array<std::int32_t, kEight> coarse{};  // of 2 l - 15

  void add(const Eight& row, const Eight& mean, float scale, float inverse,
           std::int32_t& high, std::int32_t& low) {
    std::array<std::int32_t, kEight> codes;
    for (std::size_t j = 0; j < kEight; ++j) {
      const float v = row[j] - mean[j];
      const auto near = static_cast<std::int32_t>(v * inverse + 128.5F);
      const std::int32_t code = std::min(std::max(near, 1), 255);
      const float of_code = scale * static_cast<float>(code - 128);
      const float rest = v - of_code;
      const std::int32_t centred = 2 * (code & 15) - 15;
      own[j] += double{row[j]} * row[j];
      left[j] += double{rest} * rest;
      coded[j] += double{of_code} * of_code;
      coarse[j] += centred * centred;
      codes[j] = code;
    }
    std::uint32_t h = 0, l = 0;
    for (std::size_t j = 0; j < kEight; ++j) {
      const auto code = static_cast<std::uint32_t>(codes[j]);
      const auto shift = static_cast<int>(j % 4 * 8 + j / 4 * 4);
      h |= (code >> 4) << shift;
      l |= (code & 15) << shift;
    }
    high = static_cast<std::int32_t>(h);
    low = static_cast<std::int32_t>(l);
  }
};

template <class Numbers>
double root_of_sum(const Numbers& squares) {
  double sum = 0;
  for (const auto square : squares) sum += square;
  return std::sqrt(sum);
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

CodeTable::Extent CodeTable::extent_of(std::span<const float> row,
                                       float bias) const {
  std::array<double, kEight> squares{};
  Eight largest{}, most{};
  bool finite = std::isfinite(bias);
  for (std::size_t k = 0; k < row.size(); k += kEight) {
    const Eight own = eight_of(row, k), mean = eight_of(mean_, k);
    std::array<bool, kEight> good;
    for (std::size_t j = 0; j < kEight; ++j) {
      const float v = own[j] - mean[j];
      squares[j] += double{v} * v;
      largest[j] = std::max(largest[j], std::abs(v));
      most[j] = std::max(most[j], std::abs(own[j]));
      good[j] = own[j] - own[j] == 0;
    }
    for (const bool is : good) finite = finite && is;
  }
  return {static_cast<float>(root_of_sum(squares)), std::ranges::max(largest),
          finite ? std::max(std::abs(bias), std::ranges::max(most))
                 : std::numeric_limits<float>::infinity()};
}

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
      extents[r] =
          extent_of({row, inputs_}, rows.bias.empty() ? 0.0F : rows.bias[r]);
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
    RowCodes codes;
    for (std::size_t k = 0; k < inputs_; k += kEight) {
      const std::size_t at = k / kEight * kBlock + i;
      codes.add(eight_of({row, inputs_}, k), eight_of(mean_, k), scale,
                1 / scale, high[at], low[at]);
    }
    // Numbers behind the last have l = 0 and no query.
    codes.coarse[kEight - 1] -=
        static_cast<std::int32_t>(pairs_ * kEight - inputs_) * 15 * 15;
    const double length = root_of_sum(codes.own);
    const double rounded = 0x1p-18 * (length + mean_length_) + 0x1p-140;
    of.error = std::max(of.error,
                        up(root_of_sum(codes.left) + rounded + chain * length));
    of.reach = std::max(of.reach, up(double{extents[order[i]].length} * kUp +
                                     rounded + chain * length));
    of.size = std::max(of.size, up(root_of_sum(codes.coded) + rounded));
    of.coarse =
        std::max(of.coarse, up(scale / 2 * root_of_sum(codes.coarse) * kUp));
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
