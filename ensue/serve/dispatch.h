// SPDX-License-Identifier: Apache-2.0
// From a request to its answer: route, key, limits, a worker, the log.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ensue/serve/keys.h"
#include "ensue/serve/rate_limit.h"
#include "ensue/serve/routes.h"
#include "ensue/serve/server.h"
#include "ensue/serve/service.h"
#include "ensue/serve/workers.h"

namespace ensue::serve {

struct DispatchOptions {
  Workers::Options workers = {};
  double rate = 0;  // requests per second of one client; 0: no limit
  /// Groups of endpoints that are open without a key.
  std::vector<std::string> open = {};
  enum class Log { kNone, kErrors, kAll };
  Log log = Log::kErrors;
};

/// Thread-safe. Log lines are JSON objects without keys, bodies, users or
/// anything else that a client sent but its request id.
class Dispatcher {
 public:
  using LogLine = std::function<void(const std::string& line)>;

  /// @throws Error(kInvalidArgument) for an unknown group.
  Dispatcher(Service& service, const DispatchOptions& options,
             LogLine log = nullptr);
  /// Answers what was taken.
  ~Dispatcher();

  Keys& keys() noexcept { return keys_; }
  void take(Request request, Done done);
  /// From now on /ready says 503, so that a balancer looks elsewhere.
  void drain() noexcept { draining_ = true; }

 private:
  struct Task;
  struct Route;  // what is kept per endpoint
  Response refuse(Request& request, const Match& match, std::string& client);
  void run(std::vector<void*>& together);
  void finish(std::unique_ptr<Task> task);
  Route& of(const Endpoint* endpoint);
  std::string own_id();

  Service& service_;
  DispatchOptions options_;
  LogLine log_;
  Keys keys_;
  RateLimit rate_;
  std::atomic<bool> draining_{false};
  std::atomic<std::uint64_t> next_id_{0};
  std::uint64_t id_base_;
  std::vector<std::unique_ptr<Route>> routes_;
  prometheus::Counter& overloaded_;
  std::unique_ptr<Workers> workers_;  // last: stops first
};

}  // namespace ensue::serve
