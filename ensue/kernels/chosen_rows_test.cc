// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/chosen_rows.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "ensue/base/rng.h"
#include "ensue/kernels/internal/levels.h"
#include "ensue/kernels/packed_linear.h"

namespace ensue::kernels {
namespace {

TEST(ChosenRows, HaveTheBitsOfTheWholeProduct) {
  on_every_level([] {
    Rng rng(1);
    for (const std::size_t inputs : {1, 7, 50, 64, 100}) {
      const std::size_t outputs = 90;
      std::vector<float> w(outputs * inputs), bias(outputs), x(inputs);
      for (float& v : w) v = static_cast<float>(rng.normal());
      for (float& v : bias) v = static_cast<float>(rng.normal());
      for (float& v : x) v = static_cast<float>(rng.normal());
      for (const bool biased : {true, false}) {
        const auto b =
            biased ? std::span<const float>(bias) : std::span<const float>();
        std::vector<float> all(outputs);
        PackedLinear(w, b, outputs, inputs).apply(x, 1, all);
        for (std::size_t size = 0; size < 30; ++size) {
          std::vector<std::uint32_t> chosen(size);
          for (auto& c : chosen) c = static_cast<std::uint32_t>(rng.below(90));
          std::vector<float> some(size);
          chosen_rows({w, b, inputs}, chosen, x, some);
          for (std::size_t i = 0; i < size; ++i) {
            ASSERT_EQ(std::memcmp(&some[i], &all[chosen[i]], 4), 0)
                << inputs << " inputs, row " << chosen[i] << ": " << some[i]
                << " and " << all[chosen[i]];
          }
        }
      }
    }
  });
}

}  // namespace
}  // namespace ensue::kernels
