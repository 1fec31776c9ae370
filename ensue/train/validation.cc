// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/validation.h"

#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "ensue/base/error.h"
#include "ensue/base/hash.h"
#include "ensue/base/rng.h"
#include "ensue/metrics/catalog.h"
#include "ensue/runtime/engine.h"

namespace ensue::train {
namespace {

// "ndcg@10" -> 10; a metric without a list length needs none: 1.
int list_length(const std::string& label) {
  const metrics::MetricEntry& metric = metrics::metric_of(label);
  if (metric.needs == metrics::Needs::kLists) {
    invalid("metric: '" + label +
            "' needs the lists of all users together, expected a metric of "
            "single questions");
  }
  const auto place = label.find('@');
  if (!metric.has_cutoff() && place == std::string::npos) return 1;
  int k = 0;
  const char* end = label.data() + label.size();
  const char* begin =
      place == std::string::npos ? end : label.data() + place + 1;
  const auto read = std::from_chars(begin, end, k);
  if (!metric.has_cutoff() || read.ec != std::errc() || read.ptr != end ||
      k < 1) {
    invalid("metric: '" + label + "', expected " + metric.label(10));
  }
  return k;
}

// All queries of at most `most` users, drawn once.
std::vector<judge::Query> sample(const std::vector<judge::Query>& all, int most,
                                 std::uint64_t seed) {
  std::vector<std::uint32_t> users;
  for (const judge::Query& query : all) {
    if (users.empty() || users.back() != index(query.user)) {
      users.push_back(index(query.user));
    }
  }
  if (most <= 0 || users.size() <= static_cast<std::size_t>(most)) return all;
  Rng rng(seed, checksum("validation users"));
  shuffle(users, rng);
  const std::unordered_set<std::uint32_t> drawn(users.begin(),
                                                users.begin() + most);
  std::vector<judge::Query> out;
  for (const judge::Query& query : all) {
    if (drawn.contains(index(query.user))) out.push_back(query);
  }
  return out;
}

}  // namespace

judge::EvaluateOptions measure_only(const std::string& metric) {
  judge::EvaluateOptions out;
  out.ks = {list_length(metric)};
  out.lists = false;
  out.slices = false;
  out.logloss = metrics::metric_of(metric).needs == metrics::Needs::kLosses;
  out.bootstrap = 0;
  return out;
}

Validation::Validation(const events::Log& log, const judge::Split& split,
                       const Options& options)
    : log_(log), split_(split), options_(options) {
  evaluate_ = measure_only(options_.metric);
  evaluate_.target_actions = options_.target_actions;
  queries_ = sample(split.validation, options_.users, options_.seed);
}

bool Validation::higher_is_better() const {
  return metrics::metric_of(options_.metric).higher_is_better;
}

double Validation::operator()(const artifact::Draft& draft) const {
  const auto engine = std::make_shared<const runtime::Engine>(
      artifact::Artifact::from_bytes(draft.bytes(), "validation"));
  const auto scorer = judge::engine_scorer("validation", engine, log_);
  const judge::Evaluation result =
      judge::evaluate(log_, split_, queries_, *scorer, evaluate_);
  return result.metrics.at(options_.metric).mean;
}

}  // namespace ensue::train
