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
      });
  return list;
}

}  // namespace ensue::tasks
