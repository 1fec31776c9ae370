// SPDX-License-Identifier: Apache-2.0
#include "ensue/artifact/weights.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "ensue/artifact/artifact.h"
#include "ensue/artifact/block_configs.h"
#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/base/rng.h"

namespace ensue::artifact {
namespace {

constexpr std::int64_t kRows = 40, kColumns = 24;

Description description() {
  Description out;
  out.model.name = "toy";
  out.model.inputs = {
      {"item_embedding", write_fields(ItemEmbeddingConfig{24})}};
  out.model.heads = {{"next_item", write_fields(NextItemConfig{24})}};
  out.items =
      events::Vocabulary::from_names(std::vector<std::string>{"mug", "茶杯"});
  out.item_table.columns = {{"price", std::vector<double>{2.5, 4}}};
  return out;
}

// Rows of all sizes; row 3 is zeros, row 5 holds one number that is none.
std::vector<float> matrix() {
  Rng rng(1);
  std::vector<float> out;
  for (std::int64_t r = 0; r < kRows; ++r) {
    for (std::int64_t c = 0; c < kColumns; ++c) {
      const double size = std::pow(10.0, static_cast<double>(r % 9) - 4);
      out.push_back(static_cast<float>(size * rng.normal()));
      if (r == 3 || (r == 5 && c != 7)) out.back() = 0;
    }
  }
  return out;
}

Draft draft(const std::vector<float>& weight = matrix()) {
  Draft out(description());
  out.add<float>("inputs.0.weight", {kRows, kColumns}, weight);
  out.add<float>("blocks.0.gate", {2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6});
  out.add<float>("heads.0.bias", {3}, std::vector<float>{7.1F, 8, 9});
  out.add<std::uint8_t>("heads.0.flags", {3},
                        std::vector<std::uint8_t>{1, 0, 1});
  return out;
}

std::shared_ptr<const Artifact> load(const Draft& from) {
  return Artifact::from_bytes(from.bytes(), "m");
}

std::shared_ptr<const Artifact> stored(Weights weights) {
  return load(with_weights(*load(draft()), weights));
}

std::string refusal(const std::function<void()>& ask, Code code) {
  try {
    ask();
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
}

TEST(Weights, AnInt8NumberIsOffByHalfAStepOfItsRowAtMost) {
  const auto artifact = stored(Weights::kInt8);
  const auto got = artifact->floats("inputs.0.weight", {kRows, kColumns});
  const std::vector<float> exact = matrix();
  for (std::size_t r = 0; r < kRows; ++r) {
    double peak = 0;
    for (std::size_t c = 0; c < kColumns; ++c) {
      peak = std::max<double>(peak, std::abs(exact[r * kColumns + c]));
    }
    for (std::size_t c = 0; c < kColumns; ++c) {
      const std::size_t i = r * kColumns + c;
      ASSERT_LE(std::abs(got[i] - exact[i]), peak / 254 * (1 + 1e-5))
          << "row " << r << " column " << c;
    }
  }
  for (std::size_t c = 0; c < kColumns; ++c)
    EXPECT_EQ(got[3 * kColumns + c], 0);
  EXPECT_FLOAT_EQ(got[5 * kColumns + 7], exact[5 * kColumns + 7]);
}

TEST(Weights, ABf16NumberIsTheNearestOneAndOfTwoTheEven) {
  std::vector<float> weight = matrix();
  weight[0] = 1 + 1.0F / 256;  // between 1 and 1 + 1/128, whose last bit is 1
  weight[1] = 1 + 3.0F / 256;  // between 1 + 1/128 and 1 + 2/128
  weight[2] = -(1 + 1.01F / 256);
  const auto artifact =
      load(with_weights(*load(draft(weight)), Weights::kBf16));
  const auto got = artifact->floats("inputs.0.weight", {kRows, kColumns});
  EXPECT_EQ(got[0], 1);
  EXPECT_EQ(got[1], 1 + 2.0F / 128);
  EXPECT_EQ(got[2], -(1 + 1.0F / 128));
  for (std::size_t i = 0; i < weight.size(); ++i) {
    ASSERT_LE(std::abs(got[i] - weight[i]), std::abs(weight[i]) / 256) << i;
  }
}

TEST(Weights, WhatIsNoMatrixOfLongRowsStaysAsItIs) {
  for (const Weights weights : {Weights::kBf16, Weights::kInt8}) {
    const auto artifact = stored(weights);
    EXPECT_EQ(artifact->weights(), weights);
    EXPECT_EQ(artifact->floats("heads.0.bias", {3})[0], 7.1F);
    EXPECT_EQ(artifact->floats("blocks.0.gate", {2, 3})[5], 6);
    EXPECT_EQ(artifact->tensor("heads.0.flags").as<std::uint8_t>()[2], 1);
    EXPECT_EQ(artifact->description().items.name(1), "茶杯");
    EXPECT_EQ(artifact->description().item_table.find("price")->number(1), 4);
  }
}

TEST(Weights, TensorsHaveTheNamesThatTheyHadBefore) {
  for (const Weights weights : {Weights::kBf16, Weights::kInt8}) {
    auto before = load(draft())->tensor_names();
    auto after = stored(weights)->tensor_names();
    std::erase(before, "padding");
    std::erase(after, "padding");
    EXPECT_EQ(after, before);
  }
}

TEST(Weights, AFileIsAHalfOrAQuarterAndTheSameEachTime) {
  const auto size = [](Weights weights) {
    const auto bytes = with_weights(*load(draft()), weights).bytes();
    EXPECT_EQ(bytes, with_weights(*load(draft()), weights).bytes());
    return static_cast<std::int64_t>(bytes.size());
  };
  constexpr std::int64_t kNumbers = kRows * kColumns;
  const std::int64_t whole = size(Weights::kFp32);
  EXPECT_NEAR(size(Weights::kBf16), whole - 2 * kNumbers, 128);
  EXPECT_NEAR(size(Weights::kInt8), whole - 3 * kNumbers + 4 * kRows, 256);
}

TEST(Weights, AsFp32AnArtifactIsTheSameBytes) {
  EXPECT_EQ(with_weights(*load(draft()), Weights::kFp32).bytes(),
            draft().bytes());
}

TEST(Weights, StoredAsFp32AgainItHoldsTheDecodedNumbers) {
  for (const Weights weights : {Weights::kBf16, Weights::kInt8}) {
    const auto narrow = stored(weights);
    const auto again = load(with_weights(*narrow, Weights::kFp32));
    EXPECT_EQ(again->weights(), Weights::kFp32);
    const auto a = narrow->floats("inputs.0.weight", {kRows, kColumns});
    const auto b = again->floats("inputs.0.weight", {kRows, kColumns});
    EXPECT_TRUE(std::ranges::equal(a, b));
  }
}

// Older programs say that a file is newer, not that it is broken.
TEST(Weights, OnlyNarrowFilesAreOfTheNewerFormat) {
  const auto version = [](Weights weights) {
    const auto bytes = with_weights(*load(draft()), weights).bytes();
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()),
                                bytes.size());
    const auto at = text.find("\"format_version\":\"");
    return std::string(text.substr(at + 18, 1));
  };
  EXPECT_EQ(version(Weights::kFp32), "1");
  EXPECT_EQ(version(Weights::kBf16), "2");
  EXPECT_EQ(version(Weights::kInt8), "2");
}

TEST(Weights, MembersOfABlendAreStoredSo) {
  Description about = description();
  about.model.inputs.clear();
  about.model.heads = {{"blend", write_fields(BlendConfig{.members = {"a"}})}};
  Draft blend(about);
  const auto member = draft().bytes();
  blend.add<float>("heads.0.weights", {1}, std::vector<float>{1});
  blend.add_bytes("heads.0.members.0", DType::kU8,
                  {static_cast<std::int64_t>(member.size())}, member);
  const auto narrow = load(with_weights(*load(blend), Weights::kInt8));
  const auto inner = narrow->tensor("heads.0.members.0").bytes;
  EXPECT_LT(inner.size(), member.size());
  EXPECT_EQ(Artifact::from_bytes({inner.begin(), inner.end()}, "a")->weights(),
            Weights::kInt8);
}

TEST(Weights, ANumberThatIsNotFiniteIsRefusedWithItsRow) {
  constexpr float kMost = std::numeric_limits<float>::max();
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(),
                          std::numeric_limits<float>::infinity(), kMost}) {
    std::vector<float> weight = matrix();
    weight[2 * kColumns + 1] = bad;
    const auto artifact = load(draft(weight));
    for (const Weights weights : {Weights::kBf16, Weights::kInt8}) {
      EXPECT_EQ(refusal([&] { with_weights(*artifact, weights); },
                        Code::kInvalidArgument),
                "tensor inputs.0.weight: row 2 holds what is no finite number "
                "in " +
                    std::string(name_of(weights)));
    }
  }
}

// A file whose checksums are right and whose scale is not.
std::string load_refusal(std::int64_t scales, float last, DType type) {
  Draft out(description());
  out.add<std::int8_t>("inputs.0.weight", {2, 8}, std::vector<std::int8_t>(16));
  std::vector<float> steps(static_cast<std::size_t>(scales), 1);
  if (!steps.empty()) steps.back() = last;
  if (scales > 0) {
    out.add_bytes("inputs.0.weight.scale", type, {scales},
                  std::as_bytes(std::span(steps)));
  }
  return refusal([&] { load(out); }, Code::kCorrupt);
}

TEST(Weights, AScaleThatIsNoStepIsRefused) {
  const std::string in = "m: tensor inputs.0.weight.scale: ";
  EXPECT_EQ(load_refusal(2, 0, DType::kF32), "") << "a row of zeros";
  EXPECT_EQ(load_refusal(2, -1, DType::kF32),
            in + "row 1 is -1.000000, expected a step of 0 or more");
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(),
                          std::numeric_limits<float>::infinity(), 1e38F}) {
    EXPECT_TRUE(load_refusal(2, bad, DType::kF32).starts_with(in + "row 1 is "))
        << bad;
  }
  EXPECT_EQ(load_refusal(3, 1, DType::kF32), in + "F32[3], expected F32[2]");
  EXPECT_EQ(load_refusal(2, 1, DType::kU32), in + "U32[2], expected F32[2]");
  EXPECT_EQ(load_refusal(0, 1, DType::kF32),
            "m: tensor inputs.0.weight: I8 without its scale");
}

TEST(Weights, WhatIsI8AndNoMatrixIsRefused) {
  Draft out(description());
  out.add<std::int8_t>("inputs.0.weight", {8}, std::vector<std::int8_t>(8));
  EXPECT_EQ(refusal([&] { load(out); }, Code::kCorrupt),
            "m: tensor inputs.0.weight: I8[8], expected a matrix");
}

TEST(Weights, EveryFlippedBitOfANarrowFileIsRefused) {
  for (const Weights weights : {Weights::kBf16, Weights::kInt8}) {
    const auto whole = with_weights(*load(draft()), weights).bytes();
    Rng rng(1);
    for (int i = 0; i < 400; ++i) {
      std::vector<std::byte> flipped = whole;
      flipped[rng.below(whole.size())] ^=
          static_cast<std::byte>(1 << rng.below(8));
      ASSERT_NE(
          refusal([&] { Artifact::from_bytes(flipped, "m"); }, Code::kCorrupt),
          "");
    }
  }
}

TEST(Weights, AnUnknownWordListsTheKnownOnes) {
  EXPECT_EQ(weights_named("int8"), Weights::kInt8);
  EXPECT_EQ(refusal([] { weights_named("fp8"); }, Code::kInvalidArgument),
            "weights: 'fp8', expected fp32, bf16 or int8");
}

}  // namespace
}  // namespace ensue::artifact
