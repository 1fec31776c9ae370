// SPDX-License-Identifier: Apache-2.0
// The head next_item: a dot product with every item, and what the user took
// before.
#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

#include "ensue/artifact/block_configs.h"
#include "ensue/artifact/likeness.h"
#include "ensue/events/repeats.h"
#include "ensue/kernels/packed_linear.h"
#include "ensue/runtime/internal/blocks.h"
#include "ensue/runtime/internal/item_search.h"
#include "ensue/runtime/item_encoder.h"

namespace ensue::runtime {
namespace {

constexpr std::size_t kNumbers = events::kRepeatDecays.size();

using Shares = std::array<float, kNumbers>;

artifact::ItemFeatures compared_items(const BlockSource& source) {
  const artifact::Description& about = source.artifact.description();
  const auto& inputs = about.model.inputs;
  source.require(!inputs.empty() && inputs[0].type == "item_content",
                 "similar without item_content as first input");
  artifact::ItemContentConfig content;
  read_fields(content, inputs[0].config, "inputs.0");
  const auto encoder =
      ItemEncoder::read(source.artifact, content.columns, "inputs.0");
  auto out = encoder.compare(about.item_table);
  source.require(out.items() == about.items.size(),
                 "similar: an item table of " + std::to_string(out.items()) +
                     " rows for " + std::to_string(about.items.size()) +
                     " items");
  return out;
}

class NextItem final : public Head {
 public:
  explicit NextItem(const BlockSource& source) {
    const auto config = source.config<artifact::NextItemConfig>();
    const auto& description = source.artifact.description();
    const std::size_t width = source.size("width", config.width);
    const std::size_t items = description.items.size();
    const std::vector<std::int64_t> shape = {static_cast<std::int64_t>(items),
                                             config.width};
    const auto weight = config.tied
                            ? source.artifact.floats("inputs.0.weight", shape)
                            : source.floats("weight", shape);
    const auto bias = config.bias ? source.floats("bias", {shape[0]})
                                  : std::span<const float>();
    items_ = {weight, bias, items, width};
    search_ = ItemSearch({weight, bias, width});
    source.require(config.repeats >= 0, "repeats is below 0");
    repeats_ = static_cast<std::size_t>(config.repeats);
    order_within_instant_ = description.schema.order_within_instant;
    if (repeats_ == 0) return;
    constexpr auto kRows = static_cast<std::int64_t>(kNumbers);
    repeat_weight_ = source.floats("repeat.weight", {kRows});
    repeat_gate_ = source.floats("repeat.gate", {kRows, config.width});
    if (!config.similar) return;
    similar_weight_ = source.floats("similar.weight", {kRows});
    similar_gate_ = source.floats("similar.gate", {kRows, config.width});
    compared_ = compared_items(source);
  }

  std::size_t width() const noexcept override { return items_.inputs(); }
  std::size_t remembers() const noexcept override { return repeats_; }

  void score(std::span<const float> x, std::span<const events::Event> recent,
             std::span<float> out) const noexcept override {
    items_.apply(x, 1, out);
    add_repeats(x, recent, out);
  }

  void score_users(std::span<const HeadInput> users,
                   std::span<float> out) const override {
    std::vector<float> x;
    x.reserve(users.size() * width());
    for (const HeadInput& user : users) {
      x.insert(x.end(), user.x.begin(), user.x.end());
    }
    items_.apply(x, users.size(), out);
    for (std::size_t i = 0; i < users.size(); ++i) {
      add_repeats(users[i].x, users[i].recent,
                  out.subspan(i * items_.outputs(), items_.outputs()));
    }
  }

  std::vector<std::vector<Scored>> top(std::span<const HeadRequest> requests,
                                       std::size_t items) const override {
    if (compared_.items() > 0) return Head::top(requests, items);
    std::vector<std::vector<ItemAddition>> repeats(requests.size());
    std::vector<ItemQuery> queries;
    queries.reserve(requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const auto& [user, k, filter] = requests[i];
      each_repeat(user.x, user.recent, [&](std::size_t item, float logit) {
        repeats[i].push_back({static_cast<std::uint32_t>(item), logit});
      });
      queries.push_back({user.x, k, filter, repeats[i]});
    }
    auto answers = search_.top(queries);
    std::vector<std::vector<Scored>> out;
    out.reserve(requests.size());
    for (std::size_t i = 0; i < requests.size(); ++i) {
      auto& answer = answers[i];
      out.push_back(std::move(
          answer ? *answer : Head::top({&requests[i], 1}, items).front()));
    }
    return out;
  }

 private:
  // Calls body(item, what its logit is raised by), rising.
  template <class Body>
  const events::Repeats* each_repeat(std::span<const float> x,
                                     std::span<const events::Event> recent,
                                     const Body& body) const noexcept {
    if (repeats_ == 0 || recent.empty()) return nullptr;
    thread_local events::Repeats past;
    events::count_repeats(recent, order_within_instant_, past);
    const auto share = shares(x, repeat_weight_, repeat_gate_);
    for (std::size_t i = 0; i < past.items.size(); ++i) {
      body(events::index(past.items[i]),
           std::inner_product(share.begin(), share.end(),
                              past.numbers[i].begin(), 0.0F));
    }
    return &past;
  }

  void add_repeats(std::span<const float> x,
                   std::span<const events::Event> recent,
                   std::span<float> out) const noexcept {
    const events::Repeats* past = each_repeat(
        x, recent, [&](std::size_t item, float logit) { out[item] += logit; });
    if (past != nullptr && compared_.items() > 0) add_similar(x, *past, out);
  }

  void add_similar(std::span<const float> x, const events::Repeats& past,
                   std::span<float> out) const noexcept {
    thread_local artifact::Likeness likeness;
    likeness.start(compared_);
    for (std::size_t i = 0; i < past.items.size(); ++i) {
      likeness.add(events::index(past.items[i]), past.numbers[i]);
    }
    likeness.finish();
    likeness.score(shares(x, similar_weight_, similar_gate_), out);
  }

  static Shares shares(std::span<const float> x, std::span<const float> weight,
                       std::span<const float> gates) noexcept {
    Shares out{};
    for (std::size_t d = 0; d < kNumbers; ++d) {
      const float* gate = gates.data() + d * x.size();
      out[d] = weight[d] + std::inner_product(x.begin(), x.end(), gate, 0.0F);
    }
    return out;
  }

  kernels::PackedLinear items_;
  ItemSearch search_;
  std::size_t repeats_ = 0;
  bool order_within_instant_ = false;
  std::span<const float> repeat_weight_, repeat_gate_;
  std::span<const float> similar_weight_, similar_gate_;
  artifact::ItemFeatures compared_;  // no rows: nothing is compared
};

}  // namespace

std::unique_ptr<const Head> make_next_item(const BlockSource& source) {
  return std::make_unique<NextItem>(source);
}

}  // namespace ensue::runtime
