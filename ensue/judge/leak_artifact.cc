// SPDX-License-Identifier: Apache-2.0
// Statistics fitted on test: what an artifact says it was fitted on, and what
// its item counts say.
#include <cmath>
#include <cstdint>
#include <utility>

#include "ensue/base/hash.h"
#include "ensue/judge/internal/leak_checks.h"

namespace ensue::judge {
namespace {

using artifact::Artifact;
using events::Log, events::Millis, events::UserId;

std::optional<std::int64_t> integer(const JsonObject& object, const char* key) {
  const Json* found = object.if_contains(key);
  if (found == nullptr) return std::nullopt;
  boost::system::error_code error;
  const auto value = found->to_number<std::int64_t>(error);
  return error ? std::nullopt : std::optional(value);
}

std::optional<std::string> text(const JsonObject& object, const char* key) {
  const Json* found = object.if_contains(key);
  if (found == nullptr || !found->is_string()) return std::nullopt;
  return std::string(found->get_string());
}

// Of this log, but not of this split's training part: a user's targets may
// have been learnt from. A cut in time rules that out by itself ("until").
void check_part(const Suspect& s, const JsonObject& data, Cases& cases) {
  const auto part = text(data, "part");
  if (first_cut(s.split) || !part || *part == to_hex(s.split.fingerprint())) {
    return;
  }
  cases.add([&] {
    return "fitted on another part of this log (" + *part +
           ") than the training part of this " + s.split.kind + " split (" +
           to_hex(s.split.fingerprint()) + ")";
  });
}

void check_words(const Suspect& s, Cases& cases) {
  const JsonObject& data = s.artifact->description().data;
  const bool same = text(data, "log") == to_hex(s.log.fingerprint());
  if (same) check_part(s, data, cases);
  const auto events = integer(data, "events");
  const auto allowed = static_cast<std::int64_t>(s.split.train_events());
  if (same && events && *events > allowed) {
    cases.add([&] {
      return "fitted on " + std::to_string(*events) +
             " events, the training part has " + std::to_string(allowed);
    });
  }
  const auto until = integer(data, "until");
  if (!until) return;
  const auto cut = first_cut(s.split), last = train_until(s);
  const bool beyond_cut =
      s.log.schema().has_clock && cut && Millis{*until} >= *cut;
  const bool beyond_train = same && last && Millis{*until} > *last;
  if (!beyond_cut && !beyond_train) return;
  cases.add([&] {
    return "fitted on events until " + show_time(s.log, Millis{*until}) +
           ", training ends at " +
           show_time(s.log, last.value_or(cut.value_or(Millis{0})));
  });
}

// Events of every item of the artifact, in its order, over `ranges`.
std::vector<double> counts_of(const Suspect& s,
                              const std::vector<Range>& ranges) {
  const auto& items = s.artifact->description().items;
  std::vector<std::optional<std::uint32_t>> place(s.log.items());
  for (std::size_t i = 0; i < place.size(); ++i) {
    place[i] = items.find(s.log.item_names().name(i));
  }
  std::vector<double> counts(items.size(), 0.0);
  for (std::uint32_t u = 0; u < ranges.size(); ++u) {
    const auto part =
        s.log.history(UserId{u}).slice(ranges[u].begin, ranges[u].end);
    for (const auto item : part.items) {
      if (item == events::kNoItem || !place[events::index(item)]) continue;
      ++counts[*place[events::index(item)]];
    }
  }
  return counts;
}

// Log of the smoothed shares equals what the artifact stores.
bool explains(const std::vector<double>& counts, double smoothing,
              std::span<const float> stored) {
  double total = 0;
  for (const double count : counts) total += count + smoothing;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double expected = std::log((counts[i] + smoothing) / total);
    if (std::abs(expected - static_cast<double>(stored[i])) > 1e-4) {
      return false;
    }
  }
  return !counts.empty();
}

// Each user's events up to the end of `queries`' targets and of training.
std::vector<Range> with_targets(const Suspect& s,
                                const std::vector<Query>& queries) {
  std::vector<Range> out = s.split.train;
  for (const Query& q : queries) {
    std::uint32_t& end = out[events::index(q.user)].end;
    end = std::max(end, q.targets.end);
  }
  return out;
}

std::vector<Range> whole(const Log& log) {
  std::vector<Range> out(log.users());
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    out[u].end = static_cast<std::uint32_t>(log.history(UserId{u}).size());
  }
  return out;
}

// The counts of a popularity prior, wherever a head keeps one, are those of
// more than the training part.
void check_prior(const Suspect& s, const std::string& tensor, double smoothing,
                 Cases& cases) {
  if (!s.artifact->has(tensor)) return;
  const auto stored = s.artifact->tensor(tensor).as<float>();
  if (stored.size() != s.artifact->description().items.size()) return;
  if (explains(counts_of(s, s.split.train), smoothing, stored)) return;
  const std::pair<const char*, std::vector<Range>> others[] = {
      {"the whole log", whole(s.log)},
      {"training and validation", with_targets(s, s.split.validation)},
      {"training and test", with_targets(s, s.split.test)}};
  for (const auto& [name, ranges] : others) {
    if (!explains(counts_of(s, ranges), smoothing, stored)) continue;
    cases.add([&] {
      return "tensor '" + tensor + "' holds the item counts of " + name +
             ", not of the training part";
    });
    return;
  }
}

}  // namespace

std::optional<Leak> fitted_on_test(const Suspect& suspect) {
  if (suspect.artifact == nullptr) return std::nullopt;
  Cases cases;
  check_words(suspect, cases);
  const auto& heads = suspect.artifact->description().model.heads;
  for (std::size_t place = 0; place < heads.size(); ++place) {
    const Json* smoothing = heads[place].config.if_contains("smoothing");
    if (smoothing == nullptr || !smoothing->is_number()) continue;
    for (const char* name : {"log_probability", "log_popularity"}) {
      check_prior(suspect, Artifact::tensor_name("heads", place, name),
                  smoothing->to_number<double>(), cases);
    }
  }
  return cases.leak("fitted-on-test", cases.count() == 1
                                          ? "sign of fitting on test"
                                          : "signs of fitting on test");
}

}  // namespace ensue::judge
