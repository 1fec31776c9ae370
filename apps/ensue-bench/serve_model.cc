// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue-bench/serve_model.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "ensue/models/catalog.h"

namespace ensue::apps {
namespace {

using artifact::Artifact;
using Shape = std::vector<std::int64_t>;

constexpr std::int64_t kWidth = 64;

class Filler {
 public:
  explicit Filler(artifact::Draft& draft) : draft_(draft) {}

  void add(const std::string& name, const Shape& shape, double scale,
           bool by_rank = false) {
    std::size_t size = 1;
    for (const auto d : shape) size *= static_cast<std::size_t>(d);
    std::vector<float> values(size);
    const auto row = static_cast<std::size_t>(shape.back());
    for (std::size_t i = 0; i < size; ++i) {
      const auto rank = static_cast<double>(i / row + 1);
      const double by = by_rank ? scale * std::pow(rank, -0.25) : scale;
      values[i] = static_cast<float>(by * rng_.normal());
    }
    draft_.add<float>(name, shape, values);
  }

  void add_layer(const std::string& layer) {
    for (const char* name :
         {"norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias",
          "attention.out.bias", "ffn.in.bias", "ffn.out.bias"}) {
      add(layer + name, {kWidth}, 0.5);
    }
    for (const char* name :
         {"attention.out.weight", "ffn.in.weight", "ffn.out.weight"}) {
      add(layer + name, {kWidth, kWidth}, 0.125);
    }
    add(layer + "attention.in.weight", {3 * kWidth, kWidth}, 0.125);
    add(layer + "attention.in.bias", {3 * kWidth}, 0.5);
  }

 private:
  artifact::Draft& draft_;
  Rng rng_{1};
};

}  // namespace

artifact::Draft serve_draft(const ServeShape& shape) {
  artifact::Description about;
  about.model =
      models::models().find("sasrec").build({{"width", kWidth},
                                             {"layers", 2},
                                             {"hidden", kWidth},
                                             {"heads", 2},
                                             {"window", shape.window}});
  std::vector<std::string> names;
  for (std::size_t i = 0; i < shape.items; ++i) {
    names.push_back("item" + std::to_string(i));
  }
  about.items = events::Vocabulary::from_names(names);
  about.actions =
      events::Vocabulary::from_names(std::vector<std::string>{"view"});
  artifact::Draft draft(about);
  Filler filler(draft);
  const auto items = static_cast<std::int64_t>(shape.items);
  filler.add("inputs.0.weight", {items, kWidth}, 0.125, shape.by_rank);
  filler.add("inputs.1.weight", {shape.window, kWidth}, 0.125);
  for (std::size_t b = 0; b < about.model.blocks.size(); ++b) {
    const std::string name = Artifact::tensor_name("blocks", b, "");
    if (about.model.blocks[b].type == "transformer") filler.add_layer(name);
    if (about.model.blocks[b].type != "layer_norm") continue;
    filler.add(name + "weight", {kWidth}, 0.5);
    filler.add(name + "bias", {kWidth}, 0.5);
  }
  filler.add("heads.0.bias", {items}, 0.1);
  return draft;
}

std::shared_ptr<const runtime::Engine> serve_engine(const ServeShape& shape) {
  return std::make_shared<const runtime::Engine>(
      Artifact::from_bytes(serve_draft(shape).bytes(), "serve"));
}

RandomHistory::RandomHistory(std::size_t events, std::size_t items, Rng& rng)
    : actions_(events), times_(events), values_(events) {
  for (std::size_t i = 0; i < events; ++i) {
    items_.push_back(
        events::ItemId{static_cast<std::uint32_t>(rng.below(items))});
    times_[i] = events::Millis{static_cast<std::int64_t>(1000 * i)};
  }
}

Latency latency(double seconds, const std::function<void()>& body) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> taken;
  const auto run = [&](double span) {
    taken.clear();
    const auto start = Clock::now();
    for (auto now = start;
         std::chrono::duration<double>(now - start).count() < span;) {
      body();
      const auto then = std::exchange(now, Clock::now());
      taken.push_back(1e3 * std::chrono::duration<double>(now - then).count());
    }
    std::ranges::sort(taken);
  };
  run(seconds / 10);
  run(seconds);
  return {taken[taken.size() / 2], taken[taken.size() * 99 / 100]};
}

std::string short_count(std::size_t count) {
  return count >= 1'000'000 ? std::to_string(count / 1'000'000) + "m"
                            : std::to_string(count / 1000) + "k";
}

}  // namespace ensue::apps
