// SPDX-License-Identifier: Apache-2.0
// How many requests one client may send per second.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace ensue::serve {

/// A token bucket per client: `rate` requests per second in the long run, twice
/// that at once. Remembers kClients of them, the latest; a client that was
/// forgotten starts with a full bucket, as it would have had anyway.
/// Thread-safe.
class RateLimit {
 public:
  static constexpr std::size_t kClients = 100'000;
  using Time = std::chrono::steady_clock::time_point;

  /// @param rate  0: no limit.
  explicit RateLimit(double rate) : rate_(rate) {}

  /// nullopt: go on; otherwise the seconds to wait, at least 1.
  std::optional<int> take(const std::string& client, Time now);

 private:
  struct Bucket {
    std::string client;
    double tokens;
    Time at;
  };
  double rate_;
  std::mutex mutex_;
  std::list<Bucket> recent_;  // latest first
  std::unordered_map<std::string, std::list<Bucket>::iterator> by_client_;
};

}  // namespace ensue::serve
