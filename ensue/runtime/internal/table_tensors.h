// SPDX-License-Identifier: Apache-2.0
// Tensors of the heads of a table model, in and out.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/base/error.h"

namespace ensue::runtime {

/// Parameters of head number `place`.
struct TableTensors {
  const artifact::Artifact& artifact;
  std::size_t place;

  template <class T>
  std::vector<T> copy(std::string_view name) const {
    const auto found =
        artifact.tensor(artifact::Artifact::tensor_name("heads", place, name))
            .as<T>();
    return {found.begin(), found.end()};
  }
};

template <class T>
void add_tensor(artifact::Draft& draft, std::size_t place,
                std::string_view name, const std::vector<std::size_t>& shape,
                std::span<const T> values) {
  draft.add<T>(artifact::Artifact::tensor_name("heads", place, name),
               {shape.begin(), shape.end()}, values);
}

inline void check_table(bool good, const char* what) {
  if (!good) throw Error(Code::kCorrupt, what);
}

template <class T>
bool all_finite(const std::vector<T>& numbers) {
  return std::ranges::all_of(numbers, [](T n) { return std::isfinite(n); });
}

}  // namespace ensue::runtime
