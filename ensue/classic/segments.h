// SPDX-License-Identifier: Apache-2.0
// Finds groups of customers, and how many there are.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/events/log.h"
#include "ensue/runtime/segments.h"

namespace ensue::classic {

struct SegmentOptions {
  std::string by = "behaviour";      // interests, both, encoder: neither
  std::vector<std::string> columns;  // of runtime::Behaviour; none: a choice
  int interests = 16;                // numbers that say what they like
  double encoder_weight = 1;  // of an embedding's variance; 1: as the rest's
  int groups = 0;             // 0: chosen by stability
  int least = 2, most = 10;
  int resamples = 20;  // pairs of bootstrap samples per number of groups
  int sample = 5000;   // customers of one
  double clip = 3;     // robust standard deviations a column counts up to
  std::string buying = "purchase";
  std::uint64_t seed = 1;
  void visit(auto&& field) {
    field("by", by, "behaviour, interests, both or encoder");
    field("columns", columns, "numbers of behaviour; none: those that suit");
    field("interests", interests, "numbers that say what a customer likes");
    field("encoder_weight", encoder_weight,
          "how much what an encoder says counts; 1: as much as the rest");
    field("groups", groups, "number of groups; 0: chosen by stability");
    field("least", least, "fewest groups to choose from");
    field("most", most, "most groups to choose from");
    field("resamples", resamples, "pairs of samples that must agree");
    field("sample", sample, "customers of a sample");
    field("clip", clip, "how far a number may stray from the middle");
    field("buying", buying, "the action that is a purchase");
    field("seed", seed, "seed of the samples and of the first centres");
  }
};

/// How well groups found from one sample agree with those from another.
struct Stability {
  int groups = 0;
  double mean = 0, error = 0;  // adjusted Rand; its standard error
};

/// What a sequence model makes of a customer: as many numbers for everybody.
/// Thread-safe.
using EmbedUser = std::function<std::vector<double>(events::UserId)>;

/// Sequence models that groups read: those fitted now, and earlier ones.
struct SegmentEncoders {
  EmbedUser now = {}, previous = {};
};

struct SegmentFit {
  artifact::Draft draft;
  std::vector<Stability> curve;  // empty when the number was given
  std::vector<events::UserId> users;
  std::vector<std::uint32_t> group;  // [users]
};

/// k-means (faiss) over robustly scaled columns of the customers with events
/// before `until`: the median becomes 0 and the quartiles of a normal column
/// +-0.67; amounts that are skewed enter by their logarithm. What a sequence
/// model says has `encoder_weight` times the variance of all other columns. For
/// every number
/// of groups pairs of bootstrap samples are grouped, everybody is assigned by
/// both, and the adjusted Rand index compares: the number chosen is the largest
/// whose mean is within one standard error of the best. Groups are ordered by
/// size. Answers through runtime/segments.h.
///
/// @param previous  groups fitted earlier: a new group takes the id of the old
///   one that it shares most customers with, if at least three in ten of
///   both together; others get new ids.
/// @param encoders  numbers of customers that places end with; none: without.
/// @throws Error(kInvalidArgument) with fewer than ten customers a group.
SegmentFit fit_segments(const events::Log& log, events::Millis until,
                        const SegmentOptions& options,
                        const runtime::Segments* previous = nullptr,
                        const SegmentEncoders& encoders = {});

/// The number of groups that the rule above takes.
int choose_groups(std::span<const Stability> curve);

/// Ids of new groups from those of old ones. @param shared  [new, old]
/// customers
///   of both. @param ids  of the old groups; new ids follow `last`.
std::vector<std::int64_t> match_ids(std::span<const double> shared,
                                    std::size_t groups,
                                    std::span<const std::int64_t> ids,
                                    std::int64_t last);

}  // namespace ensue::classic
