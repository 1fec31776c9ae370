// SPDX-License-Identifier: Apache-2.0
// Every layer against its equations, written plainly in double.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <new>

#include "ensue/runtime/engine.h"
#include "ensue/runtime/testing.h"

namespace {

// Counts what this thread takes from the heap.
thread_local std::size_t allocations = 0;

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* out = std::malloc(size)) return out;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size,
                                     const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace ensue::runtime {
namespace {

using namespace artifact;
using testing::block;
using Row = std::vector<double>;
using Rows = std::vector<Row>;

constexpr int kWidth = 12, kWindow = 9;
constexpr std::size_t kItems = 30;

/// One layer between item embeddings and a head.
struct Toy {
  std::shared_ptr<const Artifact> artifact;
  Engine engine;

  explicit Toy(const BlockSpec& layer, int outputs, bool mask = false)
      : artifact(make(layer, outputs, mask)), engine(artifact) {}
  static std::shared_ptr<const Artifact> make(const BlockSpec& layer,
                                              int outputs, bool mask) {
    ModelSpec spec{"toy", {}, {layer}, {}};
    spec.inputs = {block("item_embedding",
                         ItemEmbeddingConfig{.width = kWidth, .mask = mask})};
    spec.heads = {block("next_item", NextItemConfig{outputs, false})};
    return testing::random_artifact(spec, kItems, /*actions=*/1);
  }
  std::span<const float> tensor(const std::string& name) const {
    return artifact->tensor("blocks.0." + name).as<float>();
  }
  Rows embedded(const std::vector<std::uint32_t>& items) const {
    const auto table = artifact->tensor("inputs.0.weight").as<float>();
    Rows out;
    for (const std::uint32_t item : items) {
      const auto row = table.subspan(item * kWidth, kWidth);
      out.emplace_back(row.begin(), row.end());
    }
    return out;
  }
  // y = W x + b, of the named parameters.
  Row affine(const std::string& weight, const std::string& bias,
             const Row& x) const {
    const auto w = tensor(weight), b = tensor(bias);
    Row out(b.begin(), b.end());
    for (std::size_t o = 0; o < out.size(); ++o) {
      for (std::size_t i = 0; i < x.size(); ++i) {
        out[o] += double{w[o * x.size() + i]} * x[i];
      }
    }
    return out;
  }
  Row normed(const std::string& name, const Row& x) const {
    const auto w = tensor(name + ".weight"), b = tensor(name + ".bias");
    const auto count = static_cast<double>(x.size());
    double mean = 0, variance = 0;
    for (const double v : x) mean += v / count;
    for (const double v : x) variance += (v - mean) * (v - mean) / count;
    Row out;
    for (std::size_t i = 0; i < x.size(); ++i) {
      out.push_back((x[i] - mean) / std::sqrt(variance + 1e-5) * w[i] + b[i]);
    }
    return out;
  }
};

std::vector<std::uint32_t> some_items(std::size_t count) {
  Rng rng(5);
  std::vector<std::uint32_t> out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(static_cast<std::uint32_t>(rng.below(kItems)));
  }
  return out;
}

// When event t happens, in seconds: gaps from none to hours.
std::int64_t second(std::size_t t) {
  return static_cast<std::int64_t>(t / 2 * t * t);
}

// What the engine says after each event, against `expected`.
void expect_rows(const Toy& toy, const std::vector<std::uint32_t>& items,
                 const Rows& expected) {
  State state = toy.engine.start();
  for (std::size_t t = 0; t < items.size(); ++t) {
    toy.engine.step(state, {.item = events::ItemId{items[t]},
                            .time = events::Millis{1000 * second(t)}});
    const auto out = toy.engine.output(state);
    ASSERT_EQ(out.size(), expected[t].size());
    for (std::size_t i = 0; i < out.size(); ++i) {
      ASSERT_NEAR(out[i], expected[t][i], 3e-6)
          << "event " << t << " dim " << i;
    }
  }
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

TEST(RnnLayer, IsTanhOfBothProducts) {
  const Toy toy(block("rnn", RecurrentConfig{kWidth, 7}), 7);
  const auto items = some_items(30);
  Row h(7, 0.0);
  Rows expected;
  for (const Row& x : toy.embedded(items)) {
    const Row a = toy.affine("weight_ih", "bias_ih", x);
    const Row b = toy.affine("weight_hh", "bias_hh", h);
    for (std::size_t i = 0; i < h.size(); ++i) h[i] = std::tanh(a[i] + b[i]);
    expected.push_back(h);
  }
  expect_rows(toy, items, expected);
}

TEST(GruLayer, FollowsItsEquations) {
  const std::size_t n = 7;
  const Toy toy(block("gru", RecurrentConfig{kWidth, n}), n);
  const auto items = some_items(30);
  Row h(n, 0.0);
  Rows expected;
  for (const Row& x : toy.embedded(items)) {
    const Row a = toy.affine("weight_ih", "bias_ih", x);
    const Row b = toy.affine("weight_hh", "bias_hh", h);
    for (std::size_t i = 0; i < n; ++i) {
      const double r = sigmoid(a[i] + b[i]), z = sigmoid(a[n + i] + b[n + i]);
      const double c = std::tanh(a[2 * n + i] + r * b[2 * n + i]);
      h[i] = (1 - z) * c + z * h[i];
    }
    expected.push_back(h);
  }
  expect_rows(toy, items, expected);
}

TEST(LstmLayer, FollowsItsEquations) {
  const std::size_t n = 7;
  const Toy toy(block("lstm", RecurrentConfig{kWidth, n}), n);
  const auto items = some_items(30);
  Row h(n, 0.0), c(n, 0.0);
  Rows expected;
  for (const Row& x : toy.embedded(items)) {
    Row a = toy.affine("weight_ih", "bias_ih", x);
    const Row b = toy.affine("weight_hh", "bias_hh", h);
    for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
    for (std::size_t i = 0; i < n; ++i) {
      c[i] = sigmoid(a[n + i]) * c[i] + sigmoid(a[i]) * std::tanh(a[2 * n + i]);
      h[i] = sigmoid(a[3 * n + i]) * std::tanh(c[i]);
    }
    expected.push_back(h);
  }
  expect_rows(toy, items, expected);
}

// Causal attention of the last row of `qkv` over all of them.
Row attended(const Rows& qkv, std::size_t heads) {
  const std::size_t width = kWidth, depth = width / heads;
  Row out(width, 0.0);
  for (std::size_t at = 0; at < width; at += depth) {
    Row share;
    double total = 0;
    for (const Row& other : qkv) {
      double dot = 0;
      for (std::size_t i = at; i < at + depth; ++i) {
        dot += qkv.back()[i] * other[width + i];
      }
      share.push_back(std::exp(dot / std::sqrt(static_cast<double>(depth))));
      total += share.back();
    }
    for (std::size_t j = 0; j < qkv.size(); ++j) {
      for (std::size_t i = at; i < at + depth; ++i) {
        out[i] += share[j] / total * qkv[j][2 * width + i];
      }
    }
  }
  return out;
}

// The layer over one segment: what its last event gives.
Row transformed(const Toy& toy, const Rows& segment, bool gelu) {
  Rows qkv;
  for (const Row& x : segment) {
    qkv.push_back(toy.affine("attention.in.weight", "attention.in.bias",
                             toy.normed("norm1", x)));
  }
  Row x = segment.back();
  const Row mixed = toy.affine("attention.out.weight", "attention.out.bias",
                               attended(qkv, /*heads=*/3));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += mixed[i];
  Row up = toy.affine("ffn.in.weight", "ffn.in.bias", toy.normed("norm2", x));
  for (double& v : up) {
    v = gelu ? v / 2 * (1 + std::erf(v / std::sqrt(2.0))) : std::max(v, 0.0);
  }
  const Row down = toy.affine("ffn.out.weight", "ffn.out.bias", up);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += down[i];
  return x;
}

TEST(TransformerLayer, FollowsItsEquationsOverTheSegment) {
  for (const bool gelu : {false, true}) {
    const Toy toy(
        block("transformer",
              TransformerConfig{.width = kWidth,
                                .heads = 3,
                                .hidden = 17,
                                .window = kWindow,
                                .activation = gelu ? "gelu" : "relu"}),
        kWidth);
    const auto items = some_items(3 * kWindow);
    const Rows x = toy.embedded(items);
    Rows expected;
    for (std::size_t n = 1; n <= x.size(); ++n) {
      const auto start = static_cast<std::ptrdiff_t>(segment_start(n, kWindow));
      expected.push_back(transformed(
          toy, {x.begin() + start, x.begin() + static_cast<std::ptrdiff_t>(n)},
          gelu));
    }
    expect_rows(toy, items, expected);
  }
}

TEST(BidirectionalTransformerLayer, AnswersFromTheMaskBehindTheWindow) {
  const Toy toy(
      block("bidirectional_transformer",
            TransformerConfig{
                .width = kWidth, .heads = 3, .hidden = 17, .window = kWindow}),
      kWidth, /*mask=*/true);
  const auto items = some_items(3 * kWindow);
  const Rows x = toy.embedded(items);
  const auto mask = toy.artifact->tensor("inputs.0.mask").as<float>();
  Rows expected;
  for (std::size_t n = 1; n <= x.size(); ++n) {
    const std::size_t held = std::min<std::size_t>(n, kWindow - 1);
    Rows segment(x.begin() + static_cast<std::ptrdiff_t>(n - held),
                 x.begin() + static_cast<std::ptrdiff_t>(n));
    segment.emplace_back(mask.begin(), mask.end());
    expected.push_back(transformed(toy, segment, /*gelu=*/true));
  }
  expect_rows(toy, items, expected);

  const Row alone = transformed(toy, {Row(mask.begin(), mask.end())}, true);
  const State nobody = toy.engine.start();
  for (std::size_t i = 0; i < kWidth; ++i) {
    EXPECT_NEAR(toy.engine.output(nobody)[i], alone[i], 3e-6) << i;
  }
}

TEST(BidirectionalTransformerLayer, IsRefusedWithoutAMask) {
  try {
    const Toy toy(block("bidirectional_transformer",
                        TransformerConfig{.width = kWidth, .heads = 3}),
                  kWidth, /*mask=*/false);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kCorrupt);
    EXPECT_STREQ(error.what(),
                 "blocks: a layer sees later events, expected an input with a "
                 "mask");
  }
}

// The layer over one segment: what its last event gives.
Row gated(const Toy& toy, const Rows& segment) {
  Rows qkv;
  for (const Row& x : segment) {
    qkv.push_back(toy.affine("attention.in.weight", "attention.in.bias",
                             toy.normed("norm1", x)));
  }
  Row x = segment.back();
  const Row open1 = toy.affine("gate1.weight", "gate1.bias", x);
  const Row mixed = toy.affine("attention.out.weight", "attention.out.bias",
                               attended(qkv, /*heads=*/3));
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] += sigmoid(open1[i]) * mixed[i];
  }
  const Row open2 = toy.affine("gate2.weight", "gate2.bias", x);
  const Row halves =
      toy.affine("ffn.in.weight", "ffn.in.bias", toy.normed("norm2", x));
  const std::size_t hidden = halves.size() / 2;
  Row bent;
  for (std::size_t i = 0; i < hidden; ++i) {
    bent.push_back(halves[i] * sigmoid(halves[i]) * halves[hidden + i]);
  }
  const Row down = toy.affine("ffn.out.weight", "ffn.out.bias", bent);
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] += sigmoid(open2[i]) * down[i];
  }
  return x;
}

TEST(LigrLayer, FollowsItsEquationsOverTheSegment) {
  const Toy toy(
      block("ligr",
            LigrConfig{
                .width = kWidth, .heads = 3, .hidden = 17, .window = kWindow}),
      kWidth);
  const auto items = some_items(3 * kWindow);
  const Rows x = toy.embedded(items);
  Rows expected;
  for (std::size_t n = 1; n <= x.size(); ++n) {
    const auto start = static_cast<std::ptrdiff_t>(segment_start(n, kWindow));
    expected.push_back(gated(
        toy, {x.begin() + start, x.begin() + static_cast<std::ptrdiff_t>(n)}));
  }
  expect_rows(toy, items, expected);
}

// relu(norm(conv)) over a whole history; `number` is 1 or 2.
Rows convolved(const Toy& toy, const Rows& x, const std::string& number,
               std::size_t kernel, std::size_t dilation) {
  Rows out;
  for (std::size_t t = 0; t < x.size(); ++t) {
    Row taps;
    for (std::size_t back = kernel; back-- > 0;) {
      const Row zero(kWidth, 0.0);
      const Row& tap = back * dilation > t ? zero : x[t - back * dilation];
      taps.insert(taps.end(), tap.begin(), tap.end());
    }
    out.push_back(toy.normed("norm" + number,
                             toy.affine("conv" + number + ".weight",
                                        "conv" + number + ".bias", taps)));
    for (double& v : out.back()) v = std::max(v, 0.0);
  }
  return out;
}

TEST(CausalConvLayer, FollowsItsEquationsFromTheFirstEventOn) {
  for (const auto& [kernel, dilation] : {std::pair{2, 1}, {3, 2}, {4, 3}}) {
    const Toy toy(block("causal_conv", CausalConvConfig{.width = kWidth,
                                                        .kernel = kernel,
                                                        .dilation = dilation}),
                  kWidth);
    const auto items = some_items(60);
    Rows expected = toy.embedded(items);
    const auto taps = static_cast<std::size_t>(kernel);
    const auto apart = static_cast<std::size_t>(dilation);
    const Rows out = convolved(toy, convolved(toy, expected, "1", taps, apart),
                               "2", taps, 2 * apart);
    for (std::size_t t = 0; t < items.size(); ++t) {
      for (std::size_t i = 0; i < kWidth; ++i) expected[t][i] += out[t][i];
    }
    expect_rows(toy, items, expected);
  }
}

double silu(double x) { return x * sigmoid(x); }

// Pointwise attention of event `n` over its window, without times if 0 buckets.
Row pointwise(const Toy& toy, const Rows& uvqk, std::size_t n,
              std::size_t heads, std::size_t buckets) {
  const std::size_t width = kWidth, depth = width / heads;
  const auto position = toy.tensor("position");
  Row out(width, 0.0);
  for (std::size_t at = 0; at < width; at += depth) {
    for (std::size_t j = n - std::min<std::size_t>(n, kWindow - 1); j <= n;
         ++j) {
      double z = position[n - j];
      if (buckets > 0) {
        const std::int64_t gap = 1000 * (second(n) - second(j));
        z += toy.tensor("time")[time_bucket(gap, buckets)];
      }
      for (std::size_t i = at; i < at + depth; ++i) {
        z += uvqk[n][2 * width + i] * uvqk[j][3 * width + i];
      }
      for (std::size_t i = at; i < at + depth; ++i) {
        out[i] += silu(z) / kWindow * uvqk[j][width + i];
      }
    }
  }
  return out;
}

TEST(HstuLayer, FollowsItsEquationsOverTheSlidingWindow) {
  for (const int buckets : {0, 20}) {
    const Toy toy(block("hstu", HstuConfig{.width = kWidth,
                                           .heads = 3,
                                           .window = kWindow,
                                           .time_buckets = buckets}),
                  kWidth);
    const auto items = some_items(4 * kWindow);
    const Rows x = toy.embedded(items);
    Rows uvqk, expected;
    for (std::size_t n = 0; n < x.size(); ++n) {
      uvqk.push_back(
          toy.affine("in.weight", "in.bias", toy.normed("norm1", x[n])));
      for (double& v : uvqk.back()) v = silu(v);
      Row mixed =
          toy.normed("norm2", pointwise(toy, uvqk, n, /*heads=*/3,
                                        static_cast<std::size_t>(buckets)));
      for (std::size_t i = 0; i < mixed.size(); ++i) mixed[i] *= uvqk[n][i];
      Row out = toy.affine("out.weight", "out.bias", mixed);
      for (std::size_t i = 0; i < out.size(); ++i) out[i] += x[n][i];
      expected.push_back(out);
    }
    expect_rows(toy, items, expected);
  }
}

TEST(LinearAndNormLayers, FollowTheirEquations) {
  const Toy linear(block("linear", LinearConfig{kWidth, 5}), 5);
  const Toy norm(block("layer_norm", LayerNormConfig{kWidth}), kWidth);
  const auto items = some_items(5);
  Rows straight, normed;
  for (const Row& x : linear.embedded(items)) {
    straight.push_back(linear.affine("weight", "bias", x));
  }
  for (const Row& x : norm.embedded(items)) {
    const auto w = norm.tensor("weight"), b = norm.tensor("bias");
    double mean = 0, variance = 0;
    for (const double v : x) mean += v / kWidth;
    for (const double v : x) variance += (v - mean) * (v - mean) / kWidth;
    Row out;
    for (std::size_t i = 0; i < x.size(); ++i) {
      out.push_back((x[i] - mean) / std::sqrt(variance + 1e-5) * w[i] + b[i]);
    }
    normed.push_back(out);
  }
  expect_rows(linear, items, straight);
  expect_rows(norm, items, normed);
}

TEST(Layers, AStepTakesNothingFromTheHeapOnceTheWindowHasSlid) {
  const TransformerConfig both{.width = kWidth, .window = kWindow};
  for (const BlockSpec& layer :
       {block("gru", RecurrentConfig{kWidth, kWidth}),
        block("lstm", RecurrentConfig{kWidth, kWidth}),
        block("transformer",
              TransformerConfig{.width = kWidth, .window = kWindow}),
        block("bidirectional_transformer", both),
        block("ligr", LigrConfig{.width = kWidth, .window = kWindow}),
        block("causal_conv", CausalConvConfig{.width = kWidth}),
        block("hstu",
              HstuConfig{
                  .width = kWidth, .window = kWindow, .time_buckets = 20})}) {
    const Toy toy(layer, kWidth, layer.type == "bidirectional_transformer");
    State state = toy.engine.start();
    std::vector<float> scores(kItems);
    const auto once = [&](std::uint32_t item) {
      toy.engine.step(state, {.item = events::ItemId{item}});
      toy.engine.score(state, scores);
    };
    for (std::uint32_t i = 0; i < 2 * kWindow; ++i) once(i % kItems);
    const std::size_t before = allocations;
    for (std::uint32_t i = 0; i < 4 * kWindow; ++i) once(i % kItems);
    EXPECT_EQ(allocations, before) << layer.type;
  }
}

}  // namespace
}  // namespace ensue::runtime
