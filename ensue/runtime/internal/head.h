// SPDX-License-Identifier: Apache-2.0
// What a head is to the engine.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "ensue/events/history.h"
#include "ensue/runtime/top_k.h"

namespace ensue::runtime {

class Engine;

/// One of several engines that answer together.
struct Member {
  std::shared_ptr<const Engine> engine;
  float weight = 0;
};

/// What a head sees of one user.
struct HeadInput {
  std::span<const float> x;               // [width], output of the last layer
  std::span<const events::Event> recent;  // oldest first, at most remembers()
};

/// What a head is asked of one user.
struct HeadRequest {
  HeadInput user;
  std::size_t k;
  ItemFilter filter;
};

/// Scores every item, from what the layers made of a user's events or from
/// the last events themselves. Immutable, thread-safe.
class Head {
 public:
  virtual ~Head() = default;
  /// Width of the `x` it reads; 0: it does not.
  virtual std::size_t width() const noexcept { return 0; }
  /// How many of the latest events it wants to see.
  virtual std::size_t remembers() const noexcept { return 0; }
  /// @param x       [width()], output of the last layer.
  /// @param recent  the latest events, oldest first, at most remembers().
  /// @param out     [items] logits.
  virtual void score(std::span<const float> x,
                     std::span<const events::Event> recent,
                     std::span<float> out) const noexcept = 0;
  /// Whole engines that answer instead of it; then score() is not called.
  virtual std::span<const Member> members() const noexcept { return {}; }
  /// Several users: out [users, items], the same bits.
  virtual void score_users(std::span<const HeadInput> users,
                           std::span<float> out) const {
    const std::size_t items = users.empty() ? 0 : out.size() / users.size();
    for (std::size_t i = 0; i < users.size(); ++i) {
      score(users[i].x, users[i].recent, out.subspan(i * items, items));
    }
  }
  /// top_k() of score(), for several users; by itself, of all `items` scores.
  virtual std::vector<std::vector<Scored>> top(
      std::span<const HeadRequest> requests, std::size_t items) const;
};

}  // namespace ensue::runtime
