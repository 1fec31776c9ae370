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
          {.name = "next_action",
           .question = "which action next, on which item, and when?",
           .label = "action, item and time of the next event",
           .metrics = "accuracy, macro_f1, logloss, median time error"},
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
          {.name = "anomaly",
           .question = "does this customer behave like one, or like a robot?",
           .label = "none: distance from what is usual, surprise of each event",
           .metrics = "auc on planted robots"},
          {.name = "profile",
           .question = "what is this customer like: interests, rhythm, offer?",
           .label = "none: shares and gaps against everybody's",
           .metrics = "those of the models that it asks: next_item, retention"},
          {.name = "search",
           .question = "which items does a query mean, for this customer?",
           .label = "the item taken within ten minutes of a query",
           .metrics = "ndcg, hit; against BM25 and BM25 with popularity"},
          {.name = "segments",
           .question = "who are the customers, and which kind is this one?",
           .label = "none: groups that stay when customers are drawn anew",
           .metrics = "adjusted Rand index of groups from two samples"},
      });
  return list;
}

}  // namespace ensue::tasks
