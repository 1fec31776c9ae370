// SPDX-License-Identifier: Apache-2.0
// Which group of customers is somebody of?
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/events/history.h"

namespace ensue::runtime {

/// How a column becomes a coordinate: (x or log(1 + x), less `middle`) / scale,
/// cut at +-`clip`; unknown numbers lie in the middle.
struct SegmentScale {
  bool log = false;
  double middle = 0, scale = 1;
  double apply(double value, double clip) const noexcept;
};

struct SegmentAnswer {
  std::size_t group = 0;  // place among the groups
  std::int64_t id = 0;    // stays when the groups are fitted anew
  double distance = 0;    // to the centre of the group
  double next = 0;        // to that of the second nearest
};

/// Groups of customers by their behaviour (behaviour.h), their interests
/// (interests.h), what a sequence model makes of them, or several of these: the
/// group with the nearest centre.
///
/// Tensors over c columns of behaviour, w interests, e numbers of an embedding,
/// g groups, n items:
///   scale_log U8 [c], scale_middle, scale_scale F64 [c]
///   interest_vectors F32 [n, w], interest_rarity F32 [n],
///   interest_mean F32 [w]: when w > 0
///   embedding_mean F64 [e]: of the customers, when e > 0
///   centres F64 [g, c + w + e], ids I64 [g]
/// training: columns, interests, clip, buying; embedding_scale, the length of
/// an embedding (1 where it is not said). Immutable, thread-safe; an answer
/// costs a pass over the history.
class Segments {
 public:
  /// @throws what Artifact::load throws, Error(kCorrupt).
  static std::shared_ptr<const Segments> load(const std::string& path);
  explicit Segments(std::shared_ptr<const artifact::Artifact> artifact);
  ~Segments();

  const artifact::Artifact& artifact() const noexcept;
  std::size_t groups() const noexcept;
  std::int64_t id(std::size_t group) const noexcept;
  /// Numbers of a place: columns, interests, embedding.
  std::size_t width() const noexcept;
  /// Numbers of the embedding; 0: none is asked for.
  std::size_t embedding() const noexcept;

  /// Where a customer stands. @param history in the artifact's ids.
  /// @param embedding  [embedding()]: less its mean and of the same length for
  ///   everybody it is the last part of the place.
  std::vector<double> place(const events::History& history, events::Millis now,
                            std::span<const double> embedding = {}) const;
  SegmentAnswer nearest(std::span<const double> place) const;
  SegmentAnswer answer(const events::History& history, events::Millis now,
                       std::span<const double> embedding = {}) const {
    return nearest(place(history, now, embedding));
  }

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace ensue::runtime
