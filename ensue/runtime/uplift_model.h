// SPDX-License-Identifier: Apache-2.0
// The effect of a treatment on a row, from models that a campaign taught.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/events/table.h"
#include "ensue/runtime/effect_scores.h"
#include "ensue/runtime/table_model.h"

namespace ensue::runtime {

/// One way to an effect, made of table models.
struct UpliftPart {
  enum class Kind {
    kSingle,  // first(row, treated) - first(row, not treated)
    kTwo,     // first(row) - second(row)
    kEffect,  // first(row)
    kCross,   // (1 - share) first(row) + share second(row)
    kScores,  // scores(row)
  };
  Kind kind = Kind::kEffect;
  double share = 0.5;  // of the campaign's customers that were treated
  std::shared_ptr<const TableModel> first, second;  // second: kTwo, kCross
  std::shared_ptr<const EffectScores> scores =
      {};  // kScores, which has no first
};

/// The column of kSingle that says who was treated.
inline constexpr std::string_view kTreatmentColumn = "treated";

/// The mean of its parts. Fitted by classic/uplift.h. Immutable, thread-safe.
class UpliftModel {
 public:
  /// @pre at least one part, each with its models.
  explicit UpliftModel(std::vector<UpliftPart> parts)
      : parts_(std::move(parts)) {}
  /// What add_to() wrote. @throws Error(kCorrupt) when it is none.
  explicit UpliftModel(const artifact::Artifact& artifact);
  static bool is_one(const artifact::Description& about);
  /// The mean of several models.
  static UpliftModel mean_of(std::span<const UpliftModel> models);

  const std::vector<UpliftPart>& parts() const noexcept { return parts_; }

  /// A row each, in units of the outcome.
  /// @throws Error(kInvalidArgument) as TableModel::predict().
  std::vector<double> effects(const events::Table& rows) const;

  /// Its models become tensors of bytes, each an artifact of its own.
  void add_to(artifact::Draft& draft) const;

 private:
  std::vector<UpliftPart> parts_;
};

}  // namespace ensue::runtime
