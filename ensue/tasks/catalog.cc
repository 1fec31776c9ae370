// SPDX-License-Identifier: Apache-2.0
#include "ensue/tasks/catalog.h"

namespace ensue::tasks {

const Catalog<TaskEntry>& tasks() {
  static const Catalog<TaskEntry> list(
      "task",
      {
          {.name = "next_item",
           .question = "what will this customer take next?",
           .label = "the items of the customer's next instant",
           .metrics = "hit, recall, ndcg, mrr, map, precision, logloss"},
          {.name = "next",
           .question = "what will this customer do next, and after that?",
           .label = "the next events: action, time, item, value",
           .metrics = "logloss of n steps, recall of their set of items"},
          {.name = "retention",
           .question = "will this customer buy again in the next days?",
           .label = "any aim of the shop within the horizon",
           .metrics = "auc, ap, logloss, brier, ece"},
          {.name = "active",
           .question = "will this customer do anything in the next days?",
           .label = "any event within the horizon",
           .metrics = "auc, ap, logloss, brier, ece"},
          {.name = "purchases",
           .question = "how often will this customer buy in the next days?",
           .label = "instants with an aim within the horizon",
           .metrics = "mae, rmse, wape, total"},
          {.name = "value",
           .question = "how much will this customer spend in the next days?",
           .label = "money of the aims within the horizon",
           .metrics = "mae, rmse, wape, total"},
          {.name = "propensity",
           .question = "will this customer buy one of these in the next days?",
           .label = "an aim on one of the items meant within the horizon",
           .metrics = "auc, ap, logloss, brier, ece"},
          {.name = "intent",
           .question = "will this session end in a purchase?",
           .label = "an aim later in the session, asked after each event",
           .metrics = "auc, ap, logloss, brier, ece"},
          {.name = "satisfaction",
           .question = "what will this customer's next review say?",
           .label = "the value of a review",
           .metrics = "mae, rmse, wape, total"},
          {.name = "label",
           .question = "anything else: what a label table or a column says",
           .label = "task.label, or task.target of task.table",
           .metrics = "by its kind: auc, accuracy, macro_f1, mae, …"},
          {.name = "response",
           .question = "whom does a campaign change?",
           .label = "task.target of a randomised test, by task.treatment",
           .metrics = "qini"},
      });
  return list;
}

}  // namespace ensue::tasks
