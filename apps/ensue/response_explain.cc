// SPDX-License-Identifier: Apache-2.0
// Why a campaign is said to change somebody so much.
#include <cstdio>

#include "apps/ensue/reasons_page.h"
#include "apps/ensue/reasons_text.h"
#include "apps/ensue/response.h"
#include "apps/ensue/rows.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"
#include "ensue/base/file.h"
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
  if (!question.json) {
    std::printf("%s\n\n", styled(Style::kBold, title).c_str());
  }
  std::vector<ReasonsSection> sections;
  for (const std::size_t place : asked.places) {
    const auto why = tasks::explain_effect(model, rows, place);
    const auto small = per_thousand(why);
    const std::string name = "row " + std::to_string(place + 1);
    sections.push_back(
        {name,
         sum_text(why),
         {{"what each column adds, per thousand", chart_rows(small)}}});
    if (question.json) {
      JsonObject out{{"row", place + 1}};
      for (auto& member : tasks::effect_json(why)) {
        out[member.key()] = std::move(member.value());
      }
      std::printf("%s\n", to_text(out).c_str());
      continue;
    }
    std::printf("%s  %s:\n%s\n", styled(Style::kBold, name).c_str(),
                sum_text(why).c_str(),
                signed_table(signed_rows(small), question.shown,
                             {"column", "value", "added, per 1000"})
                    .c_str());
  }
  if (!question.plot.empty()) {
    write_file(question.plot, reasons_page(title, sections));
    if (!question.json) std::printf("%s: a picture\n", question.plot.c_str());
  }
  return 0;
}

}  // namespace ensue::apps
