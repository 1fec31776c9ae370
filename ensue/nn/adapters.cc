// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/adapters.h"

#include <cmath>
#include <string>

#include "ensue/base/error.h"
#include "ensue/base/hash.h"
#include "ensue/nn/internal/product.h"
#include "ensue/nn/portable.h"

namespace ensue::nn {

Adapters::Adapters(const ParameterList& adapted, int rank, std::uint64_t seed) {
  if (rank < 1) {
    invalid("adapters: rank " + std::to_string(rank) + ", expected at least 1");
  }
  Rng rng(seed, checksum("adapters"));
  for (Parameter* whole : adapted) {
    Scope scope(parameters_, rng, whole->name);
    const std::int64_t outputs = whole->value.size(0),
                       inputs = whole->value.size(1);
    const double bound = 1 / std::sqrt(static_cast<double>(inputs));
    Parameter& up = scope.make("up", {outputs, rank}, Init::zero());
    Parameter& down = scope.make("down", {rank, inputs}, Init::uniform(bound));
    up.to(whole->value.device());
    down.to(whole->value.device());
    matrices_.push_back({whole, whole->value.clone(), &up, &down});
  }
}

void Adapters::pull() {
  for (const Matrix& matrix : matrices_) {
    const at::Tensor& slope = matrix.whole->grad;
    if (is_portable(slope)) {
      matrix.up->grad.addmm_(slope, matrix.down->value.t());
      matrix.down->grad.addmm_(matrix.up->value.t(), slope);
      matrix.whole->clear_gradient();
      continue;
    }
    product({slope}, transposed(matrix.down->value), matrix.up->slope(),
            matrix.up->row_size(), {.add = true});
    product(transposed(matrix.up->value), {slope}, matrix.down->slope(),
            matrix.down->row_size(), {.add = true});
    matrix.whole->clear_gradient();
  }
}

void Adapters::push() {
  for (const Matrix& matrix : matrices_) {
    if (is_portable(matrix.base)) {
      at::addmm_out(matrix.whole->value, matrix.base, matrix.up->value,
                    matrix.down->value);
      matrix.whole->changed();
      continue;
    }
    matrix.whole->value.copy_(matrix.base);
    product({matrix.up->value}, {matrix.down->value}, matrix.whole->data(),
            matrix.whole->row_size(), {.add = true});
    matrix.whole->changed();
  }
}

}  // namespace ensue::nn
