// SPDX-License-Identifier: Apache-2.0
#include "ensue/nn/portable.h"

#include "ensue/base/error.h"

namespace ensue::nn {
namespace {

thread_local bool forced = false;

}  // namespace

bool is_portable(const at::Tensor& x) { return forced || !x.is_cpu(); }

PortableGuard::PortableGuard() : before_(forced) { forced = true; }
PortableGuard::~PortableGuard() { forced = before_; }

at::Device device_of(const std::string& where, const std::string& name) {
  if (name == "cpu") return at::kCPU;
  if (name != "cuda") invalid(where + ": '" + name + "', expected cpu or cuda");
  if (!at::hasCUDA()) {
    invalid(where +
            ": cuda, but this libtorch was built without CUDA or finds no GPU; "
            "expected cpu");
  }
  return {at::kCUDA, 0};
}

at::Tensor ids_on(const at::Device& device,
                  const std::vector<std::int64_t>& ids) {
  return at::tensor(ids, at::kLong).to(device);
}

at::Tensor numbers_on(const at::Device& device,
                      const std::vector<float>& numbers) {
  return at::tensor(numbers, at::kFloat).to(device);
}

}  // namespace ensue::nn
