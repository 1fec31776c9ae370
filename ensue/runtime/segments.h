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
/// (interests.h), or both: the group with the nearest centre.
///
/// Tensors over c columns of behaviour, w interests, g groups, n items:
///   scale_log U8 [c], scale_middle, scale_scale F64 [c]
///   interest_vectors F32 [n, w], interest_rarity F32 [n],
///   interest_mean F32 [w]: when w > 0
///   centres F64 [g, c + w], ids I64 [g]
/// training: columns, interests, clip, buying. Immutable, thread-safe; an
/// answer costs a pass over the history.
class Segments {
 public:
  /// @throws what Artifact::load throws, Error(kCorrupt).
  static std::shared_ptr<const Segments> load(const std::string& path);
  explicit Segments(std::shared_ptr<const artifact::Artifact> artifact);
  ~Segments();

  const artifact::Artifact& artifact() const noexcept;
  std::size_t groups() const noexcept;
  std::int64_t id(std::size_t group) const noexcept;
  /// Numbers of a place: columns, then interests.
  std::size_t width() const noexcept;

  /// Where a customer stands. @param history in the artifact's ids.
  std::vector<double> place(const events::History& history,
                            events::Millis now) const;
  SegmentAnswer nearest(std::span<const double> place) const;
  SegmentAnswer answer(const events::History& history,
                       events::Millis now) const {
    return nearest(place(history, now));
  }

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace ensue::runtime
