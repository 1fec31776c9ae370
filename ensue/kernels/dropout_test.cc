// SPDX-License-Identifier: Apache-2.0
#include "ensue/kernels/dropout.h"

#include <gtest/gtest.h>

#include <vector>

#include "ensue/base/rng.h"
#include "ensue/kernels/internal/levels.h"

namespace ensue::kernels {
namespace {

std::vector<float> dropped(const DropoutKey& key, std::size_t size) {
  const std::vector<float> ones(size, 1.0F);
  std::vector<float> out(size);
  dropout(key, 0, ones.data(), nullptr, out.data(), size);
  return out;
}

std::vector<float> random(std::size_t size, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> out(size);
  for (float& x : out) x = static_cast<float>(rng.normal());
  return out;
}

TEST(DropoutKernel, PiecesEqualTheWholeWhereverTheyAreCut) {
  const auto key = DropoutKey::make(1, 2, 3, 0.4);
  const auto whole = dropped(key, 101);
  for (const std::size_t cut : {1, 7, 16, 64, 99}) {
    const std::vector<float> ones(101, 1.0F);
    std::vector<float> out(101);
    dropout(key, 0, ones.data(), nullptr, out.data(), cut);
    dropout(key, cut, ones.data() + cut, nullptr, out.data() + cut, 101 - cut);
    EXPECT_EQ(out, whole) << "cut at " << cut;
  }
}

TEST(DropoutKernel, AShareOfZeroKeepsEverything) {
  EXPECT_EQ(dropped(DropoutKey::make(1, 2, 3, 0), 40),
            std::vector<float>(40, 1.0F));
}

TEST(DropoutKernel, AddsToItsBase) {
  const std::vector<float> x = {2, 2}, base = {10, 20};
  std::vector<float> out(2);
  dropout(DropoutKey::make(1, 2, 3, 0), 0, x.data(), base.data(), out.data(),
          2);
  EXPECT_EQ(out, (std::vector<float>{12, 22}));
}

TEST(DropoutKernel, BiasDropoutAndBaseInOnePassAreTheThreeOneByOne) {
  on_every_level([] {
    const std::size_t rows = 3;
    for (const std::size_t width : {1, 7, 16, 50}) {
      const auto x = random(rows * width, 1), bias = random(width, 2),
                 base = random(rows * width, 3);
      const auto key = DropoutKey::make(1, 2, 3, 0.4);
      auto biased = x;
      for (std::size_t i = 0; i < x.size(); ++i) biased[i] += bias[i % width];
      std::vector<float> wanted(x.size()), got = x;
      dropout(key, 5, biased.data(), base.data(), wanted.data(), x.size());
      bias_dropout_add(key, 5, got.data(), bias.data(), base.data(), rows,
                       width, got.data());
      EXPECT_EQ(got, wanted) << width;
    }
  });
}

}  // namespace
}  // namespace ensue::kernels
