// SPDX-License-Identifier: Apache-2.0
#include "ensue/store/internal/gate.h"

#include <algorithm>
#include <utility>

namespace ensue::store {

// All at once or none, so that nobody waits while holding.
Claims::Held::Held(Claims& claims, std::vector<std::uint64_t> ids)
    : claims_(claims), ids_(std::move(ids)) {
  if (ids_.empty()) return;
  std::unique_lock lock(claims_.mutex_);
  claims_.free_.wait(lock, [&] {
    return std::ranges::none_of(
        ids_, [&](std::uint64_t id) { return claims_.taken_.contains(id); });
  });
  claims_.taken_.insert(ids_.begin(), ids_.end());
}

Claims::Held::~Held() {
  if (ids_.empty()) return;
  {
    const std::lock_guard lock(claims_.mutex_);
    for (const std::uint64_t id : ids_) claims_.taken_.erase(id);
  }
  claims_.free_.notify_all();
}

}  // namespace ensue::store
