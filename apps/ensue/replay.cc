// SPDX-License-Identifier: Apache-2.0
// ensue replay: a log through the server's own path; do answers agree?
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apps/ensue/terminal.h"
#include "apps/ensue/verb.h"
#include "apps/serving/options.h"
#include "ensue/base/rng.h"
#include "ensue/data/dataset.h"
#include "ensue/data/options.h"
#include "ensue/serve/dispatch.h"
#include "ensue/store/open.h"

namespace ensue::apps {
namespace {

struct Typed {
  std::string model = "runs/latest/model.safetensors";
  std::string store = "memory";
  std::size_t questions = 1000, most_events = 1'000'000, batch = 100;
  std::uint64_t seed = 1;
};

// Events of a log by time, as places in its columns.
struct Stream {
  std::vector<std::uint32_t> user;  // of each event
  std::vector<std::uint64_t> order;

  Stream(const events::Log& log, std::size_t most) {
    for (std::size_t u = 0; u < log.users(); ++u) {
      const auto size =
          log.history(events::UserId{static_cast<std::uint32_t>(u)}).size();
      user.insert(user.end(), size, static_cast<std::uint32_t>(u));
    }
    order.resize(log.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    const auto& columns = log.columns();
    std::ranges::sort(order, {}, [&](std::uint64_t i) {
      return std::pair(columns.times[i], columns.seqs[i]);
    });
    order.resize(std::min(order.size(), most));
  }
};

JsonObject event_of(const events::Log& log, std::uint32_t user,
                    std::uint64_t i) {
  const auto& columns = log.columns();
  JsonObject out{
      {"user", log.user_names().name(user)},
      {"action", log.action_names().name(events::index(columns.actions[i]))},
      // Numbers below 1e11 would be read as seconds.
      {"time", static_cast<double>(events::count(columns.times[i])) / 1000}};
  if (columns.items[i] != events::kNoItem) {
    out["item"] = log.item_names().name(events::index(columns.items[i]));
  }
  if (!std::isnan(columns.values[i])) out["value"] = columns.values[i];
  for (std::size_t c = 0; c < log.context().size(); ++c) {
    const auto& column = log.context()[c];
    const events::Cell cell = columns.context[i * log.context().size() + c];
    if (cell.empty()) continue;
    if (column.kind == events::ContextKind::kNumber) {
      out[column.name] = cell.number();
    } else {
      out[column.name] = column.values.name(cell.code());
    }
  }
  return out;
}

// What was found between what the server says and the engine alone.
struct Agreement {
  std::size_t questions = 0;
  double largest = 0;  // |online - offline| / max(1, largest |score|)
  std::size_t same_top = 0;
};

void compare(serve::Service& service, const events::Log& log,
             const runtime::Translation& translation, events::UserId user,
             std::size_t events, Agreement& out) {
  const std::string name(log.user_names().name(events::index(user)));
  const runtime::Engine& engine = service.models().find("")->engine();
  const auto past = translation.translate(log.history(user).first(events));
  std::vector<float> offline(engine.items()), online(engine.items());
  const runtime::State state = engine.encode(past.view());
  engine.score(state, offline);
  std::vector<runtime::Scored> top;
  service.with_state({.user = name}, [&](const auto&, const auto& live) {
    engine.score(live.state, online);
    top = engine.top(live.state, 10);
  });
  double peak = 1, apart = 0;
  for (std::size_t i = 0; i < offline.size(); ++i) {
    peak = std::max(peak, static_cast<double>(std::fabs(offline[i])));
    apart =
        std::max(apart, std::fabs(static_cast<double>(offline[i]) - online[i]));
  }
  ++out.questions;
  out.largest = std::max(out.largest, apart / peak);
  const auto expected = runtime::top_k(offline, 10);
  out.same_top += std::ranges::equal(
      top, expected, [](auto a, auto b) { return a.item == b.item; });
}

// One POST /v1/events through routes, limits and workers.
void post(serve::Dispatcher& dispatcher, std::string body) {
  std::promise<serve::Response> promise;
  serve::Request request{.method = serve::Method::kPost, .path = "/v1/events"};
  request.body = std::move(body);
  dispatcher.take(std::move(request), [&](serve::Response response) {
    promise.set_value(std::move(response));
  });
  const serve::Response response = promise.get_future().get();
  if (response.status != 200) {
    invalid("replay: the server answered " + std::to_string(response.status) +
            ": " + response.body);
  }
}

// The log, event by event, through one dispatcher; now and then a question.
class Replay {
 public:
  Replay(const Typed& typed, const events::Log& log, serve::Service& service)
      : typed_(typed),
        log_(log),
        service_(service),
        dispatcher_(service, {}),
        translation_(log, service.models().find("")->engine()),
        stream_(log, typed.most_events),
        seen_(log.users()),
        rng_(typed.seed) {}

  Agreement run() {
    const std::size_t events = stream_.order.size();
    const std::size_t every = std::max<std::size_t>(
        1, events / std::max<std::size_t>(1, typed_.questions));
    for (std::size_t n = 0; n < events; ++n) {
      const bool ask = (n + 1) % every == 0;
      say(n, /*at_once=*/ask || n + 1 == events);
      if (ask) compare_one(n);
    }
    return agreement_;
  }
  std::size_t events() const { return stream_.order.size(); }

 private:
  void say(std::size_t n, bool at_once) {
    const std::uint64_t i = stream_.order[n];
    const std::uint32_t user = stream_.user[i];
    body_ += to_plain_text(event_of(log_, user, i)) + "\n";
    ++seen_[user];
    if (++waiting_ < typed_.batch && !at_once) return;
    post(dispatcher_, std::exchange(body_, {}));
    waiting_ = 0;
  }
  // The user of now, or anybody: states in memory and states to encode.
  void compare_one(std::size_t n) {
    const std::size_t about = rng_.chance(0.5) ? n : rng_.below(n + 1);
    const std::uint32_t user = stream_.user[stream_.order[about]];
    compare(service_, log_, translation_, events::UserId{user}, seen_[user],
            agreement_);
  }

  const Typed& typed_;
  const events::Log& log_;
  serve::Service& service_;
  serve::Dispatcher dispatcher_;
  const runtime::Translation translation_;
  const Stream stream_;
  std::vector<std::size_t> seen_;  // events of each user that were said
  Rng rng_;
  std::string body_;
  std::size_t waiting_ = 0;  // events in the body
  Agreement agreement_;
};

int run(const Typed& typed, const Settings& settings) {
  data::SourceOptions source;
  settings.read(source, "data");
  const events::Log log =
      data::Dataset::open(settings.base() / source.dataset).log();
  const store::Retention all{.events_per_user = 0};
  serve::ServiceOptions options;
  options.judge.cpu = 0;
  serve::Service service(
      options, store::open_store({.where = typed.store, .retention = all}),
      all);
  service.load(serve::ModelChoice{.path = typed.model});

  const auto begin = std::chrono::steady_clock::now();
  Replay replay(typed, log, service);
  const Agreement agreement = replay.run();
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - begin;
  const auto counts = service.states().counts();
  std::printf(
      "%s events replayed in %s s, %s questions asked\n"
      "  scores online and offline differ by at most %.2g of the largest "
      "(allowed: 1e-05)\n"
      "  the same first 10 in %s of %s; %s states encoded, %s events stepped\n",
      grouped(replay.events()).c_str(), fixed(took.count(), 1).c_str(),
      grouped(agreement.questions).c_str(), agreement.largest,
      grouped(agreement.same_top).c_str(), grouped(agreement.questions).c_str(),
      grouped(counts.encoded).c_str(), grouped(counts.stepped).c_str());
  return agreement.largest <= 1e-5 ? 0 : 1;
}

Action add(CLI::App& app, Settings& settings) {
  auto typed = std::make_shared<Typed>();
  app.add_option("-m,--model", typed->model, "the trained model")
      ->capture_default_str();
  app.add_option("--store", typed->store, "a folder, or memory")
      ->capture_default_str();
  app.add_option("--questions", typed->questions, "asked on the way")
      ->capture_default_str();
  app.add_option("--events", typed->most_events, "at most, the earliest")
      ->capture_default_str();
  app.add_option("--batch", typed->batch, "events in one request")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--seed", typed->seed, "of whom to ask about");
  settings.add_options<data::SourceOptions>(app, "data");
  return [typed, &settings] { return run(*typed, settings); };
}

}  // namespace

Verb replay_verb() {
  return {"replay", "feed the dataset through the server and compare answers",
          "ensue replay --questions 1000", add};
}

}  // namespace ensue::apps
