// SPDX-License-Identifier: Apache-2.0
// Where training computes: on the CPU by the kernels, elsewhere by ATen.
//
// Every op and every loss exists twice. The kernels' half reads memory of the
// CPU; the portable half is made of ATen's own ops and runs wherever its
// tensors are. Both give the same numbers up to rounding, dropout on other
// devices aside (another random stream) and bf16 (there the products
// themselves are rounded to bf16, and recurrent layers stay fp32).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ensue/nn/torch.h"

namespace ensue::nn {

/// Whether ops on `x` are to take the portable half: it is not on the CPU, or a
/// PortableGuard of this thread lives.
bool is_portable(const at::Tensor& x);

/// While it lives, this thread's ops are portable also on the CPU: how tests
/// compare both halves.
class PortableGuard {
 public:
  PortableGuard();
  ~PortableGuard();
  PortableGuard(const PortableGuard&) = delete;
  PortableGuard& operator=(const PortableGuard&) = delete;

 private:
  bool before_;
};

/// "cpu", or "cuda": the first GPU.
/// @throws Error(kInvalidArgument), with `where` in front, for another name and
///   for cuda where libtorch has none.
at::Device device_of(const std::string& where, const std::string& name);

/// A vector as a tensor on `device`.
at::Tensor ids_on(const at::Device& device,
                  const std::vector<std::int64_t>& ids);
at::Tensor numbers_on(const at::Device& device,
                      const std::vector<float>& numbers);

}  // namespace ensue::nn
