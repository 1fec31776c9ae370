// SPDX-License-Identifier: Apache-2.0
// The live value of each kind of feature; see kinds.cc for what they mean.
#pragma once

#include "ensue/features/kinds.h"

namespace ensue::features {

// counts.cc
double recency(const Past& past, const Resolved& r);
double age(const Past& past, const Resolved& r);
double count_events(const Past& past, const Resolved& r);
double instants(const Past& past, const Resolved& r);
double days_active(const Past& past, const Resolved& r);
double pace(const Past& past, const Resolved& r);
double rate(const Past& past, const Resolved& r);
double trend(const Past& past, const Resolved& r);
double year_ago(const Past& past, const Resolved& r);

// numbers.cc
double sum(const Past& past, const Resolved& r);
double mean(const Past& past, const Resolved& r);
double largest(const Past& past, const Resolved& r);
double above(const Past& past, const Resolved& r);

// rhythm.cc
double gap_mean(const Past& past, const Resolved& r);
double gap_deviation(const Past& past, const Resolved& r);
double overdue(const Past& past, const Resolved& r);
double sessions(const Past& past, const Resolved& r);
double session_events(const Past& past, const Resolved& r);
double dwell(const Past& past, const Resolved& r);
double mean_dwell(const Past& past, const Resolved& r);
double hours(const Past& past, const Resolved& r);
double weekdays(const Past& past, const Resolved& r);
double calendar(const Past& past, const Resolved& r);

// open_session.cc
double open_count(const Past& past, const Resolved& r);
double open_minutes(const Past& past, const Resolved& r);
double open_distinct(const Past& past, const Resolved& r);
double open_sum(const Past& past, const Resolved& r);

// diversity.cc
double distinct(const Past& past, const Resolved& r);
double entropy(const Past& past, const Resolved& r);
double top_share(const Past& past, const Resolved& r);
double share(const Past& past, const Resolved& r);

}  // namespace ensue::features
