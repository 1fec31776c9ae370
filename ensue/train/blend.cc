// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/blend.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <memory>
#include <span>
#include <unordered_map>
#include <utility>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/base/hash.h"
#include "ensue/base/rng.h"
#include "ensue/base/threads.h"
#include "ensue/judge/evaluate.h"
#include "ensue/metrics/catalog.h"
#include "ensue/runtime/engine.h"
#include "ensue/train/validation.h"

namespace ensue::train {
namespace {

using judge::Query;

// Logits of one member for all questions are kept: at most this many floats.
constexpr std::size_t kMostFloats = std::size_t{1} << 28;

std::uint64_t key_of(const Query& query) {
  return (std::uint64_t{events::index(query.user)} << 32) | query.history;
}

// A weighted sum of what several scorers once said.
class Recorded final : public judge::Scorer {
 public:
  Recorded(std::vector<std::unique_ptr<judge::Scorer>> members,
           const events::Log& log, std::span<const Query> queries,
           const ProgressFn& progress)
      : weights(members.size(), 1.0), members_(std::move(members)) {
    for (std::size_t i = 0; i < queries.size(); ++i) {
      rows_[key_of(queries[i])] = i;
    }
    logits_.resize(members_.size());
    for (std::size_t m = 0; m < members_.size(); ++m) {
      logits_[m].resize(queries.size() * items());
      record(log, queries, m);
      if (progress) {
        progress({"asking the members", static_cast<double>(m + 1),
                  static_cast<double>(members_.size()), members_[m]->name()});
      }
    }
  }

  std::vector<double> weights;

  std::string name() const override { return "blend"; }
  std::size_t items() const override { return members_[0]->items(); }
  std::optional<std::uint32_t> place(events::ItemId item) const override {
    return members_[0]->place(item);
  }
  void score(const events::Log&, std::span<const Query> queries,
             const Sink& sink) const override {
    std::vector<float> sum(items());
    for (std::size_t q = 0; q < queries.size(); ++q) {
      const std::size_t at = rows_.at(key_of(queries[q])) * items();
      std::fill(sum.begin(), sum.end(), 0.0F);
      for (std::size_t m = 0; m < members_.size(); ++m) {
        const auto weight = static_cast<float>(weights[m]);
        if (weight == 0) continue;
        const float* row = logits_[m].data() + at;
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += weight * row[i];
      }
      sink(q, sum);
    }
  }

 private:
  // User by user, as the judge asks.
  void record(const events::Log& log, std::span<const Query> queries,
              std::size_t m) {
    std::vector<std::size_t> users;  // where each one's questions begin
    for (std::size_t q = 0; q < queries.size(); ++q) {
      if (q == 0 || queries[q].user != queries[q - 1].user) users.push_back(q);
    }
    users.push_back(queries.size());
    parallel_for(users.size() - 1, /*grain=*/8,
                 [&](std::size_t a, std::size_t b) {
                   for (; a < b; ++a) {
                     const std::size_t begin = users[a];
                     members_[m]->score(
                         log, queries.subspan(begin, users[a + 1] - begin),
                         [&](std::size_t q, std::span<const float> row) {
                           std::ranges::copy(
                               row, logits_[m].data() + (begin + q) * items());
                         });
                   }
                 });
  }

  std::vector<std::unique_ptr<judge::Scorer>> members_;
  std::vector<std::vector<float>> logits_;  // [members][queries, items]
  std::unordered_map<std::uint64_t, std::size_t> rows_;
};

// Whole users, drawn once, until there are enough questions.
std::vector<Query> sample(const std::vector<Query>& all, std::size_t most,
                          std::uint64_t seed) {
  if (all.size() <= most) return all;
  std::vector<std::uint32_t> users;
  for (const Query& query : all) {
    if (users.empty() || users.back() != events::index(query.user)) {
      users.push_back(events::index(query.user));
    }
  }
  Rng rng(seed, checksum("blend"));
  shuffle(users, rng);
  const double share =
      static_cast<double>(most) / static_cast<double>(all.size());
  users.resize(std::max<std::size_t>(
      1, static_cast<std::size_t>(share * static_cast<double>(users.size()))));
  std::ranges::sort(users);
  std::vector<Query> out;
  for (const Query& query : all) {
    if (std::ranges::binary_search(users, events::index(query.user))) {
      out.push_back(query);
    }
  }
  return out;
}

// The best of `value` over factors of one weight after the other.
double climb(std::vector<double>& weights,
             const std::function<double()>& value) {
  constexpr std::array<double, 8> kFactors = {0,    0.4, 0.65, 0.85,
                                              1.15, 1.5, 2.2,  4};
  double best = value();
  for (int round = 0; round < 5; ++round) {
    const double before = best;
    for (double& weight : weights) {
      const double own = weight;
      double chosen = own;
      for (const double factor : kFactors) {
        weight = own * factor;
        if (std::ranges::all_of(weights, [](double w) { return w == 0; })) {
          continue;
        }
        if (const double now = value(); now > best) {
          best = now;
          chosen = weight;
        }
      }
      weight = chosen;
    }
    if (best <= before) break;
  }
  return best;
}

// Golden section over log(scale): log-loss has one valley there.
double best_scale(const std::function<double(double)>& loss) {
  constexpr double kGolden = 0.6180339887498949;
  double low = std::log(0.1), high = std::log(10.0);
  for (int i = 0; i < 12; ++i) {
    const double a = high - kGolden * (high - low);
    const double b = low + kGolden * (high - low);
    if (loss(std::exp(a)) < loss(std::exp(b))) {
      high = b;
    } else {
      low = a;
    }
  }
  return std::exp((low + high) / 2);
}

// What the member that learnt most was fitted on.
JsonObject widest_data(const std::vector<BlendMember>& members) {
  JsonObject out;
  std::int64_t most = -1;
  for (const BlendMember& member : members) {
    const JsonObject data =
        artifact::Artifact::from_bytes(member.bytes, member.name)
            ->description()
            .data;
    const Json* events = data.if_contains("events");
    const auto learnt =
        events == nullptr ? 0 : events->to_number<std::int64_t>();
    if (learnt <= most) continue;
    most = learnt;
    out = data;
  }
  return out;
}

void check(const std::vector<BlendMember>& members, std::size_t weights) {
  if (members.empty()) invalid("blend: no members, expected at least one");
  if (members.size() != weights) {
    invalid("blend: " + std::to_string(weights) + " weights, expected " +
            std::to_string(members.size()));
  }
}

}  // namespace

artifact::Draft make_blend(const std::vector<BlendMember>& members,
                           const std::vector<double>& weights) {
  check(members, weights.size());
  artifact::BlendConfig config;
  for (const BlendMember& member : members)
    config.members.push_back(member.name);
  const auto first =
      artifact::Artifact::from_bytes(members[0].bytes, members[0].name);
  artifact::Description description = first->description();
  description.model = {"blend", {}, {}, {{"blend", write_fields(config)}}};
  description.data = widest_data(members);
  description.training = {};
  description.metrics = {};
  description.context = {};  // members have their own
  artifact::Draft out(std::move(description));
  const std::vector<float> narrow(weights.begin(), weights.end());
  out.add<float>("heads.0.weights", {static_cast<std::int64_t>(narrow.size())},
                 narrow);
  for (std::size_t m = 0; m < members.size(); ++m) {
    out.add_bytes("heads.0.members." + std::to_string(m), artifact::DType::kU8,
                  {static_cast<std::int64_t>(members[m].bytes.size())},
                  members[m].bytes);
  }
  return out;
}

Blended fit_blend(const events::Log& log, const judge::Split& split,
                  const std::vector<BlendMember>& members,
                  const BlendOptions& options, const ProgressFn& progress) {
  check(members, members.size());
  if (split.validation.empty()) {
    invalid("blend: the split has no validation to fit weights on");
  }
  std::vector<std::unique_ptr<judge::Scorer>> scorers;
  for (const BlendMember& member : members) {
    scorers.push_back(judge::engine_scorer(
        member.name,
        std::make_shared<const runtime::Engine>(
            artifact::Artifact::from_bytes(member.bytes, member.name)),
        log));
  }
  const std::size_t room =
      kMostFloats /
      (members.size() * std::max<std::size_t>(1, scorers[0]->items()));
  const std::vector<Query> queries =
      sample(split.validation,
             std::min(room, static_cast<std::size_t>(options.questions)),
             options.seed);
  Recorded recorded(std::move(scorers), log, queries, progress);

  auto wanted = measure_only(options.metric);
  wanted.logloss = true;  // the size of the weights
  const double sign =
      metrics::metric_of(options.metric).higher_is_better ? 1 : -1;
  const auto measure = [&](const std::string& metric) {
    return judge::evaluate(log, split, queries, recorded, wanted)
        .metrics.at(metric)
        .mean;
  };
  Blended out;
  for (std::size_t m = 0; m < members.size(); ++m) {
    recorded.weights.assign(members.size(), 0.0);
    recorded.weights[m] = 1;
    out.alone.push_back(measure(options.metric));
  }
  recorded.weights.assign(members.size(),
                          1.0 / static_cast<double>(members.size()));
  out.metric = sign * climb(recorded.weights,
                            [&] { return sign * measure(options.metric); });
  const std::vector<double> ratios = recorded.weights;
  const auto scaled = [&](double scale) {
    for (std::size_t m = 0; m < ratios.size(); ++m) {
      recorded.weights[m] = scale * ratios[m];
    }
  };
  scaled(best_scale([&](double scale) {
    scaled(scale);
    return measure("logloss");
  }));
  out.weights = recorded.weights;
  return out;
}

}  // namespace ensue::train
