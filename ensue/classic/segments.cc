// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/segments.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/base/rng.h"
#include "ensue/base/threads.h"
#include "ensue/classic/interests.h"
#include "ensue/classic/internal/k_means.h"
#include "ensue/metrics/clusters.h"
#include "ensue/runtime/behaviour.h"

namespace ensue::classic {
namespace {

using events::History;
using events::Millis;
using runtime::SegmentScale;

constexpr int kStarts = 10;
constexpr double kMostSkewed = 1, kSharedAtLeast = 0.3;

struct Customers {
  std::vector<events::UserId> users;
  std::vector<History> histories;

  Customers(const events::Log& log, Millis until) {
    for (std::uint32_t u = 0; u < log.users(); ++u) {
      const History all = log.history(events::UserId{u});
      const auto kept = static_cast<std::size_t>(
          std::ranges::lower_bound(all.times, until) - all.times.begin());
      if (kept == 0) continue;
      users.push_back(events::UserId{u});
      histories.push_back(all.first(kept));
    }
  }
  std::size_t size() const { return users.size(); }
};

// Numbers that tell people apart, beside recency, frequency and value.
std::vector<std::string> chosen_columns(const runtime::Behaviour& behaviour,
                                        const SegmentOptions& options) {
  if (options.by == "interests" || options.by == "encoder") return {};
  if (!options.columns.empty()) return options.columns;
  std::vector<std::string> out;
  for (const std::string& name : behaviour.names()) {
    const bool amount = name == "events" || name == "items" ||
                        name == "sessions" || name == "age_days" ||
                        name == "night_share" || name == "gap_seconds";
    if (!amount) out.push_back(name);
  }
  return out;
}

double quantile(const std::vector<double>& sorted, double at) {
  const double place = at * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] +
         (place - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

double skewness(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double second = 0, third = 0;
  for (const double v : values) {
    second += (v - mean) * (v - mean) / n;
    third += (v - mean) * (v - mean) * (v - mean) / n;
  }
  return second > 0 ? third / std::pow(second, 1.5) : 0;
}

// Half a column may be one number: then its deviation is the scale.
SegmentScale scale_of(std::vector<double> values) {
  std::erase_if(values, [](double v) { return std::isnan(v); });
  SegmentScale out;
  if (values.empty()) return out;
  std::ranges::sort(values);
  out.log = values.front() >= 0 && skewness(values) > kMostSkewed;
  if (out.log) {
    for (double& v : values) v = std::log1p(v);
  }
  out.middle = quantile(values, 0.5);
  out.scale = (quantile(values, 0.75) - quantile(values, 0.25)) / 1.349;
  if (out.scale > 0) return out;
  double square = 0;
  for (const double v : values) square += (v - out.middle) * (v - out.middle);
  out.scale = std::sqrt(square / static_cast<double>(values.size()));
  if (!(out.scale > 0)) out.scale = 1;
  return out;
}

struct Scales {
  std::vector<std::string> names;
  std::vector<std::uint8_t> log;
  std::vector<double> middle, scale;

  Scales(const events::Table& behaviour, std::vector<std::string> wanted)
      : names(std::move(wanted)) {
    for (const std::string& name : names) {
      const events::Column* column = behaviour.find(name);
      if (column == nullptr) {
        throw Error(Code::kNotFound,
                    "segments.columns: unknown number '" + name + "'");
      }
      const SegmentScale one =
          scale_of(std::get<std::vector<double>>(column->cells));
      log.push_back(one.log ? 1 : 0);
      middle.push_back(one.middle);
      scale.push_back(one.scale);
    }
  }
};

template <class T>
void add(artifact::Draft& draft, const std::string& name,
         const std::vector<T>& values) {
  draft.add<T>(name, {static_cast<std::int64_t>(values.size())}, values);
}

// What a sequence model says of the customers: nothing, or a row each.
struct Embeddings {
  std::vector<std::vector<double>> rows;
  std::vector<double> mean;

  Embeddings(const Customers& customers, const EmbedUser& embed) {
    if (!embed) return;
    rows.resize(customers.size());
    parallel_for(rows.size(), 64, [&](std::size_t begin, std::size_t end) {
      for (std::size_t u = begin; u < end; ++u) {
        rows[u] = embed(customers.users[u]);
      }
    });
    mean.assign(rows.front().size(), 0);
    for (const auto& row : rows) {
      for (std::size_t i = 0; i < mean.size(); ++i) {
        mean[i] += row[i] / static_cast<double>(rows.size());
      }
    }
  }
  std::span<const double> of(std::size_t customer) const {
    if (rows.empty()) return {};
    return rows[customer];
  }
};

struct Parts {
  Scales scales;
  InterestVectors interests;
  std::vector<double> embedding_mean;
  double embedding_scale = 1;

  std::size_t width() const {
    return scales.names.size() + interests.width + embedding_mean.size();
  }
};

artifact::Draft draft_of(const events::Log& log, Millis until,
                         const SegmentOptions& options, const Parts& parts,
                         const std::vector<double>& centres,
                         const std::vector<std::int64_t>& ids) {
  artifact::Description about;
  about.model.name = "segments";
  about.schema = log.schema();
  about.actions = log.action_names();
  about.items = log.item_names();
  about.training = write_fields(options);
  JsonArray names;
  for (const std::string& name : parts.scales.names) names.emplace_back(name);
  about.training["columns"] = std::move(names);
  about.training["interests"] = parts.interests.width;
  about.data = {{"until_ms", events::count(until)}};
  artifact::Draft out(std::move(about));
  add(out, "scale_log", parts.scales.log);
  add(out, "scale_middle", parts.scales.middle);
  add(out, "scale_scale", parts.scales.scale);
  if (parts.interests.width > 0) {
    const auto n = static_cast<std::int64_t>(log.items());
    out.add<float>("interest_vectors",
                   {n, static_cast<std::int64_t>(parts.interests.width)},
                   parts.interests.vectors);
    add(out, "interest_rarity", parts.interests.rarity);
    add(out, "interest_mean", parts.interests.mean);
  }
  if (!parts.embedding_mean.empty()) {
    out.description().context = log.context();  // what the encoder may read
    out.description().training["embedding_scale"] = parts.embedding_scale;
    add(out, "embedding_mean", parts.embedding_mean);
  }
  add(out, "centres", centres);
  add(out, "ids", ids);
  return out;
}

std::vector<double> places_of(const runtime::Segments& model,
                              std::span<const History> histories, Millis until,
                              const Embeddings& embeddings) {
  const std::size_t width = model.width();
  std::vector<double> out(histories.size() * width);
  parallel_for(histories.size(), 64, [&](std::size_t begin, std::size_t end) {
    for (std::size_t u = begin; u < end; ++u) {
      std::ranges::copy(model.place(histories[u], until, embeddings.of(u)),
                        out.begin() + static_cast<std::ptrdiff_t>(u * width));
    }
  });
  return out;
}

// Of columns [from, to) together.
double variance(const Points& points, std::size_t from, std::size_t to) {
  const auto n = static_cast<double>(points.rows());
  double out = 0;
  for (std::size_t c = from; c < to; ++c) {
    double mean = 0, square = 0;
    for (std::size_t row = 0; row < points.rows(); ++row) {
      const double x = points.values[row * points.width + c];
      mean += x / n;
      square += x * x / n;
    }
    out += square - mean * mean;
  }
  return out;
}

// What the embeddings, the last columns, must be multiplied by.
double embedding_scale(const Points& points, std::size_t embedding,
                       double weight) {
  const std::size_t rest = points.width - embedding;
  const double own = variance(points, rest, points.width),
               others = variance(points, 0, rest);
  return own > 0 && others > 0 ? std::sqrt(weight * others / own) : 1;
}

std::vector<double> sampled(const Points& points, std::size_t size, Rng& rng) {
  std::vector<double> out;
  for (std::size_t i = 0; i < size; ++i) {
    const auto row = points.values.subspan(
        rng.below(points.rows()) * points.width, points.width);
    out.insert(out.end(), row.begin(), row.end());
  }
  return out;
}

Stability stability_of(const Points& points, int groups,
                       const SegmentOptions& options) {
  const std::size_t size =
      std::min(points.rows(), static_cast<std::size_t>(options.sample));
  std::vector<double> agreement(static_cast<std::size_t>(options.resamples));
  parallel_for(agreement.size(), 1, [&](std::size_t pair, std::size_t) {
    Rng rng(options.seed, static_cast<std::uint64_t>(groups) << 32 | pair);
    std::vector<std::uint32_t> group[2];
    for (auto& one : group) {
      const auto rows = sampled(points, size, rng);
      const auto centres =
          k_means({rows, points.width}, static_cast<std::size_t>(groups),
                  /*starts=*/3, rng());
      one = nearest_centres(points, centres);
    }
    agreement[pair] = metrics::adjusted_rand(group[0], group[1]);
  });
  const auto n = static_cast<double>(agreement.size());
  Stability out{.groups = groups};
  for (const double a : agreement) out.mean += a / n;
  double square = 0;
  for (const double a : agreement) square += (a - out.mean) * (a - out.mean);
  out.error = n > 1 ? std::sqrt(square / (n - 1) / n) : 0;
  return out;
}

// Centres in order of their groups' sizes, and everybody's group.
std::vector<std::uint32_t> order_by_size(const Points& points,
                                         std::vector<double>& centres) {
  const std::size_t groups = centres.size() / points.width;
  std::vector<std::size_t> sizes(groups, 0), order(groups);
  for (const auto g : nearest_centres(points, centres)) ++sizes[g];
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater<>(),
                           [&](std::size_t g) { return sizes[g]; });
  std::vector<double> sorted;
  for (const std::size_t g : order) {
    const auto row = std::span(centres).subspan(g * points.width, points.width);
    sorted.insert(sorted.end(), row.begin(), row.end());
  }
  centres = std::move(sorted);
  return nearest_centres(points, centres);
}

// Histories in another artifact's ids; what it does not know is left out.
History translated(const History& history, const events::Log& log,
                   const artifact::Description& about,
                   std::vector<events::ItemId>& items,
                   std::vector<events::ActionId>& actions) {
  items.clear();
  actions.clear();
  for (std::size_t e = 0; e < history.size(); ++e) {
    const auto item = history.items[e];
    const auto found =
        item == events::kNoItem
            ? std::nullopt
            : about.items.find(log.item_names().name(events::index(item)));
    items.push_back(found ? events::ItemId{*found} : events::kNoItem);
    const auto action = about.actions.find(
        log.action_names().name(events::index(history.actions[e])));
    actions.push_back(static_cast<events::ActionId>(action.value_or(0)));
  }
  History out = history;
  out.items = items;
  out.actions = actions;
  return out;
}

// The largest id ever given.
std::int64_t last_id(const runtime::Segments* previous) {
  if (previous == nullptr) return 0;
  std::int64_t out = 0;
  for (std::size_t g = 0; g < previous->groups(); ++g) {
    out = std::max(out, previous->id(g));
  }
  const Json* said =
      previous->artifact().description().metrics.if_contains("last_id");
  return said != nullptr && said->is_int64() ? std::max(out, said->get_int64())
                                             : out;
}

std::vector<std::int64_t> ids_from(const runtime::Segments* previous,
                                   const events::Log& log, Millis until,
                                   const Customers& customers,
                                   std::span<const std::uint32_t> group,
                                   std::size_t groups, const EmbedUser& embed) {
  std::vector<std::int64_t> fresh(groups);
  std::iota(fresh.begin(), fresh.end(), 1);
  if (previous == nullptr) return fresh;
  const std::size_t old = previous->groups();
  std::vector<double> shared(groups * old, 0);
  std::vector<events::ItemId> items;
  std::vector<events::ActionId> actions;
  if (previous->embedding() > 0 && !embed) {
    invalid("segments: the previous groups read a sequence model");
  }
  for (std::size_t u = 0; u < customers.size(); ++u) {
    const auto seen =
        translated(customers.histories[u], log,
                   previous->artifact().description(), items, actions);
    const auto place = previous->embedding() > 0 ? embed(customers.users[u])
                                                 : std::vector<double>();
    shared[group[u] * old + previous->answer(seen, until, place).group] += 1;
  }
  std::vector<std::int64_t> ids(old);
  for (std::size_t g = 0; g < old; ++g) ids[g] = previous->id(g);
  return match_ids(shared, groups, ids, last_id(previous));
}

void check(const SegmentOptions& options, std::size_t customers, bool encoder) {
  if (options.by != "behaviour" && options.by != "interests" &&
      options.by != "both" && (options.by != "encoder" || !encoder)) {
    invalid("segments.by: '" + options.by +
            "', expected behaviour, interests or both, or encoder where one "
            "is given");
  }
  const int most = options.groups > 0 ? options.groups : options.most;
  if (options.groups < 0 || options.least < 2 || options.most < options.least ||
      options.resamples < 2 || options.sample < 10 || !(options.clip > 0) ||
      !(options.encoder_weight > 0)) {
    invalid(
        "segments: expected 2 <= least <= most, resamples >= 2, sample >= "
        "10, clip and encoder_weight above 0");
  }
  if (customers < 10 * static_cast<std::size_t>(most)) {
    invalid("segments: " + std::to_string(customers) + " customers for " +
            std::to_string(most) + " groups, expected ten for each");
  }
}

Parts learn_parts(const events::Log& log, Millis until,
                  const Customers& customers, const SegmentOptions& options) {
  const runtime::Behaviour behaviour(log.action_names(), log.schema().has_clock,
                                     options.buying);
  Parts out{Scales(behaviour.table(customers.histories, until),
                   chosen_columns(behaviour, options)),
            {},
            {}};
  if (options.by == "interests" || options.by == "both") {
    out.interests = fit_interests(customers.histories, log.items(),
                                  static_cast<std::size_t>(options.interests),
                                  options.seed);
  }
  return out;
}

}  // namespace

int choose_groups(std::span<const Stability> curve) {
  const Stability& best =
      *std::ranges::max_element(curve, {}, &Stability::mean);
  int out = best.groups;
  for (const Stability& one : curve) {
    if (one.mean >= best.mean - best.error) out = std::max(out, one.groups);
  }
  return out;
}

std::vector<std::int64_t> match_ids(std::span<const double> shared,
                                    std::size_t groups,
                                    std::span<const std::int64_t> ids,
                                    std::int64_t last) {
  const std::size_t old = ids.size();
  std::vector<double> now(groups, 0), then(old, 0);
  for (std::size_t i = 0; i < shared.size(); ++i) {
    now[i / old] += shared[i];
    then[i % old] += shared[i];
  }
  std::vector<std::int64_t> out(groups, 0);
  std::vector<bool> used(old, false);
  while (true) {
    double best = 0;
    std::size_t place = 0;
    for (std::size_t i = 0; i < shared.size(); ++i) {
      if (out[i / old] != 0 || used[i % old] || shared[i] == 0) continue;
      const double both =
          shared[i] / (now[i / old] + then[i % old] - shared[i]);
      if (both > best) {
        best = both;
        place = i;
      }
    }
    if (best < kSharedAtLeast) break;
    out[place / old] = ids[place % old];
    used[place % old] = true;
  }
  for (std::int64_t& id : out) {
    if (id == 0) id = ++last;
  }
  return out;
}

SegmentFit fit_segments(const events::Log& log, Millis until,
                        const SegmentOptions& options,
                        const runtime::Segments* previous,
                        const SegmentEncoders& encoders) {
  const Customers customers(log, until);
  check(options, customers.size(), static_cast<bool>(encoders.now));
  Parts parts = learn_parts(log, until, customers, options);
  const Embeddings embeddings(customers, encoders.now);
  parts.embedding_mean = embeddings.mean;
  const std::size_t width = parts.width();
  // One centre at 0, so that the artifact's own code says where people stand.
  const auto stand = [&] {
    const std::vector<double> nowhere(width, 0);
    const runtime::Segments plain(artifact::Artifact::from_bytes(
        draft_of(log, until, options, parts, nowhere, {1}).bytes(),
        "segments"));
    return places_of(plain, customers.histories, until, embeddings);
  };
  std::vector<double> places = stand();
  if (!embeddings.mean.empty()) {
    parts.embedding_scale = embedding_scale(
        {places, width}, embeddings.mean.size(), options.encoder_weight);
    places = stand();
  }
  const Points points{places, width};
  std::vector<Stability> curve;
  int groups = options.groups;
  if (groups == 0) {
    for (int g = options.least; g <= options.most; ++g) {
      curve.push_back(stability_of(points, g, options));
    }
    groups = choose_groups(curve);
  }
  auto centres =
      k_means(points, static_cast<std::size_t>(groups), kStarts, options.seed);
  auto group = order_by_size(points, centres);
  const auto ids =
      ids_from(previous, log, until, customers, group,
               static_cast<std::size_t>(groups), encoders.previous);
  auto draft = draft_of(log, until, options, parts, centres, ids);
  draft.description().metrics["last_id"] =
      std::max(std::ranges::max(ids), last_id(previous));
  return {std::move(draft), std::move(curve), customers.users,
          std::move(group)};
}

}  // namespace ensue::classic
