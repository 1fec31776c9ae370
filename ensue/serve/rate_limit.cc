// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/rate_limit.h"

#include <algorithm>
#include <cmath>

namespace ensue::serve {

std::optional<int> RateLimit::take(const std::string& client, Time now) {
  if (rate_ <= 0) return std::nullopt;
  const double most = std::max(1.0, 2 * rate_);
  const std::lock_guard lock(mutex_);
  const auto found = by_client_.find(client);
  if (found == by_client_.end()) {
    recent_.push_front({client, most, now});
    by_client_[client] = recent_.begin();
    if (recent_.size() > kClients) {
      by_client_.erase(recent_.back().client);
      recent_.pop_back();
    }
  } else {
    recent_.splice(recent_.begin(), recent_, found->second);
  }
  Bucket& bucket = recent_.front();
  const std::chrono::duration<double> passed = now - bucket.at;
  bucket.tokens = std::min(most, bucket.tokens + passed.count() * rate_);
  bucket.at = now;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return std::nullopt;
  }
  return std::max(1, static_cast<int>(std::ceil((1 - bucket.tokens) / rate_)));
}

}  // namespace ensue::serve
