// SPDX-License-Identifier: Apache-2.0
// Replay of old events beside new ones: Rolnick et al. 2019, arXiv:1811.11682.
#include "ensue/train/update.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <memory>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/base/hash.h"
#include "ensue/base/rng.h"
#include "ensue/base/time_text.h"
#include "ensue/judge/scorer.h"
#include "ensue/train/internal/classical.h"
#include "ensue/train/validation.h"

namespace ensue::train {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void check_share(const char* name, double value, double most) {
  if (value >= 0 && value <= most) return;
  char text[128];
  std::snprintf(text, sizeof text, "update.%s: %g, expected 0 to %g", name,
                value, most);
  invalid(text);
}

// The latest instant that the model has learnt from.
std::int64_t until_of(const artifact::Description& known) {
  const Json* until = known.data.if_contains("until");
  return until != nullptr && until->is_number()
             ? until->to_number<std::int64_t>()
             : std::numeric_limits<std::int64_t>::min();
}

// "2024-04-03T10:00:00.123", as splits read it.
std::string instant_text(std::int64_t millis) {
  std::string out = time_text(millis);
  std::replace(out.begin(), out.end(), ' ', 'T');
  char rest[8];
  std::snprintf(rest, sizeof rest, ".%03d",
                static_cast<int>((millis % 1000 + 1000) % 1000));
  return out + rest;
}

judge::Split everything(const events::Log& log) {
  judge::Split out;
  out.kind = "time";
  out.description = "all events";
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const auto size = log.history(events::UserId{u}).size();
    out.train.push_back({0, static_cast<std::uint32_t>(size)});
  }
  return out;
}

class Updater {
 public:
  explicit Updater(const UpdateRequest& request)
      : request_(request),
        log_(request.log),
        from_(artifact::Artifact::load(request.from)),
        fresh_(request.fresh) {
    check();
    mark_later_events();
    find_learnable();
  }

  std::optional<UpdateResult> run() {
    if (!any_learnable(kFirst, kLast)) return std::nullopt;
    const auto cut = choose_cut();
    std::filesystem::path start = request_.from;
    std::int64_t first = kFirst;
    std::optional<UpdateResult> judged;
    if (cut) {
      judged = learn_and_judge(*cut);
      remember(*judged);
      if (judged->stopped || !any_learnable(*cut, kLast)) return judged;
      start = request_.folder / "judged.safetensors";
      judged->draft.write(start);
      first = *cut;
    }
    UpdateResult last = learn(everything(log_), start, first);
    if (!judged) return last;
    judged->seconds += last.seconds;
    judged->stopped = last.stopped;
    std::swap(judged->draft, last.draft);
    remember(*judged);
    return judged;
  }

 private:
  static constexpr auto kFirst = std::numeric_limits<std::int64_t>::min(),
                        kLast = std::numeric_limits<std::int64_t>::max();

  void check() const {
    const UpdateOptions& o = request_.options;
    if (fresh_.size() != log_.size()) {
      invalid("update: " + std::to_string(fresh_.size()) +
              " events are said to be new or old, expected " +
              std::to_string(log_.size()) + " of the log");
    }
    check_share("held_out", o.held_out, 0.9);
    check_share("replay", o.replay, 1000);
    for (const auto& head : from_->description().model.heads) {
      if (head.type == "blend") {
        invalid(request_.from.string() +
                ": is a blend; update its members and blend them again");
      }
    }
  }

  void mark_later_events() {
    const std::int64_t until = until_of(from_->description());
    const auto times = log_.columns().times;
    for (std::size_t i = 0; i < fresh_.size(); ++i) {
      if (count(times[i]) > until) fresh_[i] = true;
    }
  }

  // New events that are targets of the model and have an earlier instant.
  void find_learnable() {
    const auto& columns = log_.columns();
    const std::vector<bool> wanted = judge::find_targets(
        log_.action_names(), recipe().target_actions, "train.target_actions");
    const bool ordered = log_.schema().order_within_instant;
    target_.assign(log_.size(), false);
    learnable_.assign(log_.size(), false);
    for (std::size_t u = 0; u < log_.users(); ++u) {
      std::optional<std::uint64_t> first;
      for (auto i = columns.offsets[u]; i < columns.offsets[u + 1]; ++i) {
        if (columns.items[i] == events::kNoItem) continue;
        if (!first) first = i;
        target_[i] =
            fresh_[i] && wanted[static_cast<std::size_t>(columns.actions[i])];
        learnable_[i] =
            target_[i] &&
            (ordered ? i > *first : columns.times[i] > columns.times[*first]);
      }
    }
  }

  // Whether one stands in [first, last).
  bool any_learnable(std::int64_t first, std::int64_t last) const {
    for (std::size_t i = 0; i < learnable_.size(); ++i) {
      const std::int64_t time = count(log_.columns().times[i]);
      if (learnable_[i] && time >= first && time < last) return true;
    }
    return false;
  }

  // Where the held-out events begin, if any can be held out.
  std::optional<std::int64_t> choose_cut() const {
    const std::int64_t until = until_of(from_->description());
    std::vector<std::int64_t> times;
    for (std::size_t i = 0; i < target_.size(); ++i) {
      const std::int64_t time = count(log_.columns().times[i]);
      if (target_[i] && time > until) times.push_back(time);
    }
    const auto held = static_cast<std::size_t>(
        request_.options.held_out * static_cast<double>(times.size()));
    if (held == 0) return {};
    const auto place =
        times.begin() + static_cast<std::ptrdiff_t>(times.size() - held);
    std::nth_element(times.begin(), place, times.end());
    if (!any_learnable(kFirst, *place)) return {};
    return *place;
  }

  UpdateResult learn_and_judge(std::int64_t cut) {
    judge::SplitOptions by_time;
    by_time.validation = 0;
    by_time.test_from = instant_text(cut);
    const judge::Split split = judge::make_split(log_, by_time);
    UpdateResult out = learn(split, request_.from, kFirst);
    if (out.stopped) return out;
    const auto start = Clock::now();
    const auto after =
        artifact::Artifact::from_bytes(out.draft.bytes(), "updated");
    UpdateResult::Judged judged{events::Millis{cut},
                                evaluate(split, from_, "current"),
                                evaluate(split, after, "updated"),
                                {}};
    judged.difference =
        judge::compare(judged.after, judged.before, request_.options.metric);
    out.judged = std::move(judged);
    out.seconds_judging = since(start);
    return out;
  }

  judge::Evaluation evaluate(
      const judge::Split& split,
      const std::shared_ptr<const artifact::Artifact>& model,
      const char* name) const {
    const auto scorer = judge::engine_scorer(
        name, std::make_shared<const runtime::Engine>(model), log_);
    judge::EvaluateOptions options = measure_only(request_.options.metric);
    options.target_actions = recipe().target_actions;
    options.bootstrap = 1000;
    return judge::evaluate(log_, split, split.test, *scorer, options,
                           request_.progress);
  }

  // As the model was trained, with the settings of an update.
  TrainOptions recipe() const {
    TrainOptions out;
    JsonObject training = from_->description().training;
    training.erase("from");  // a checksum
    read_fields(out, training, request_.from.string() + ": training");
    out.epochs = out.evaluate_every = request_.options.epochs;
    out.learning_rate = request_.options.learning_rate;
    out.seed = request_.options.seed;
    out.threads = request_.options.threads;
    out.schedule = "constant";
    out.warmup = 0;
    out.learn = "all";
    out.history = "all";
    out.label_share = 1;
    return out;
  }

  // Learns the new events of the split's training part that stand at `first`
  // or later, from the model `start`.
  UpdateResult learn(const judge::Split& split,
                     const std::filesystem::path& start, std::int64_t first) {
    std::vector<bool> targets(log_.size(), false);
    const std::size_t fresh = add_fresh(split, first, targets);
    const std::size_t replayed = add_replay(split, fresh, targets);
    TrainOptions options = recipe();
    options.from = start.string();
    FitResult fitted = fit({.log = log_,
                            .split = split,
                            .model = from_->description().model,
                            .options = options,
                            .folder = {},
                            .progress = request_.progress,
                            .stop = request_.stop,
                            .targets = &targets});
    return {std::move(fitted.draft),
            fresh,
            replayed,
            fitted.seconds,
            0,
            {},
            fitted.stopped,
            std::move(fitted.notes)};
  }

  std::size_t add_fresh(const judge::Split& split, std::int64_t first,
                        std::vector<bool>& targets) const {
    std::size_t added = 0;
    each_user(split, [&](std::size_t begin, std::size_t end) {
      bool any = false;
      for (std::size_t i = begin; i < end; ++i) {
        const bool is = fresh_[i] && count(log_.columns().times[i]) >= first;
        targets[i] = is;
        added += is ? 1 : 0;
        any = any || is;
      }
      if (!any || !request_.options.own) return;
      for (std::size_t i = begin; i < end; ++i) targets[i] = true;
    });
    return added;
  }

  // Old events of users in random order, until there are enough.
  std::size_t add_replay(const judge::Split& split, std::size_t fresh,
                         std::vector<bool>& targets) const {
    const auto most = static_cast<std::size_t>(request_.options.replay *
                                               static_cast<double>(fresh));
    std::vector<std::pair<std::size_t, std::size_t>> users;
    each_user(split, [&](std::size_t begin, std::size_t end) {
      users.emplace_back(begin, end);
    });
    Rng rng(
        static_cast<std::uint64_t>(request_.options.seed) ^ checksum("replay"),
        fresh);
    shuffle(users, rng);
    std::size_t added = 0;
    for (const auto& [begin, end] : users) {
      for (std::size_t i = begin; i < end && added < most; ++i) {
        if (targets[i]) continue;
        targets[i] = true;
        ++added;
      }
    }
    return added;
  }

  template <class Body>
  void each_user(const judge::Split& split, const Body& body) const {
    for (std::size_t u = 0; u < log_.users(); ++u) {
      const std::uint64_t first = log_.columns().offsets[u];
      body(first + split.train[u].begin, first + split.train[u].end);
    }
  }

  void remember(UpdateResult& result) const {
    if (!result.judged) return;
    const std::string& metric = request_.options.metric;
    JsonObject out;
    out["before " + metric] = result.judged->before.metrics.at(metric).mean;
    out["after " + metric] = result.judged->after.metrics.at(metric).mean;
    out["questions"] = result.judged->after.queries;
    out["from"] = instant_text(count(result.judged->from));
    result.draft.description().metrics["update"] = std::move(out);
  }

  const UpdateRequest& request_;
  const events::Log& log_;
  std::shared_ptr<const artifact::Artifact> from_;
  std::vector<bool> fresh_;
  std::vector<bool> target_, learnable_;  // of those
};

}  // namespace

std::optional<UpdateResult> update(const UpdateRequest& request) {
  return Updater(request).run();
}

}  // namespace ensue::train
