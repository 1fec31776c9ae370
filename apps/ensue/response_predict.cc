// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>

#include "apps/ensue/answers_text.h"
#include "apps/ensue/response.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"
#include "ensue/classic/uplift.h"
#include "ensue/data/export.h"
#include "ensue/data/read_table.h"
#include "ensue/tasks/response_model.h"

namespace ensue::apps {
namespace {

constexpr std::size_t kShown = 10;

std::string gain_text(const tasks::BudgetPlan& plan,
                      const tasks::Campaign& campaign) {
  return "expected: " + fixed(plan.gain, 1) + " more '" + campaign.target +
         "' than without (95 %: " + fixed(plan.low, 1) + " to " +
         fixed(plan.high, 1) + "; " + grouped(plan.tested) +
         " tested customers say so)\nas many drawn at random: " +
         fixed(plan.random_gain, 1) + "\n";
}

// The chosen rows, the largest effect first.
events::Table chosen_rows(const events::Table& rows,
                          const std::vector<double>& effects,
                          const tasks::BudgetPlan& plan,
                          const std::string& file) {
  if (rows.find("effect") != nullptr) {
    invalid(file + ": column 'effect' is the name of the answer; rename it");
  }
  events::Table out = classic::rows_at(rows, plan.customers);
  std::vector<double> own;
  for (const std::size_t row : plan.customers) own.push_back(effects[row]);
  out.columns.push_back({"effect", std::move(own)});
  return out;
}

void print_first(const std::vector<double>& effects,
                 const tasks::BudgetPlan& plan) {
  TextTable table({"row", "effect"});
  for (std::size_t i = 0; i < std::min(kShown, plan.customers.size()); ++i) {
    table.add({std::to_string(plan.customers[i] + 1),
               fixed(effects[plan.customers[i]], 4)});
  }
  std::printf("\n%s", table.text().c_str());
}

}  // namespace

int predict_response(const TaskQuestion& question, const Settings&) {
  if (question.rows.empty()) {
    invalid("predict " + question.task +
            ": expected --rows FILE, customers as they were trained on");
  }
  const tasks::ResponseModel model(artifact::Artifact::load(question.model));
  const events::Table rows = data::read_table(question.rows);
  const auto effects = model.effects(model.shape().check(rows, question.rows));
  const std::size_t most =
      question.budget > 0 ? question.budget : effects.size();
  const tasks::BudgetPlan plan = model.plan(effects, most);
  std::printf("%s\n",
              styled(Style::kBold, "'" + model.campaign().treated + "' to " +
                                       grouped(plan.customers.size()) + " of " +
                                       grouped(effects.size()) + " customers")
                  .c_str());
  if (plan.customers.empty()) {
    std::printf("nobody has an effect above 0\n");
    return 0;
  }
  std::printf("%s", gain_text(plan, model.campaign()).c_str());
  print_first(effects, plan);
  if (!question.out.empty()) {
    data::write_table(question.out,
                      chosen_rows(rows, effects, plan, question.rows),
                      whole_columns(rows));
    std::printf("\n%s: whom to write to, the largest effect first\n",
                question.out.c_str());
  }
  return 0;
}

}  // namespace ensue::apps
