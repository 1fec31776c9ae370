// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/groups.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/runtime/behaviour.h"
#include "ensue/tasks/next_item.h"

namespace ensue::tasks {
namespace {

constexpr const char* kKey = "groups";  // in Description::training
constexpr const char* kEncoder = "segments.encoder";  // a tensor
constexpr std::size_t kFewest = 3;  // customers of an item worth naming

// Histories before the time.
std::vector<events::History> histories_of(const GroupedLog& grouped) {
  std::vector<events::History> out;
  for (const events::UserId user : grouped.users) {
    const events::History all = grouped.log.history(user);
    out.push_back(all.first(static_cast<std::size_t>(
        std::ranges::lower_bound(all.times, grouped.until) -
        all.times.begin())));
  }
  return out;
}

// Customers of each item, by group.
struct Holders {
  std::size_t items;
  std::vector<double> own;         // [groups, items]
  std::vector<double> all, taken;  // [items], [groups]: sums of `own`
  double sum = 0;

  Holders(std::span<const events::History> histories,
          std::span<const std::uint32_t> group, std::size_t groups,
          std::size_t count)
      : items(count), own(groups * count), all(count), taken(groups) {
    for (std::size_t u = 0; u < histories.size(); ++u) {
      std::set<std::uint32_t> held;
      for (const auto item : histories[u].items) {
        if (item != events::kNoItem) held.insert(events::index(item));
      }
      for (const std::uint32_t item : held) {
        own[group[u] * items + item] += 1;
        all[item] += 1;
        taken[group[u]] += 1;
        sum += 1;
      }
    }
  }
  // Of what the group takes, over that of everybody.
  double lift(std::size_t group, std::size_t item) const {
    return own[group * items + item] / taken[group] / (all[item] / sum);
  }
};

std::vector<GroupItem> items_of(const Holders& holders, std::size_t group,
                                double customers, const events::Log& log,
                                std::size_t most) {
  std::vector<std::pair<double, std::uint32_t>> found;
  for (std::uint32_t i = 0; i < holders.items; ++i) {
    const double n = holders.own[group * holders.items + i];
    if (n < kFewest) continue;
    const double worth = n * std::log(holders.lift(group, i));
    if (worth > 0) found.emplace_back(-worth, i);
  }
  const std::size_t kept = std::min(most, found.size());
  std::partial_sort(found.begin(),
                    found.begin() + static_cast<std::ptrdiff_t>(kept),
                    found.end());
  std::vector<GroupItem> out;
  for (std::size_t k = 0; k < kept; ++k) {
    const std::uint32_t i = found[k].second;
    out.push_back({std::string(log.item_names().name(i)),
                   title_in(log.item_table(), i),
                   holders.own[group * holders.items + i] / customers,
                   holders.lift(group, i)});
  }
  return out;
}

double mean_of(const SegmentProfile& profile, std::string_view name) {
  const auto found =
      std::ranges::find(profile.differences, name, &Difference::name);
  return found == profile.differences.end() ? 0 : found->mean;
}

// What is known of money off, and advice by it in place of the rule's.
void add_discounts(const GroupedLog& grouped,
                   std::span<const events::History> histories,
                   std::vector<Group>& groups) {
  if (grouped.discounts == nullptr) return;
  std::vector<std::vector<runtime::DiscountCount>> own(groups.size());
  double purchases = 0, discounted = 0;
  for (std::size_t u = 0; u < histories.size(); ++u) {
    const auto count = grouped.discounts->count(histories[u]);
    own[grouped.group[u]].push_back(count);
    purchases += static_cast<double>(count.purchases);
    discounted += static_cast<double>(count.discounted);
  }
  if (purchases == 0) return;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto use = discount_use_of_group(own[g], discounted / purchases);
    if (!use) continue;
    Strategy& strategy = groups[g].strategy;
    strategy.discount = discount_advice(strategy.discount, *use);
    groups[g].discount = use;
  }
}

// "steady", or where others are called so too "steady, high price".
void name_groups(std::span<const SegmentProfile> profiles,
                 std::vector<Group>& groups) {
  std::set<std::string> taken;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const std::string& plain = profiles[g].strategy.name;
    const auto same = std::ranges::count_if(
        profiles,
        [&](const SegmentProfile& one) { return one.strategy.name == plain; });
    std::string name = plain;
    for (const Difference& d : profiles[g].differences) {
      if (same == 1 || std::abs(d.deviations) < kWorthSaying) break;
      std::string column = d.name;
      std::ranges::replace(column, '_', ' ');
      name = plain + (d.deviations > 0 ? ", high " : ", low ") + column;
      if (!taken.contains(name)) break;
    }
    if (taken.contains(name)) name += " " + std::to_string(groups[g].id);
    taken.insert(name);
    groups[g].name = std::move(name);
  }
}

const Json& at(const JsonObject& object, std::string_view name) {
  const Json* found = object.if_contains(name);
  if (found != nullptr) return *found;
  throw Error(Code::kCorrupt, "groups: no '" + std::string(name) + "'");
}

std::string text_at(const JsonObject& object, std::string_view name) {
  const Json& found = at(object, name);
  if (found.is_string()) return std::string(found.get_string());
  throw Error(Code::kCorrupt, "groups." + std::string(name) + ": no text");
}

double number_at(const JsonObject& object, std::string_view name) {
  const Json& found = at(object, name);
  if (found.is_number()) return found.to_number<double>();
  throw Error(Code::kCorrupt, "groups." + std::string(name) + ": no number");
}

const JsonObject& object_in(const Json& json) {
  if (json.is_object()) return json.get_object();
  throw Error(Code::kCorrupt, "groups: expected an object");
}

const JsonArray& list_in(const Json& json) {
  if (json.is_array()) return json.get_array();
  throw Error(Code::kCorrupt, "groups: expected a list");
}

Group group_from(const JsonObject& json) {
  Group out;
  out.id = static_cast<std::int64_t>(number_at(json, "id"));
  out.name = text_at(json, "name");
  out.customers = static_cast<std::size_t>(number_at(json, "customers"));
  out.share = number_at(json, "share");
  out.spend_share = number_at(json, "spend_share");
  out.spend = number_at(json, "spend");
  out.words = text_at(json, "words");
  for (const Json& item : list_in(at(json, "items"))) {
    const JsonObject& one = object_in(item);
    out.items.push_back({text_at(one, "item"), text_at(one, "title"),
                         number_at(one, "share"), number_at(one, "lift")});
  }
  const JsonObject& strategy = object_in(at(json, "strategy"));
  out.strategy = {text_at(strategy, "name"), text_at(strategy, "recommend"),
                  text_at(strategy, "campaign"), text_at(strategy, "discount")};
  if (const Json* use = json.if_contains("discount"); use != nullptr) {
    out.discount = discount_use_from(object_in(*use));
  }
  return out;
}

std::vector<Group> groups_from(const artifact::Description& about) {
  const Json* said = about.training.if_contains(kKey);
  if (said == nullptr) {
    throw Error(Code::kCorrupt, "the artifact describes no groups");
  }
  std::vector<Group> out;
  for (const Json& one : list_in(*said)) {
    out.push_back(group_from(object_in(one)));
  }
  return out;
}

std::unique_ptr<const SequenceColumns> encoder_in(
    const artifact::Artifact& artifact) {
  if (!artifact.has(kEncoder)) return nullptr;
  const auto raw = std::as_bytes(artifact.tensor(kEncoder).as<std::uint8_t>());
  const artifact::Description& about = artifact.description();
  return std::make_unique<const SequenceColumns>(
      std::make_shared<const runtime::Engine>(
          artifact::Artifact::from_bytes({raw.begin(), raw.end()}, kEncoder)),
      "segments",
      runtime::HistoryNames{about.items, about.actions, about.context});
}

}  // namespace

std::vector<double> embedding_of(const SequenceColumns& encoder,
                                 const events::History& history,
                                 events::Millis at) {
  std::vector<double> out = encoder.values(history, at);
  out.resize(encoder.embedding());  // not what its heads say
  return out;
}

std::vector<Group> describe_groups(const GroupedLog& grouped,
                                   std::size_t most) {
  const events::Log& log = grouped.log;
  const auto histories = histories_of(grouped);
  const runtime::Behaviour behaviour(log.action_names(), log.schema().has_clock,
                                     grouped.buying);
  const std::size_t groups = grouped.ids.size();
  const auto profiles = profile_segments(
      behaviour.table(histories, grouped.until), grouped.group, groups);
  const Holders holders(histories, grouped.group, groups, log.items());
  std::vector<Group> out;
  for (std::size_t g = 0; g < groups; ++g) {
    const SegmentProfile& one = profiles[g];
    out.push_back(
        {.id = grouped.ids[g],
         .name = {},
         .customers = one.customers,
         .share = one.share,
         .spend_share = one.spend_share,
         .spend = mean_of(one, "spend"),
         .words = in_words(one),
         .items = items_of(holders, g, static_cast<double>(one.customers), log,
                           most),
         .strategy = one.strategy});
  }
  name_groups(profiles, out);
  add_discounts(grouped, histories, out);
  return out;
}

JsonObject to_json(const Group& group) {
  JsonArray items;
  for (const GroupItem& item : group.items) {
    items.push_back(JsonObject{{"item", item.item},
                               {"title", item.title},
                               {"share", item.share},
                               {"lift", item.lift}});
  }
  JsonObject out{
      {"id", group.id},
      {"name", group.name},
      {"customers", group.customers},
      {"share", group.share},
      {"spend_share", group.spend_share},
      {"spend", group.spend},
      {"words", group.words},
      {"items", std::move(items)},
      {"strategy", JsonObject{{"name", group.strategy.name},
                              {"recommend", group.strategy.recommend},
                              {"campaign", group.strategy.campaign},
                              {"discount", group.strategy.discount}}}};
  if (group.discount) out["discount"] = to_json(*group.discount);
  return out;
}

bool SegmentsModel::is_one(const artifact::Description& about) {
  return about.model.name == "segments";
}

void SegmentsModel::describe(artifact::Draft& draft,
                             std::span<const Group> groups) {
  JsonArray list;
  for (const Group& group : groups) list.push_back(to_json(group));
  draft.description().training[kKey] = std::move(list);
}

void SegmentsModel::add_encoder(artifact::Draft& draft,
                                std::span<const std::byte> encoder) {
  draft.add_bytes(kEncoder, artifact::DType::kU8,
                  {static_cast<std::int64_t>(encoder.size())}, encoder);
}

SegmentsModel::SegmentsModel(std::shared_ptr<const artifact::Artifact> artifact)
    : segments_(std::move(artifact)),
      encoder_(encoder_in(segments_.artifact())),
      groups_(groups_from(about())) {
  const std::size_t width = encoder_ == nullptr ? 0 : encoder_->embedding();
  if (width != segments_.embedding()) {
    throw Error(Code::kCorrupt, "segments: an encoder of " +
                                    std::to_string(width) +
                                    " numbers, expected " +
                                    std::to_string(segments_.embedding()));
  }
  if (groups_.size() != segments_.groups()) {
    throw Error(Code::kCorrupt, "groups: " + std::to_string(groups_.size()) +
                                    " are described, expected " +
                                    std::to_string(segments_.groups()));
  }
}

SegmentsModel::Answer SegmentsModel::answer(const events::History& history,
                                            events::Millis at) const {
  const auto known = static_cast<std::size_t>(
      std::ranges::lower_bound(history.times, at) - history.times.begin());
  const auto embedding = encoder_ == nullptr
                             ? std::vector<double>()
                             : embedding_of(*encoder_, history, at);
  const auto said = segments_.answer(history.first(known), at, embedding);
  return {&groups_[said.group], said.distance,
          groups_.size() > 1 ? said.next
                             : std::numeric_limits<double>::quiet_NaN()};
}

}  // namespace ensue::tasks
