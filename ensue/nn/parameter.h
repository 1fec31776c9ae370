// SPDX-License-Identifier: Apache-2.0
// What is learnt: a tensor, its gradient, and which rows of it have one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ensue/base/rng.h"
#include "ensue/nn/torch.h"

namespace ensue::nn {

/// What matrix products read; sums, masters and everything else are fp32.
enum class Precision { kFp32, kBf16 };

/// What a row of a parameter belongs to.
enum class RowOf { kNothing, kItem, kAction };

/// Which rows of a table have a gradient. Marking, reading and clearing cost
/// what is marked, however many rows there are.
class RowMarks {
 public:
  /// Forgets every mark; `rows` rows from now on.
  void resize(std::size_t rows);
  bool has(std::size_t row) const noexcept { return marked_[row] != 0; }
  /// Marks a row; true: it was not marked before. Threads that mark rows of
  /// their own hand what is new to add_fresh() when all have ended.
  bool mark_only(std::size_t row) noexcept {
    const bool fresh = marked_[row] == 0;
    marked_[row] = 1;
    return fresh;
  }
  void add_fresh(std::span<const std::uint32_t> rows);
  void add(std::size_t row);  // one thread alone
  /// The marked rows, ascending, whatever the order of marking was.
  std::span<const std::uint32_t> rows();
  void clear();

 private:
  std::vector<std::uint8_t> marked_;
  std::vector<std::uint32_t> rows_;
  bool sorted_ = true;
};

/// A parameter of a model. Ops add to `grad` themselves; the optimiser reads
/// and clears it. `grad` is zero outside the marked rows.
struct Parameter {
  std::string name;        // as in the artifact: "blocks.0.weight_ih"
  at::Tensor value, grad;  // fp32, contiguous, same shape and device
  bool by_row = false;     // an embedding: rows without gradient are skipped
  bool all_rows = true;    // every row has a gradient (always, if !by_row)
  RowMarks marks;          // when by_row
  RowOf row_of = RowOf::kNothing;
  bool unit_rows = false;  // every row has length 1, after every step

  // On the CPU.
  float* data() const { return value.data_ptr<float>(); }
  float* slope() const { return grad.data_ptr<float>(); }
  std::size_t size() const { return static_cast<std::size_t>(value.numel()); }
  std::size_t rows() const { return static_cast<std::size_t>(value.size(0)); }
  std::size_t row_size() const { return rows() == 0 ? 0 : size() / rows(); }

  void mark_all() noexcept { all_rows = true; }
  void clear_marks();
  std::vector<std::int64_t> marked_rows();
  /// Brings the marked rows, or all, to length 1; rows of zeros stay.
  void make_unit();
  /// Zeroes the gradient where it is not, and its marks.
  void clear_gradient();

  Precision precision = Precision::kFp32;
  /// `value` as products read it: itself, or a bf16 copy of it that is made
  /// at the first call after changed().
  const at::Tensor& factor();
  /// To be called by whoever writes to `value`.
  void changed() noexcept { copied = false; }
  at::Tensor copy;  // bf16
  bool copied = false;

  /// `value` as a leaf of torch's graph, which adds to `grad`: what portable
  /// ops read. Valid until to().
  const at::Tensor& traced();
  at::Tensor leaf;
  /// Moves value and gradient.
  void to(const at::Device& device);
};

/// Owns the parameters of a model, in order of creation.
using Parameters = std::vector<std::unique_ptr<Parameter>>;
/// Some of them.
using ParameterList = std::vector<Parameter*>;
ParameterList all_of(const Parameters& parameters);

/// How a parameter starts.
struct Init {
  enum class Kind { kZero, kOne, kNormal, kUniform } kind = Kind::kZero;
  double scale = 0;  // standard deviation, or the bound of +-uniform

  static Init zero() { return {}; }
  static Init one() { return {Kind::kOne, 1}; }
  static Init normal(double deviation) { return {Kind::kNormal, deviation}; }
  static Init uniform(double bound) { return {Kind::kUniform, bound}; }
};

/// Where one block makes its parameters and its dropout sites: everything it
/// makes is named "<section>.<place>.…".
class Scope {
 public:
  Scope(Parameters& out, Rng& rng, std::string prefix)
      : out_(out), rng_(rng), prefix_(std::move(prefix)) {}

  Parameter& make(const std::string& name, std::vector<std::int64_t> shape,
                  Init init);
  /// A parameter whose rows are used one at a time.
  Parameter& make_table(const std::string& name, std::int64_t rows,
                        std::int64_t width, Init init);
  /// The same with one number per row: shape [rows].
  Parameter& make_column(const std::string& name, std::int64_t rows, Init init);
  /// The full name of something that the block stores.
  std::string name(const std::string& part) const {
    return prefix_ + "." + part;
  }
  /// A number that no other dropout of the model has.
  std::uint64_t make_site();

 private:
  Parameter& make_by_row(const std::string& name,
                         std::vector<std::int64_t> shape, Init init);

  Parameters& out_;
  Rng& rng_;
  std::string prefix_;
  int sites_ = 0;
};

}  // namespace ensue::nn
