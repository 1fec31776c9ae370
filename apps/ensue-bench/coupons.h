// SPDX-License-Identifier: Apache-2.0
// Who was written to in which campaign, and who answered with a coupon.
#pragma once

#include <filesystem>

#include "ensue/data/dataset.h"
#include "ensue/data/labels.h"

namespace ensue::apps {

/// A folder with the files of Dunnhumby's Complete Journey as one log: a
/// "purchase" per line of a basket (value, discount: all money off, department)
/// at its time; a "redeem" per coupon on its day, at midnight; and a "letter a"
/// (b, c: the campaign's type) to each household of a campaign twelve hours
/// before its first day begins, as the shop knows by then whom it writes to.
/// @throws what data::import_log() throws.
data::Dataset import_coupons(const std::filesystem::path& folder,
                             const std::filesystem::path& dataset);

/// A row per household and campaign, as of the midnight when the campaign
/// begins: 1 with a coupon redeemed in its run, else 0. Campaigns whose run
/// does not lie in 2017, the year of the records, have no known answer and are
/// left out.
/// @throws what data::read_labels() throws.
data::LabelTable coupon_labels(const std::filesystem::path& folder,
                               const data::Dataset& dataset,
                               const events::Log& log);

/// The longest run of a campaign, in days: every label is known by then.
inline constexpr int kLongestCampaign = 66;

}  // namespace ensue::apps
