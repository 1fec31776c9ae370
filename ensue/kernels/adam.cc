// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/adam.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ensue/kernels/adam.cc"
#include <hwy/foreach_target.h>
// Must follow foreach_target.h.
#include <hwy/highway.h>

#include "ensue/kernels/internal/each-inl.h"

HWY_BEFORE_NAMESPACE();
namespace ensue::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

void adam(const AdamStep& s, float* value, float* gradient, float* first,
          float* second, std::size_t size) {
  each(size, [=](auto d, std::size_t i) HWY_ATTR {
    const auto set = [d](float x) HWY_ATTR { return hn::Set(d, x); };
    const auto g = hn::Mul(hn::LoadU(d, gradient + i), set(s.gradient_scale));
    const auto m = hn::MulAdd(set(s.beta1), hn::LoadU(d, first + i),
                              hn::Mul(set(1 - s.beta1), g));
    const auto v = hn::MulAdd(set(s.beta2), hn::LoadU(d, second + i),
                              hn::Mul(set(1 - s.beta2), hn::Mul(g, g)));
    const auto root =
        hn::Add(hn::Sqrt(hn::Mul(v, set(s.correct2))), set(s.epsilon));
    const auto move = hn::Div(hn::Mul(m, set(s.correct1 * s.rate)), root);
    const auto old = hn::Mul(hn::LoadU(d, value + i), set(1 - s.decay));
    hn::StoreU(hn::Sub(old, move), d, value + i);
    hn::StoreU(m, d, first + i);
    hn::StoreU(v, d, second + i);
    hn::StoreU(hn::Zero(d), d, gradient + i);
  });
}

void sgd(const SgdStep& s, float* value, float* gradient, float* buffer,
         std::size_t size) {
  each(size, [=](auto d, std::size_t i) HWY_ATTR {
    const auto set = [d](float x) HWY_ATTR { return hn::Set(d, x); };
    const auto old = hn::LoadU(d, value + i);
    auto b = hn::Mul(hn::LoadU(d, gradient + i), set(s.gradient_scale));
    b = hn::MulAdd(set(s.decay), old, b);
    b = hn::MulAdd(set(s.momentum), hn::LoadU(d, buffer + i), b);
    hn::StoreU(hn::NegMulAdd(set(s.rate), b, old), d, value + i);
    hn::StoreU(b, d, buffer + i);
    hn::StoreU(hn::Zero(d), d, gradient + i);
  });
}

}  // namespace ensue::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ensue::kernels {

HWY_EXPORT(adam);
HWY_EXPORT(sgd);

void adam(const AdamStep& step, float* value, float* gradient, float* first,
          float* second, std::size_t size) noexcept {
  HWY_DYNAMIC_DISPATCH(adam)(step, value, gradient, first, second, size);
}

void sgd(const SgdStep& step, float* value, float* gradient, float* buffer,
         std::size_t size) noexcept {
  HWY_DYNAMIC_DISPATCH(sgd)(step, value, gradient, buffer, size);
}

}  // namespace ensue::kernels
#endif
