// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/dispatch.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>
#include <set>

#include "ensue/base/error.h"

namespace ensue::serve {
namespace {

using Clock = std::chrono::steady_clock;

// Of the client, when it is one that can stand in a log.
bool is_id(const std::string* text) {
  return text != nullptr && !text->empty() && text->size() <= 64 &&
         text->find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
             "-_.") == std::string::npos;
}

std::string key_of(const Request& request) {
  if (const std::string* key = request.header("x-api-key")) return *key;
  const std::string* bearer = request.header("authorization");
  constexpr std::string_view kBearer = "Bearer ";
  if (bearer != nullptr && bearer->starts_with(kBearer)) {
    return bearer->substr(kBearer.size());
  }
  return "";
}

Response failure(const Endpoint& endpoint, int status,
                 std::string_view message) {
  return endpoint.errors == ErrorStyle::kPlainText
             ? Response::text(std::string(message), status)
             : error_response(status, message);
}

Response guarded(const Endpoint& endpoint, const std::function<Response()>& f) {
  try {
    return f();
  } catch (const Error& error) {
    return failure(endpoint, status_of(error.code()), error.what());
  } catch (const std::exception&) {
    // What went wrong inside is nobody's business outside; the log counts it.
    return failure(endpoint, 500, "internal error");
  }
}

}  // namespace

struct Dispatcher::Task {
  Exchange exchange;
  Done done;
  Clock::time_point since;
  std::string client;  // name of its key, or ""
};

struct Dispatcher::Route {
  const Endpoint* endpoint;
  bool open;  // without a key
  prometheus::Histogram& seconds;
};

Dispatcher::Dispatcher(Service& service, const DispatchOptions& options,
                       LogLine log)
    : service_(service),
      options_(options),
      log_(std::move(log)),
      rate_(options.rate),
      id_base_((std::uint64_t{std::random_device()()} << 32) ^
               std::random_device()()),
      overloaded_(service.metrics().counter(
          "ensue_overloaded_total", "Requests refused because too many wait")) {
  std::set<std::string, std::less<>> groups;
  for (const Endpoint& endpoint : routes()) {
    groups.insert(std::string(endpoint.group));
    const bool open =
        endpoint.scope == Scope::kNone ||
        std::ranges::find(options.open, endpoint.group) != options.open.end();
    routes_.push_back(std::make_unique<Route>(
        Route{&endpoint, open,
              service.metrics().seconds(
                  "ensue_request_seconds", "From the request to its answer",
                  {{"route", std::string(endpoint.path)},
                   {"method", std::string(name_of(endpoint.method))}})}));
  }
  for (const std::string& group : options.open) {
    if (groups.contains(group)) continue;
    std::string known;
    for (const auto& name : groups) known += (known.empty() ? "" : ", ") + name;
    invalid("open: '" + group + "', expected a group of: " + known);
  }
  workers_ = std::make_unique<Workers>(
      options.workers, [this](std::vector<void*>& together) { run(together); });
}

Dispatcher::~Dispatcher() = default;

std::string Dispatcher::own_id() {
  char out[24];
  std::snprintf(
      out, sizeof(out), "%016llx",
      static_cast<unsigned long long>(Rng::mix(id_base_ + ++next_id_)));
  return out;
}

Dispatcher::Route& Dispatcher::of(const Endpoint* endpoint) {
  return *routes_[static_cast<std::size_t>(endpoint - routes().data())];
}

// A response with status 0 means: go on.
Response Dispatcher::refuse(Request& request, const Match& match,
                            std::string& client) {
  const Endpoint& endpoint = *match.endpoint;
  std::string who = request.peer;
  if (!of(&endpoint).open && keys_.any()) {
    const auto key = keys_.find(key_of(request));
    if (key == nullptr) {
      Response out =
          failure(endpoint, 401, "a key is needed: header X-API-Key");
      out.headers.emplace_back("WWW-Authenticate", "Bearer");
      return out;
    }
    if (!key->allows(endpoint.scope)) {
      return failure(endpoint, 403,
                     "the key '" + key->name + "' lacks the scope " +
                         std::string(name_of(endpoint.scope)));
    }
    request.may_ingest = key->allows(Scope::kIngest);
    client = key->name;
    who = "key " + key->name;
  }
  if (endpoint.urgent) return {.status = 0};
  if (const auto wait = rate_.take(who, Clock::now())) {
    Response out = failure(endpoint, 429, "too many requests of one client");
    out.headers.emplace_back("Retry-After", std::to_string(*wait));
    return out;
  }
  return {.status = 0};
}

void Dispatcher::take(Request request, Done done) {
  auto task = std::make_unique<Task>();
  task->since = Clock::now();
  task->done = std::move(done);
  const std::string* given = request.header("x-request-id");
  request.id = is_id(given) ? *given : own_id();
  Match match;
  Response early{.status = 0};
  try {
    match = find_route(request);
    if (match.endpoint == nullptr) {
      early = match.allowed.empty()
                  ? error_response(404, "no such path; /docs lists them")
                  : error_response(405, "expected " + match.allowed);
      if (!match.allowed.empty()) {
        early.headers.emplace_back("Allow", match.allowed);
      }
    } else {
      early = refuse(request, match, task->client);
    }
  } catch (const Error& error) {
    early = error_response(400, error.what());
  }
  task->exchange = {std::move(request), {}, match.endpoint};
  Exchange& exchange = task->exchange;
  if (early.status != 0) {
    exchange.response = std::move(early);
    return finish(std::move(task));
  }
  const Endpoint& endpoint = *match.endpoint;
  if (endpoint.urgent) {
    exchange.response = guarded(endpoint, [&] {
      if (draining_ && endpoint.path.ends_with("/ready")) {
        return error_response(503, "stopping");
      }
      return endpoint.handle(service_, exchange.request);
    });
    return finish(std::move(task));
  }
  Task* raw = task.release();
  const void* key = endpoint.handle_batch == nullptr ? nullptr : &endpoint;
  const bool taken =
      endpoint.slow ? workers_->submit_slow(raw) : workers_->submit({key, raw});
  if (taken) return;
  task.reset(raw);
  overloaded_.Increment();
  exchange.response = failure(endpoint, 429, "too many requests are waiting");
  exchange.response.headers.emplace_back("Retry-After", "1");
  finish(std::move(task));
}

void Dispatcher::run(std::vector<void*>& together) {
  std::vector<std::unique_ptr<Task>> tasks;
  for (void* one : together) tasks.emplace_back(static_cast<Task*>(one));
  const Endpoint& endpoint = *tasks.front()->exchange.endpoint;
  if (tasks.size() > 1) {
    std::vector<Exchange*> exchanges;
    for (const auto& task : tasks) exchanges.push_back(&task->exchange);
    const Response all = guarded(endpoint, [&] {
      endpoint.handle_batch(service_, exchanges);
      return Response{.status = 0};
    });
    if (all.status != 0) {
      for (const auto& task : tasks) task->exchange.response = all;
    }
  } else {
    Exchange& exchange = tasks.front()->exchange;
    exchange.response = guarded(
        endpoint, [&] { return endpoint.handle(service_, exchange.request); });
  }
  for (auto& task : tasks) finish(std::move(task));
}

void Dispatcher::finish(std::unique_ptr<Task> task) {
  Exchange& exchange = task->exchange;
  Response& response = exchange.response;
  response.headers.emplace_back("X-Request-ID", exchange.request.id);
  const std::chrono::duration<double> took = Clock::now() - task->since;
  if (exchange.endpoint != nullptr) {
    of(exchange.endpoint).seconds.Observe(took.count());
  }
  if (response.status >= 400) {
    service_.metrics()
        .counter("ensue_failed_requests_total",
                 "Requests not answered with 2xx",
                 {{"status", std::to_string(response.status)}})
        .Increment();
  }
  const bool wanted =
      options_.log == DispatchOptions::Log::kAll ||
      (options_.log == DispatchOptions::Log::kErrors && response.status >= 500);
  if (log_ != nullptr && wanted) {
    log_(to_plain_text(
        JsonObject{{"time_ms", events::count(service_.now())},
                   {"request", exchange.request.id},
                   {"method", name_of(exchange.request.method)},
                   {"route", exchange.endpoint == nullptr
                                 ? std::string("none")
                                 : std::string(exchange.endpoint->path)},
                   {"status", response.status},
                   {"ms", took.count() * 1000},
                   {"bytes_in", exchange.request.body.size()},
                   {"bytes_out", response.body.size()},
                   {"key", task->client}}));
  }
  task->done(std::move(response));
}

}  // namespace ensue::serve
