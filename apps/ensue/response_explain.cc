// SPDX-License-Identifier: Apache-2.0
// Why a campaign is said to change somebody so much.
#include "apps/ensue/response.h"
#include "apps/ensue/rows.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"
#include "ensue/tasks/row_reasons.h"

namespace ensue::apps {
namespace {

// Where a row stands, and what its columns add to that of any row.
std::string sum_text(const explain::TableReasons& why) {
  return "effect " + fixed(why.margin, 4) + " = " + fixed(why.base, 4) +
         " of any row + what columns add";
}

// Effects are small: per thousand they can be read.
explain::TableReasons per_thousand(explain::TableReasons why) {
  for (explain::Reason& reason : why.reasons) reason.added *= 1000;
  return why;
}

}  // namespace

int explain_response(const WhyQuestion& question, const Settings&) {
  if (question.rules > 0 || !question.of_class.empty()) {
    invalid("explain " + question.task +
            ": --rules and --class do not count for a campaign's effect");
  }
  const tasks::ResponseModel model(artifact::Artifact::load(question.model));
  const AskedRows asked = asked_rows(question);
  const events::Table rows = model.shape().check(asked.rows, question.rows);
  const tasks::Campaign& campaign = model.campaign();
  const std::string title = "what '" + campaign.treated + "' instead of '" +
                            campaign.control + "' does to '" + campaign.target +
                            "'";
  const auto sections = tell_rows(
      question, asked.places, title, "added, per 1000",
      "what each column adds, per thousand", [&](std::size_t place) -> RowTold {
        const auto why = tasks::explain_effect(model, rows, place);
        return {{sum_text(why)}, per_thousand(why), tasks::effect_json(why)};
      });
  write_page(question, title, sections);
  return 0;
}

}  // namespace ensue::apps
