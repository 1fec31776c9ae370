// SPDX-License-Identifier: Apache-2.0
#include "bench/peers/padded.h"

#include <algorithm>

namespace ensue::peers {

using torch::Tensor;

PaddedBatch make_padded(const Sequences& users, std::int64_t batch,
                        std::int64_t length, std::int64_t items,
                        std::mt19937_64& rng) {
  PaddedBatch out;
  const auto zeros = [&] {
    return torch::zeros({batch, length}, torch::kLong);
  };
  out.log = zeros(), out.next = zeros(), out.negative = zeros();
  for (std::int64_t b = 0; b < batch; ++b) {
    const auto& user = users[rng() % users.size()];
    const auto n = std::min<std::int64_t>(
        length, static_cast<std::int64_t>(user.size()) - 1);
    const auto at = [&](const Tensor& t) {
      return t.data_ptr<std::int64_t>() + (b + 1) * length - n;
    };
    const auto* first = user.data() + user.size() - 1 - n;
    for (std::int64_t i = 0; i < n; ++i) {
      at(out.log)[i] = first[i] + 1;
      at(out.next)[i] = first[i + 1] + 1;
      at(out.negative)[i] = 1 + static_cast<std::int64_t>(
                                    rng() % static_cast<std::uint64_t>(items));
    }
    out.tokens += std::max<std::int64_t>(0, n);
  }
  return out;
}

}  // namespace ensue::peers
