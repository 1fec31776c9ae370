// SPDX-License-Identifier: Apache-2.0
// The layers rnn, gru and lstm. Memory: exact, the hidden state (and for lstm
// the cell behind it). The input's share of the gates is one product for all
// events, the state's share one product per event.
#include <algorithm>

#include "ensue/artifact/block_configs.h"
#include "ensue/kernels/gates.h"
#include "ensue/kernels/packed_linear.h"
#include "ensue/kernels/rows.h"
#include "ensue/runtime/internal/blocks.h"

namespace ensue::runtime {
namespace {

/// @tparam kGates  rows of the weights per unit.
template <std::size_t kGates>
class Recurrent : public Layer {
 public:
  explicit Recurrent(const BlockSource& source) {
    const auto config = source.config<artifact::RecurrentConfig>();
    source.size("inputs", config.inputs);
    hidden_ = source.size("hidden", config.hidden);
    const std::int64_t rows = static_cast<std::int64_t>(kGates) * config.hidden;
    input_ = {source.floats("weight_ih", {rows, config.inputs}),
              source.floats("bias_ih", {rows}), kGates * hidden_,
              static_cast<std::size_t>(config.inputs)};
    state_ = {source.floats("weight_hh", {rows, config.hidden}),
              source.floats("bias_hh", {rows}), kGates * hidden_, hidden_};
  }
  std::size_t inputs() const noexcept final { return input_.inputs(); }
  std::size_t outputs() const noexcept final { return hidden_; }
  std::size_t memory() const noexcept override { return hidden_; }
  std::size_t scratch(std::size_t rows) const noexcept final {
    return (rows + 1) * kGates * hidden_;
  }

  void run(std::span<const float> x, const Steps& steps,
           std::span<float> memory, std::span<float> scratch,
           std::span<float> out) const noexcept final {
    const std::size_t rows = steps.size(), gates = kGates * hidden_;
    const auto from_input = scratch.first(rows * gates);
    const auto from_state = scratch.subspan(rows * gates, gates);
    input_.apply(x, rows, from_input);
    const auto h = memory.first(hidden_);
    for (std::size_t r = 0; r < rows; ++r) {
      state_.apply(h, 1, from_state);
      cell(from_input.subspan(r * gates, gates), from_state, memory);
      std::copy(h.begin(), h.end(), out.begin() + r * hidden_);
    }
  }

 protected:
  /// One event: `memory` goes to its next value.
  virtual void cell(std::span<float> from_input,
                    std::span<const float> from_state,
                    std::span<float> memory) const noexcept = 0;
  std::size_t hidden() const noexcept { return hidden_; }

 private:
  std::size_t hidden_ = 0;
  kernels::PackedLinear input_, state_;
};

class Rnn final : public Recurrent<1> {
 public:
  using Recurrent::Recurrent;

 private:
  void cell(std::span<float> from_input, std::span<const float> from_state,
            std::span<float> memory) const noexcept override {
    kernels::add_row(from_state, from_input);
    std::copy(from_input.begin(), from_input.end(), memory.begin());
    kernels::tanh_row(memory.data(), hidden());
  }
};

class Gru final : public Recurrent<3> {
 public:
  using Recurrent::Recurrent;

 private:
  void cell(std::span<float> from_input, std::span<const float> from_state,
            std::span<float> memory) const noexcept override {
    kernels::gru_row(from_input.data(), from_state.data(), memory.data(),
                     memory.data(), hidden());
  }
};

class Lstm final : public Recurrent<4> {
 public:
  using Recurrent::Recurrent;
  std::size_t memory() const noexcept override { return 2 * hidden(); }

 private:
  void cell(std::span<float> from_input, std::span<const float> from_state,
            std::span<float> memory) const noexcept override {
    kernels::add_row(from_state, from_input);
    float* h = memory.data();
    float* c = h + hidden();
    kernels::lstm_row(from_input.data(), c, c, h, hidden());
  }
};

}  // namespace

std::unique_ptr<const Layer> make_rnn(const BlockSource& source) {
  return std::make_unique<Rnn>(source);
}

std::unique_ptr<const Layer> make_gru(const BlockSource& source) {
  return std::make_unique<Gru>(source);
}

std::unique_ptr<const Layer> make_lstm(const BlockSource& source) {
  return std::make_unique<Lstm>(source);
}

}  // namespace ensue::runtime
