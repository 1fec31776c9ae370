// SPDX-License-Identifier: Apache-2.0
// ensue predict retention --churn and --survival.
#pragma once

#include "apps/ensue/asked_users.h"
#include "ensue/events/table.h"
#include "ensue/tasks/customer_model.h"

namespace ensue::apps {

/// @throws Error(kInvalidArgument) when --churn or --survival is asked of
///   another task than retention.
void check_churn(const TaskQuestion& question,
                 const tasks::CustomerModel& model);

/// Columns user, retention, usual_spend (of the horizon), value_at_risk; the
/// most money first.
/// @param answers  columns user and retention.
events::Table churn_table(const tasks::CustomerModel& model,
                          const AskedLog& asked, const events::Table& answers);

/// Prints which share stays away how long after a purchase, by the number of
/// purchases, and of each user asked about what is to come.
void print_survival(const TaskQuestion& question,
                    const tasks::CustomerModel& model, const AskedLog& asked);

}  // namespace ensue::apps
