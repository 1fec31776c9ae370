// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/fields.h"
#include "ensue/nn/block.h"
#include "ensue/nn/internal/test_model.h"
#include "ensue/nn/portable.h"

namespace ensue::nn {
namespace {

using events::Cell, events::ContextKind;

// A device of two values, and a price of mean 5 and deviation 2.
Sizes sizes() {
  Sizes out{.items = 4, .actions = 1};
  out.context = {{.values = 2},
                 {.kind = ContextKind::kNumber, .scale = {5, 2}}};
  return out;
}

struct Made {
  Parameters parameters;
  std::unique_ptr<Block> block;

  explicit Made(const Sizes& known = sizes()) {
    Rng rng(1);
    Scope scope(parameters, rng, "inputs.1");
    const artifact::ContextEmbeddingConfig config{3, {"device", "price"}};
    block = blocks()
                .find("context_embedding")
                .make(write_fields(config), known, scope);
  }
  at::Tensor run(const Packed& batch) {
    const at::NoGradGuard off;
    return block->forward(at::Tensor(), {.batch = batch});
  }
  at::Tensor device(std::int64_t row) const {
    return parameters[0]->value[row];
  }
  at::Tensor price(std::int64_t of) const {
    return parameters[1]->value.select(1, of);
  }
};

Packed batch() {
  Packed out = packed({2, 2});
  out.context = {Cell::of_code(1), Cell::of_number(7),    //
                 Cell(),           Cell(),                //
                 Cell::of_code(0), Cell::of_number(1e9),  //
                 Cell::of_code(1), Cell::of_number(4)};
  return out;
}

TEST(ContextColumns, AddARowPerValueAndAVectorTimesTheNumber) {
  Made made;
  const at::Tensor out = made.run(batch());
  EXPECT_TRUE(at::allclose(out[0], made.device(2) + made.price(0)));
  EXPECT_TRUE(at::allclose(out[1], made.device(0) + made.price(1)));
  EXPECT_TRUE(at::allclose(out[2], made.device(1) + 10 * made.price(0)));
  EXPECT_TRUE(at::allclose(out[3], made.device(2) - 0.5 * made.price(0)));
}

TEST(ContextColumns, OfAnEventThatIsNotShownAddNothing) {
  Made made;
  Packed hidden = batch();
  hidden.items[0] = kMasked;
  const at::Tensor out = made.run(hidden);
  EXPECT_TRUE(at::equal(out[0], at::zeros(3)));
  EXPECT_TRUE(at::allclose(out[3], made.run(batch())[3]));
}

TEST(ContextColumns, ABatchWithoutThemSaysNothingOfAnyEvent) {
  Made made;
  const at::Tensor out = made.run(packed({3}));
  EXPECT_TRUE(at::allclose(out[2], made.device(0) + made.price(1)));
}

TEST(ContextColumns, GradientsReachTheRowsThatWereRead) {
  Made made;
  const Packed given = batch();
  made.block->forward(at::Tensor(), {.batch = given}).sum().backward();
  EXPECT_TRUE(at::equal(made.parameters[0]->grad.select(1, 0),
                        at::tensor({1.0F, 1.0F, 2.0F})));
  // 1 + 10 - 0.5 of the number, 1 of none.
  EXPECT_TRUE(
      at::allclose(made.parameters[1]->grad[0], at::tensor({10.5F, 1.0F})));
}

TEST(ContextColumns, StoreTheirScaleAndTakeThatOfAModelToStartFrom) {
  Made made;
  artifact::Draft draft({});
  made.block->write(draft);
  const auto stored = artifact::Artifact::from_bytes(draft.bytes(), "scale");
  EXPECT_EQ(stored->floats("inputs.1.columns.1.scale", {2})[0], 5);
  Sizes other = sizes();
  other.context[1].scale = {0, 1};
  Made later(other);
  later.parameters[0]->value.copy_(made.parameters[0]->value);
  later.parameters[1]->value.copy_(made.parameters[1]->value);
  EXPECT_FALSE(at::allclose(later.run(batch()), made.run(batch())));
  later.block->read(*stored);
  EXPECT_TRUE(at::equal(later.run(batch()), made.run(batch())));
}

TEST(ContextColumns, AreTheSameByPortableOps) {
  Made made;
  const at::Tensor kernels = made.run(batch());
  const PortableGuard guard;
  EXPECT_TRUE(at::allclose(made.run(batch()), kernels));
}

TEST(ContextColumns, RefuseOtherColumnsThanAreKnown) {
  EXPECT_THROW(Made(Sizes{.items = 4, .actions = 1}), Error);
}

}  // namespace
}  // namespace ensue::nn
