// SPDX-License-Identifier: Apache-2.0
#include "ensue/simulate/ceiling.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <mutex>
#include <string>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/threads.h"
#include "ensue/simulate/internal/belief.h"

namespace ensue::simulate {
namespace {

// "u0000017" to 17.
std::uint32_t number_of(std::string_view name, char letter,
                        std::uint32_t count) {
  std::uint32_t out = 0;
  const char* end = name.data() + name.size();
  if (!name.empty() && name[0] == letter) {
    const auto read = std::from_chars(name.data() + 1, end, out);
    if (read.ec == std::errc() && read.ptr == end && out < count) return out;
  }
  invalid("'" + std::string(name) + "' is not of this shop, expected " +
          letter + "0000000 to " + letter + std::to_string(count - 1));
}

std::vector<std::uint32_t> numbers(const events::Vocabulary& names, char letter,
                                   std::int64_t count) {
  std::vector<std::uint32_t> out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    out.push_back(
        number_of(names.name(i), letter, static_cast<std::uint32_t>(count)));
  }
  return out;
}

std::vector<ActionKind> action_kinds(const events::Vocabulary& names) {
  std::vector<ActionKind> out;
  for (std::size_t a = 0; a < names.size(); ++a) {
    const std::string_view name = names.name(a);
    if (name == "view") {
      out.push_back(ActionKind::kView);
    } else if (name == "cart") {
      out.push_back(ActionKind::kCart);
    } else if (name == "purchase") {
      out.push_back(ActionKind::kPurchase);
    } else {
      invalid("action '" + std::string(name) +
              "' is not of this shop, expected view, cart or purchase");
    }
  }
  return out;
}

// A day has one session.
int second_category(const Trace& trace, int day) {
  const auto found =
      std::ranges::lower_bound(trace.sessions, day, {}, &SessionTruth::day);
  return found == trace.sessions.end() ? -1 : found->second_category;
}

}  // namespace

struct BayesPredictor::Impl {
  const Shop* shop;
  const events::Log* log;
  Knows knows;
  Outlook outlook;
  std::vector<std::uint32_t> users, items;  // the shop's number of a log's id
  std::vector<ActionKind> actions;

  Impl(const Shop& of, const events::Log& from, Knows what)
      : shop(&of),
        log(&from),
        knows(what),
        outlook(of),
        users(numbers(from.user_names(), 'u', of.options().users)),
        items(numbers(from.item_names(), 'i', of.options().items)),
        actions(action_kinds(from.action_names())) {}

  // From probabilities by the shop's numbers to logarithms by the log's ids.
  void to_log(std::span<const double> p, std::span<double> out) const {
    double sum = 0;
    for (const std::uint32_t item : items) sum += p[item];
    for (std::size_t i = 0; i < items.size(); ++i) {
      const double share = p[items[i]] / sum;
      out[i] = share > 0 ? std::log(share) : kImpossible;
    }
  }
};

BayesPredictor::BayesPredictor(const Shop& shop, const events::Log& log,
                               Knows knows)
    : impl_(std::make_unique<const Impl>(shop, log, knows)) {}
BayesPredictor::~BayesPredictor() = default;
BayesPredictor::BayesPredictor(BayesPredictor&&) noexcept = default;

std::size_t BayesPredictor::items() const noexcept {
  return impl_->items.size();
}

void BayesPredictor::predict(events::UserId user,
                             std::span<const std::uint32_t> histories,
                             const Sink& sink) const {
  const bool truth = impl_->knows == Knows::kTruth;
  Trace trace;
  if (truth) {
    simulate_customer(*impl_->shop, impl_->users[events::index(user)], trace);
  }
  Belief belief =
      truth ? Belief(impl_->outlook, trace.person) : Belief(impl_->outlook);
  const events::History history = impl_->log->history(user);
  std::vector<double> p(impl_->shop->catalogue().items()), out(items());
  std::size_t at = 0;
  for (std::size_t q = 0; q < histories.size(); ++q) {
    for (; at < histories[q]; ++at) {
      const events::Event e = history[at];
      if (e.item == events::kNoItem) continue;
      if (!belief.see(impl_->items[events::index(e.item)],
                      impl_->actions[events::index(e.action)],
                      events::count(e.time) / 1000)) {
        invalid(
            "event " + std::to_string(at) + " of " +
            std::string(impl_->log->user_names().name(events::index(user))) +
            " cannot happen in this shop");
      }
      if (truth && belief.session_began()) {
        belief.tell_second_category(second_category(
            trace,
            impl_->shop->calendar().day_of(events::count(e.time) / 1000)));
      }
    }
    belief.predict(p);
    impl_->to_log(p, out);
    sink(q, out);
  }
}

void BayesPredictor::scores(const events::Log& log, events::UserId user,
                            std::size_t history_length,
                            std::span<float> out) const {
  if (&log != impl_->log) invalid("the predictor was made for another log");
  const std::uint32_t history[] = {static_cast<std::uint32_t>(history_length)};
  predict(user, history, [&](std::size_t, std::span<const double> p) {
    std::transform(p.begin(), p.end(), out.begin(),
                   [](double x) { return static_cast<float>(x); });
  });
}

std::vector<NextItemQuery> last_queries(const events::Log& log, double share,
                                        std::size_t customers) {
  std::vector<events::Millis> times(log.columns().times.begin(),
                                    log.columns().times.end());
  std::vector<NextItemQuery> out;
  if (times.empty()) return out;
  const auto behind =
      static_cast<std::size_t>(share * static_cast<double>(times.size()));
  const auto nth =
      times.end() - static_cast<std::ptrdiff_t>(
                        std::clamp<std::size_t>(behind, 1, times.size()));
  std::nth_element(times.begin(), nth, times.end());
  const events::Millis cut = *nth;
  std::vector<events::UserId> late;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const auto history = log.history(events::UserId{u});
    if (!history.empty() && history.times.back() >= cut) {
      late.push_back(events::UserId{u});
    }
  }
  const std::size_t stride =
      customers == 0 ? 1 : std::max<std::size_t>(1, late.size() / customers);
  for (std::size_t i = 0; i < late.size(); i += stride) {
    const auto history = log.history(late[i]);
    for (std::uint32_t at = 0; at < history.size(); ++at) {
      if (history.times[at] >= cut && history.items[at] != events::kNoItem) {
        out.push_back({late[i], at});
      }
    }
  }
  return out;
}

namespace {

// The queries of one customer.
using Group = std::span<const NextItemQuery>;

std::vector<Group> by_user(std::span<const NextItemQuery> queries) {
  std::vector<Group> out;
  for (std::size_t begin = 0; begin < queries.size();) {
    std::size_t end = begin;
    while (end < queries.size() && queries[end].user == queries[begin].user) {
      ++end;
    }
    out.push_back(queries.subspan(begin, end - begin));
    begin = end;
  }
  return out;
}

Ceiling judge(const BayesPredictor& predictor, const events::Log& log,
              Group group) {
  std::vector<std::uint32_t> histories;
  for (const NextItemQuery& q : group) histories.push_back(q.history);
  const events::History history = log.history(group[0].user);
  Ceiling out;
  predictor.predict(
      group[0].user, histories, [&](std::size_t q, std::span<const double> p) {
        const double target = p[events::index(history.items[histories[q]])];
        const auto rank = std::count_if(p.begin(), p.end(),
                                        [&](double x) { return x >= target; });
        out.recall_at_10 += rank <= 10;
        out.log_loss -= target;
      });
  out.recall_at_10 /= static_cast<double>(group.size());
  out.log_loss /= static_cast<double>(group.size());
  return out;
}

Ceiling mean(std::span<const Ceiling> values) {
  Ceiling out;
  for (const Ceiling& v : values) {
    out.recall_at_10 += v.recall_at_10;
    out.log_loss += v.log_loss;
  }
  out.recall_at_10 /= static_cast<double>(values.size());
  out.log_loss /= static_cast<double>(values.size());
  return out;
}

}  // namespace

Ceilings compute_ceilings(const Shop& shop, const events::Log& log,
                          std::span<const NextItemQuery> queries,
                          const ProgressFn& progress) {
  if (queries.empty()) invalid("ceilings: no queries, expected at least one");
  const std::vector<Group> groups = by_user(queries);
  const BayesPredictor knows[] = {{shop, log, BayesPredictor::Knows::kTruth},
                                  {shop, log, BayesPredictor::Knows::kLog}};
  std::vector<Ceiling> values[2];
  for (auto& v : values) v.resize(groups.size());
  std::mutex guard;
  double done = 0;
  parallel_for(groups.size(), 8, [&](std::size_t begin, std::size_t end) {
    for (std::size_t g = begin; g < end; ++g) {
      for (const int k : {0, 1}) {
        values[k][g] = judge(knows[k], log, groups[g]);
      }
    }
    if (!progress) return;
    const std::lock_guard lock(guard);
    done += static_cast<double>(end - begin);
    progress({"ceilings", done, static_cast<double>(groups.size()), ""});
  });
  return {groups.size(), queries.size(), mean(values[0]), mean(values[1])};
}

}  // namespace ensue::simulate
