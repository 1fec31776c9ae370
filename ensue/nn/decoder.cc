// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/decoder.h"

#include <algorithm>
#include <cmath>

#include "ensue/base/error.h"
#include "ensue/nn/ops.h"
#include "ensue/nn/portable.h"

namespace ensue::nn {
namespace {

// Items of place j of every row; where there is none any item does: nothing is
// learnt from there.
std::vector<std::int64_t> column(const Written& written, std::size_t steps,
                                 std::size_t j) {
  std::vector<std::int64_t> out;
  for (std::size_t r = 0; r < written.rows.size(); ++r) {
    out.push_back(std::max<std::int64_t>(0, written.items[r * steps + j]));
  }
  return out;
}

}  // namespace

Decoder::Decoder(const artifact::DecoderConfig& config, Scope& scope)
    : steps_(config.steps) {
  if (config.steps < 1 || config.width < 1) {
    invalid("decoder: width " + std::to_string(config.width) + ", steps " +
            std::to_string(config.steps) + ", expected at least 1 each");
  }
  const std::int64_t width = config.width;
  const Init init = Init::uniform(1 / std::sqrt(static_cast<double>(width)));
  // One row: looked up like an item's vector, it gets its gradient so, too.
  start_ = &scope.make_table("start", 1, width, Init::normal(0.02));
  from_input_ = {&scope.make("weight_ih", {3 * width, width}, init),
                 &scope.make("bias_ih", {3 * width}, init)};
  from_state_ = {&scope.make("weight_hh", {3 * width, width}, init),
                 &scope.make("bias_hh", {3 * width}, init)};
}

at::Tensor Decoder::step(const at::Tensor& input, const at::Tensor& h) const {
  const auto x = from_input_.product(input).chunk(3, 1);
  const auto s = from_state_.product(h).chunk(3, 1);
  const at::Tensor reset = at::sigmoid(x[0] + s[0]),
                   update = at::sigmoid(x[1] + s[1]);
  const at::Tensor fresh = at::tanh(x[2] + reset * s[2]);
  return (1 - update) * fresh + update * h;
}

at::Tensor Decoder::states(const at::Tensor& hidden, const Written& written,
                           Parameter& items) const {
  const auto steps = static_cast<std::size_t>(steps_);
  at::Tensor h = hidden.index_select(0, ids_on(hidden.device(), written.rows));
  std::vector<at::Tensor> out;
  at::Tensor input =
      embed(*start_, std::vector<std::int64_t>(written.rows.size(), 0));
  for (std::size_t j = 0; j < steps; ++j) {
    if (j > 0) input = embed(items, column(written, steps, j - 1));
    h = step(input, h);
    out.push_back(h);
  }
  return at::cat(out);
}

Targets Decoder::targets(const Written& written) const {
  const auto steps = static_cast<std::size_t>(steps_);
  const std::size_t rows = written.rows.size();
  Targets out;
  const RowRepeats& seen = written.seen.repeats;
  for (std::size_t j = 0; j < steps; ++j) {
    for (std::size_t r = 0; r < rows; ++r) {
      const std::int64_t item = written.items[r * steps + j];
      if (item == Written::kNone) continue;
      out.rows.push_back(static_cast<std::int64_t>(j * rows + r));
      out.items.push_back(item);
      out.weights.push_back(1);
      out.begin.push_back(static_cast<std::int64_t>(out.items.size()));
      if (seen.begin.size() > r + 1) out.repeats.add(seen, r);
    }
  }
  return out;
}

}  // namespace ensue::nn
