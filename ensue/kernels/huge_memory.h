// SPDX-License-Identifier: Apache-2.0
// Large tables in memory, on huge pages where those are to be had.
#pragma once

#include <cstddef>
#include <memory>

namespace ensue::kernels {

struct FreeHugeMemory {
  void operator()(void* memory) const noexcept;
};

/// Zeroed memory that starts at 64 bytes; what is longer than a huge page
/// starts at one and asks for them: a translation miss per 4 KiB would cost
/// more than the sums.
template <class T>
using HugeMemory = std::unique_ptr<T[], FreeHugeMemory>;

/// @throws Error(kUnavailable) without memory.
void* huge_bytes(std::size_t bytes);

template <class T>
HugeMemory<T> huge_memory(std::size_t count) {
  return HugeMemory<T>(static_cast<T*>(huge_bytes(count * sizeof(T))));
}

}  // namespace ensue::kernels
