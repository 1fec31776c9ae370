// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/huge_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>

#include "ensue/base/error.h"

namespace ensue::kernels {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

}  // namespace

void FreeHugeMemory::operator()(void* memory) const noexcept {
  std::free(memory);
}

void* huge_bytes(std::size_t wanted) {
  const std::size_t alignment = wanted >= kHugePage ? kHugePage : 64;
  const std::size_t bytes =
      std::max<std::size_t>(1, (wanted + alignment - 1) / alignment) *
      alignment;
  void* memory = std::aligned_alloc(alignment, bytes);
  if (memory == nullptr) {
    throw Error(Code::kUnavailable, "no memory for " + std::to_string(bytes) +
                                        " bytes of model weights");
  }
  if (alignment == kHugePage) ::madvise(memory, bytes, MADV_HUGEPAGE);
  std::memset(memory, 0, bytes);
  return memory;
}

}  // namespace ensue::kernels
