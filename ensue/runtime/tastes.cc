// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/tastes.h"

#include <algorithm>
#include <string>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/runtime/internal/csr.h"
#include "ensue/runtime/internal/text_list.h"
#include "ensue/runtime/popularity.h"

namespace ensue::runtime {

struct Tastes::Impl {
  explicit Impl(std::shared_ptr<const artifact::Artifact> made)
      : artifact(std::move(made)),
        items(artifact->description().items.size()),
        names(*artifact, "topics"),
        shares(artifact->tensor("topic_share").as<double>()),
        lift_rows(rows("lift", static_cast<std::ptrdiff_t>(items))),
        lifts(artifact->floats(
            "lifts", {static_cast<std::int64_t>(lift_rows.ids.size())})),
        log_popularity(artifact->floats("log_popularity",
                                        {static_cast<std::int64_t>(items)})) {
    check_log_prior(log_popularity, "profile");
    if (shares.size() != names.size()) {
      throw Error(Code::kCorrupt, "profile: " + std::to_string(shares.size()) +
                                      " shares of " +
                                      std::to_string(names.size()) + " topics");
    }
    by_item.resize(items);
    const Csr by_topic =
        rows("topic", static_cast<std::ptrdiff_t>(names.size()));
    for (std::uint32_t t = 0; t < names.size(); ++t) {
      for (const std::uint32_t item : by_topic[t]) by_item[item].push_back(t);
    }
  }

  Csr rows(const std::string& name, std::ptrdiff_t count) const {
    const Csr out{artifact->tensor(name + "_offsets").as<std::uint64_t>(),
                  artifact->tensor(name + "_items").as<std::uint32_t>()};
    check_rows(out, count, items, name);
    return out;
  }

  std::shared_ptr<const artifact::Artifact> artifact;
  std::size_t items;
  TextList names;
  std::span<const double> shares;
  Csr lift_rows;
  std::span<const float> lifts, log_popularity;
  std::vector<std::vector<std::uint32_t>> by_item;
};

Tastes::Tastes(std::shared_ptr<const artifact::Artifact> artifact)
    : impl_(std::make_unique<const Impl>(std::move(artifact))) {}

Tastes::~Tastes() = default;

const artifact::Artifact& Tastes::artifact() const noexcept {
  return *impl_->artifact;
}

std::size_t Tastes::topics() const noexcept { return impl_->names.size(); }

std::string_view Tastes::name(std::size_t topic) const noexcept {
  return impl_->names[topic];
}

double Tastes::share(std::size_t topic) const noexcept {
  return impl_->shares[topic];
}

std::span<const std::uint32_t> Tastes::topics_of(
    events::ItemId item) const noexcept {
  const std::size_t place = events::index(item);
  if (place >= impl_->items) return {};
  return impl_->by_item[place];
}

std::vector<double> Tastes::count(const events::History& history) const {
  std::vector<double> out(topics(), 0);
  for (const events::ItemId item : history.items) {
    for (const std::uint32_t topic : topics_of(item)) out[topic] += 1;
  }
  return out;
}

std::vector<SuitingItem> Tastes::suiting(const events::History& history,
                                         std::size_t k) const {
  std::vector<std::uint8_t> own(impl_->items, 0);
  std::vector<double> lift(impl_->items, 0);
  std::size_t taken = 0;
  for (std::size_t e = history.size(); e-- > 0;) {
    const std::size_t item = events::index(history.items[e]);
    if (item >= impl_->items || own[item] != 0) continue;
    own[item] = 1;
    if (taken == kHistory) continue;
    ++taken;
    for (std::uint64_t i = impl_->lift_rows.offsets[item];
         i < impl_->lift_rows.offsets[item + 1]; ++i) {
      lift[impl_->lift_rows.ids[i]] += impl_->lifts[i];
    }
  }
  std::vector<SuitingItem> out;
  for (std::uint32_t i = 0; i < own.size(); ++i) {
    if (own[i] != 0) continue;
    const double mean = lift[i] / (static_cast<double>(taken) + 1);
    out.push_back({i, impl_->log_popularity[i] + mean, mean});
  }
  const std::size_t kept = std::min(k, out.size());
  std::partial_sort(
      out.begin(), out.begin() + static_cast<std::ptrdiff_t>(kept), out.end(),
      [](const SuitingItem& a, const SuitingItem& b) {
        return a.score != b.score ? a.score > b.score : a.item < b.item;
      });
  out.resize(kept);
  return out;
}

}  // namespace ensue::runtime
