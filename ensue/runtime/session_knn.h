// SPDX-License-Identifier: Apache-2.0
// What people chose in the recent sessions that look like this one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "ensue/artifact/artifact.h"
#include "ensue/artifact/block_configs.h"
#include "ensue/runtime/internal/csr.h"
#include "ensue/runtime/internal/head.h"

namespace ensue::runtime {

/// Tensors of a session-kNN head over n items and s past sessions, numbered by
/// recency (a higher number ended later).
struct SessionTable {
  std::span<const float> log_popularity;  // F32 [n], below 0
  std::span<const float> weight;          // F32 [n], more than 0: of a vote
  Csr item_sessions;  // item_offsets U64 [n + 1], item_sessions U32: the most
                      // recent sessions that hold an item, newest first
  Csr session_items;  // session_offsets U64 [s + 1], session_items U32:
                      // distinct items of a session
};

/// VMIS-kNN. Source: Kersbergen, Sprangers & Schelter, "Serenade: Low-Latency
/// Session-Based Recommendation in e-Commerce at Scale", SIGMOD 2022.
///
/// The session to continue is the last `last_items` events; its distinct items
/// stand at positions p = 1 (the last), 2, … up to P, an item that returns at
/// its latest place. In a basket log positions are instants: all items of one
/// stand at the same, and the last `last_items` instants count. Among all past
/// sessions that share an item with it, the `recent` most recent ones are
/// compared:
///   similarity(s) = sum over common items of (P + 1 - p) / P
/// The `neighbours` most similar (ties: the more recent) vote for their items:
///   mass_i = sum over neighbours holding i of
///            max(0, 1 - q / 10) * similarity * weight_i
/// with q the position of the latest common item and weight_i =
/// 1 + log(sessions / sessions with i), as fitted. The answer mixes in a little
/// popularity, which orders what no neighbour holds:
///   score_i = log((1 - e) mass_i / (sum of all mass) + e popularity_i)
/// Without any mass: log popularity.
///
/// Departures: positions by instant, scores as log-probabilities, the last item
/// is not struck out, and the 1 in weight_i, which is VS-kNN's (Ludewig &
/// Jannach 2018, arXiv:1803.09587) and better on three of four logs: without
/// it an item that everybody takes could not be recommended.
class SessionKnnHead final : public Head {
 public:
  /// Events looked back at most, and the largest `recent`: scoring works on the
  /// stack alone.
  static constexpr std::size_t kMaxItems = 128, kMaxRecent = 8192;

  /// Head number `place` of an artifact, which must outlive it.
  /// @throws Error(kCorrupt) when a tensor is missing or does not fit,
  ///   Error(kInvalidArgument) when an option is out of range.
  SessionKnnHead(const artifact::Artifact& artifact, std::size_t place);
  /// @param baskets  events of one instant have no order among them.
  SessionKnnHead(SessionTable table, const artifact::SessionKnnConfig& config,
                 bool baskets);

  std::size_t remembers() const noexcept override {
    return baskets_ ? kMaxItems : last_items_;
  }
  void score(std::span<const float> x, std::span<const events::Event> recent,
             std::span<float> out) const noexcept override;

 private:
  struct Candidate {
    std::uint32_t session;
    std::uint32_t similarity;  // times P: a whole number, so ties are exact
    std::uint32_t position;    // of the latest common item
  };
  // The past sessions to vote, written to the front of `out`.
  std::span<const Candidate> find_neighbours(
      std::span<const events::Event> recent,
      std::span<Candidate> out) const noexcept;

  SessionTable table_;
  std::size_t neighbours_, recent_, last_items_;
  float popularity_;
  bool baskets_;
};

}  // namespace ensue::runtime
