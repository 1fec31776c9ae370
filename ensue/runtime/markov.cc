// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/markov.h"

#include <algorithm>
#include <array>
#include <string>

#include "ensue/base/error.h"
#include "ensue/runtime/internal/mixture.h"
#include "ensue/runtime/popularity.h"

namespace ensue::runtime {
namespace {

MarkovTable read_table(const artifact::Artifact& artifact, std::size_t place) {
  const auto tensor = [&](std::string_view name) -> const auto& {
    return artifact.tensor(
        artifact::Artifact::tensor_name("heads", place, name));
  };
  return {tensor("log_popularity").as<float>(),
          tensor("backoff").as<float>(),
          {tensor("offsets").as<std::uint64_t>(),
           tensor("next").as<std::uint32_t>()},
          tensor("probability").as<float>()};
}

void check(const MarkovTable& table) {
  const auto require = [](bool good, const char* what) {
    if (!good) {
      throw Error(Code::kCorrupt, std::string("markov head: ") + what);
    }
  };
  const std::size_t items = table.log_popularity.size();
  check_log_prior(table.log_popularity, "markov head");
  check_rows(table.next, static_cast<std::ptrdiff_t>(items), items,
             "markov head: next items");
  require(table.backoff.size() == items, "one back-off share per item");
  require(table.probability.size() == table.next.ids.size(),
          "one probability per next item");
  require(std::ranges::all_of(table.backoff,
                              [](float b) { return b > 0 && b <= 1; }),
          "a back-off share is outside (0, 1]");
  require(std::ranges::all_of(table.probability,
                              [](float p) { return p > 0 && p <= 1; }),
          "a probability is outside (0, 1]");
}

// The distinct known items of the last instant, or the last item.
class LastInstant {
 public:
  LastInstant(std::span<const events::Event> recent, bool baskets,
              std::size_t known) noexcept {
    for (std::size_t i = recent.size(); i-- > 0;) {
      if (recent[i].time != recent.back().time) break;
      const std::uint32_t item = events::index(recent[i].item);
      if (item < known && size_ < items_.size() && !holds(item)) {
        items_[size_++] = item;
      }
      if (!baskets) break;
    }
  }
  std::span<const std::uint32_t> items() const noexcept {
    return {items_.data(), size_};
  }

 private:
  bool holds(std::uint32_t item) const noexcept {
    return std::ranges::find(items(), item) != items().end();
  }
  std::array<std::uint32_t, MarkovHead::kBasket> items_;
  std::size_t size_ = 0;
};

}  // namespace

MarkovHead::MarkovHead(const artifact::Artifact& artifact, std::size_t place)
    : MarkovHead(read_table(artifact, place),
                 !artifact.description().schema.order_within_instant) {
  if (table_.log_popularity.size() != artifact.description().items.size()) {
    throw Error(Code::kCorrupt,
                "markov head: " + std::to_string(table_.log_popularity.size()) +
                    " items, the artifact names " +
                    std::to_string(artifact.description().items.size()));
  }
}

MarkovHead::MarkovHead(MarkovTable table, bool baskets)
    : table_(table), baskets_(baskets) {
  check(table_);
}

void MarkovHead::score(std::span<const float>,
                       std::span<const events::Event> recent,
                       std::span<float> out) const noexcept {
  const LastInstant last(recent, baskets_, table_.log_popularity.size());
  if (last.items().empty()) {
    std::ranges::copy(table_.log_popularity, out.begin());
    return;
  }
  const float scale = 1.0F / static_cast<float>(last.items().size());
  float share = 0;
  for (const std::uint32_t item : last.items()) {
    share += table_.backoff[item] * scale;
  }
  Mixture mixture(table_.log_popularity, std::min(share, 1.0F), out);
  for (const std::uint32_t item : last.items()) {
    const auto next = table_.next[item];
    const float* probability =
        table_.probability.data() + table_.next.offsets[item];
    for (std::size_t k = 0; k < next.size(); ++k) {
      mixture.add(next[k], probability[k]);
    }
  }
  for (const std::uint32_t item : last.items()) {
    for (const std::uint32_t next : table_.next[item]) {
      mixture.finish(next, scale);
    }
  }
}

}  // namespace ensue::runtime
