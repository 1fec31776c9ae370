// SPDX-License-Identifier: Apache-2.0
// What inputs and layers are to the engine.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "ensue/events/history.h"

namespace ensue::runtime {

/// Where an event stands in its segment, and what named columns say of it.
struct Place {
  std::size_t position = 0;               // events since the segment's start
  const events::Event* before = nullptr;  // the one before it; null: none
  std::span<const events::Cell> context = {};  // may be empty: nothing
};

/// Events of one user, with their rows of context.
struct Run {
  std::span<const events::Event> events;
  events::ContextRows context = {};

  std::size_t size() const noexcept { return events.size(); }
  Run first(std::size_t n) const noexcept { return {events.first(n), context}; }
  Run from(std::size_t n) const noexcept {
    return {events.subspan(n), context.from(n)};
  }
};

/// Makes [width] from one event; inputs of a model are summed in their order.
/// Immutable, thread-safe.
class Input {
 public:
  virtual ~Input() = default;
  virtual std::size_t width() const noexcept = 0;
  /// Events that fit into one segment; 0: any number.
  virtual std::size_t window() const noexcept { return 0; }
  /// It has a vector for an event that is not shown, whose item is kNoItem.
  virtual bool masks() const noexcept { return false; }
  /// Whether it wants to see the event before.
  virtual bool looks_back() const noexcept { return false; }
  /// out += vector of the event.
  virtual void add(const events::Event& event, const Place& place,
                   std::span<float> out) const noexcept = 0;
};

/// Further events of one user: `events`, the first one `position` events after
/// the segment's start. Nobody looks at outputs before the last `wanted`.
struct Steps {
  std::span<const events::Event> events;
  std::size_t position = 0;
  std::size_t wanted = SIZE_MAX;
  const events::Event* before = nullptr;  // of the segment; null: none
  events::ContextRows context = {};       // of the events

  std::size_t size() const noexcept { return events.size(); }
  /// Outputs that nobody looks at.
  std::size_t idle() const noexcept {
    return size() - std::min(wanted, size());
  }
};

/// Maps [inputs] to [outputs] event by event, remembering what it must of
/// earlier events. Immutable, thread-safe: what it remembers is the caller's.
class Layer {
 public:
  virtual ~Layer() = default;
  virtual std::size_t inputs() const noexcept = 0;
  virtual std::size_t outputs() const noexcept = 0;
  /// Events that fit into one segment; 0: any number.
  virtual std::size_t window() const noexcept { return 0; }
  /// False: an output depends on later events, too, so that run() wants all of
  /// the segment at once.
  virtual bool causal() const noexcept { return true; }
  /// Latest events that an output depends on, its own included; 0: all of the
  /// segment. As many leave in memory what all of them would.
  virtual std::size_t reach() const noexcept { return 0; }
  /// Floats remembered of one user; all 0 before the first event.
  virtual std::size_t memory() const noexcept { return 0; }
  /// Floats of scratch that run() wants for `rows` events.
  virtual std::size_t scratch(std::size_t rows) const noexcept = 0;

  /// Bits do not depend on how events are dealt to calls.
  /// @param x    [steps, inputs()].
  /// @param out  [steps, outputs()], not x; the idle rows may hold anything.
  virtual void run(std::span<const float> x, const Steps& steps,
                   std::span<float> memory, std::span<float> scratch,
                   std::span<float> out) const noexcept = 0;
};

}  // namespace ensue::runtime
