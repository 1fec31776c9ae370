// SPDX-License-Identifier: Apache-2.0
// From the table of a randomised campaign to a judged model of its effect.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/classic/uplift_contest.h"
#include "ensue/events/table.h"
#include "ensue/metrics/intervals.h"

namespace ensue::train {

/// [task] of a campaign.
struct ResponseOptions {
  std::string name = "response";
  std::string table = {}, target = {};
  std::string treatment = {}, treated = {}, control = {};
  std::vector<std::string> drop = {}, others = {};
  std::vector<std::string> learners = classic::UpliftContestOptions().learners;
  double test_share = 0.25;
  std::uint64_t split_seed = 1;
  void visit(auto&& field) {
    field("name", name, "the question's name: small letters, digits, _ and -");
    field("table", table, "a file, or a SELECT, whose rows are no events");
    field("target", target, "of a table: the column that is asked for");
    field("treatment", treatment,
          "of a campaign: the column that says who got what");
    field("treated", treated, "of a campaign: its value whose effect is asked");
    field("control", control, "of a campaign: its value to compare with");
    field("drop", drop, "of a table: columns that are not read");
    field("others", others,
          "of a campaign: columns of numbers that only became known after it "
          "(visits beside purchases); learnt from, never asked for");
    field("learners", learners, "of a campaign: what is compared");
    field("test_share", test_share,
          "rows of a table that models are judged on");
    field("split_seed", split_seed, "of a table: seed of the draw");
  }
};

/// One arm of the campaign against the control.
struct JudgedArm {
  std::string arm;
  std::size_t customers = 0, judged = 0;  // of both arms; apart, to judge on
  metrics::Interval effect;               // mean, of all customers
  std::vector<classic::JudgedLearner> learners;
  std::string best;
};

struct ResponseResult {
  artifact::Draft draft;        // of a tasks::ResponseModel, for `treated`
  std::vector<JudgedArm> arms;  // that one first
};

/// A share of the customers, drawn alike in both arms, is set apart to judge
/// on; folds of the others choose the learner. Other arms than `treated` are
/// judged the same way, each by itself.
/// @throws Error(kInvalidArgument), one line: a column or a value that is not
///   there, a target that is no number, an arm without customers; a column
///   that only became known after the treatment (see find_consequences()).
ResponseResult fit_response(const events::Table& rows,
                            const ResponseOptions& asked);

/// A column that the treatment or the outcome made: one that splits the arms
/// (the means of a number, or the shares of a value, lie 5 standard errors
/// apart), or that is only there where the outcome is (20 rows or more beside
/// its commonest value, all with an outcome above 0, which fewer than half of
/// all rows have). Says which, for people.
std::optional<std::string> find_consequences(
    const classic::CampaignRows& campaign);

}  // namespace ensue::train
