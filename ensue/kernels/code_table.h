// SPDX-License-Identifier: Apache-2.0
// A catalogue in 8-bit codes that says which items may score high.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ensue/kernels/chosen_rows.h"
#include "ensue/kernels/huge_memory.h"

namespace ensue::kernels {

/// What a block of codes has in common; bounds are rounded up. Notation below.
struct CodeBlock {
  float scale;   // s
  float top;     // max b_i, with its roundings: + (g + 2^-20) |b_i|
  float reach;   // max |w_i - m| + g max |w_i|
  float error;   // max |e_i| + g max |w_i|
  float size;    // max |s q_i|
  float coarse;  // max s |l_i - 7.5|
};

/// A vector to compare with the items. Reused, it allocates nothing.
class CodeQuery {
 public:
  /// False: its scores might leave the numbers of fp32, or the items are beyond
  /// what bounds are good for; nothing is known then.
  bool usable() const noexcept { return usable_; }

 private:
  friend class CodeTable;
  std::vector<std::int32_t> codes_;  // p, four to a number
  bool usable_ = false;
  double step_ = 1;                           // t
  double sum_ = 0;                            // of p
  double sizes_ = 0;                          // of |p|
  double base_ = 0;                           // x . m
  double length_ = 0, rest_ = 0, whole_ = 0;  // |x|, |f|, t |p|
  double slack_ = 0;                          // of all but the threshold
};

/// Items of one block, a bit each.
struct CodeHit {
  std::size_t block;
  std::uint64_t items;
};

/// Upper bounds of what chosen_rows() gives for every row, without reading the
/// rows. 64 rows of like length make a block; its rows have one scale. Costs a
/// byte per weight and 4 to 8 per row. Immutable, thread-safe.
///
/// Let C_i be the fp32 result for row w_i, bias b_i and query x of n numbers,
/// m about the mean row, and in a block of scale s
///   w_i = m + s q_i + e_i   with integers |q_i| <= 127, e_i what is left,
///   x   = t p + f           with integers |p| <= 127.
/// A chain of n products and sums, fused or not, rounds every term n + 1 times
/// at most (Higham 2002, ch. 3): with u = 2^-24, g = (n + 1) u / (1 - (n + 1)
/// u)
///   |C_i - (b_i + x.w_i)| <= g (|b_i| + |x||w_i|) + (n + 1) 2^-149,
/// because sum |x_k w_ik| <= |x||w_i|; the last term is underflow. And
///   b_i + x.w_i = b_i + x.m + t s p.q_i + s f.q_i + x.e_i,
/// so by Cauchy and Schwarz
///   C_i <= b_i + x.m + t s p.q_i + |f||s q_i| + |x||e_i| + the above.   (A)
/// A code is q + 128 = 16 h + l, h and l in 0 … 15. The scan reads h alone:
///   p.q_i <= p.(16 h_i - 120.5) + |p||l_i - 7.5|,                       (B)
/// and l only where several items of a block pass. A block is skipped unread if
///   b + x.m + |x||w_i - m|                                              (C)
/// is too small. Integer sums are exact; e_i and lengths are taken in fp32, for
/// which they grow by 2^-18 (|w_i| + |m|) + 2^-140 (sums of squares are in
/// double: about 6 roundings); the rest is in double, with a slack of 2^-40 of
/// every term that may cancel.
class CodeTable {
 public:
  static constexpr std::size_t kBlock = 64;
  static constexpr std::size_t kMostInputs = 1024;
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  CodeTable() = default;
  /// @param rows  copied; at most kMostInputs inputs and 2^31 rows.
  /// @throws Error(kCorrupt) naming the first row with a number that is not
  ///   finite, Error(kInvalidArgument) when there are too many, Error
  ///   (kUnavailable) without memory.
  explicit CodeTable(const LinearRows& rows);

  std::size_t rows() const noexcept { return rows_; }
  std::size_t blocks() const noexcept { return blocks_.size(); }
  /// Rows in the order of blocks; kNone behind the last: [blocks, kBlock].
  std::span<const std::uint32_t> order() const noexcept { return order_; }

  /// @param x  [inputs].
  void prepare(std::span<const float> x, CodeQuery& query) const;

  /// The first block in [from, end) with rows that may reach `threshold`, and
  /// these rows; block `end` if there is none. No row is left out that does.
  /// @param query  usable.
  CodeHit next(const CodeQuery& query, float threshold, std::size_t from,
               std::size_t end) const noexcept;

 private:
  struct Extent;
  Extent extent_of(std::span<const float> row, float bias) const;
  void arrange(const LinearRows& rows, std::span<const Extent> extents);
  void encode(const LinearRows& rows, std::span<const Extent> extents,
              std::size_t block);

  std::size_t rows_ = 0, inputs_ = 0, pairs_ = 0;  // pairs: of four numbers
  std::vector<float> mean_;
  double mean_length_ = 0, largest_ = 0;  // largest: of all numbers
  std::vector<CodeBlock> blocks_;
  std::vector<std::uint32_t> order_;
  std::vector<float> bias_;  // in that order; empty: none
  // [blocks, pairs, kBlock]: h or l of number c of a pair's first four in the
  // low half of byte c, of its second four in the high half.
  HugeMemory<std::int32_t> high_, low_;
};

}  // namespace ensue::kernels
