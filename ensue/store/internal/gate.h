// SPDX-License-Identifier: Apache-2.0
// Who may be in at once: many that share, or one alone.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <unordered_set>
#include <vector>

namespace ensue::store {

/// A shared mutex under which one that wants to be alone is not kept waiting
/// for ever by those that share. Not recursive.
class Gate {
 public:
  std::shared_lock<std::shared_mutex> share() {
    const std::lock_guard turn(turn_);
    return std::shared_lock(in_);
  }
  std::unique_lock<std::shared_mutex> alone() {
    const std::lock_guard turn(turn_);
    return std::unique_lock(in_);
  }

 private:
  std::mutex turn_;
  std::shared_mutex in_;
};

/// Event ids that are being stored: two calls with the same id go one after
/// the other, others side by side.
class Claims {
 public:
  class Held {
   public:
    Held(Claims& claims, std::vector<std::uint64_t> ids);
    ~Held();
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

   private:
    Claims& claims_;
    std::vector<std::uint64_t> ids_;
  };

 private:
  std::mutex mutex_;
  std::condition_variable free_;
  std::unordered_set<std::uint64_t> taken_;
};

}  // namespace ensue::store
