// SPDX-License-Identifier: Apache-2.0
// Which items to show: a question, and its answer.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ensue/serve/states.h"
#include "ensue/tasks/filter.h"

namespace ensue::serve {

struct Question {
  std::string user = {};                                  // or
  std::optional<std::vector<store::Event>> session = {};  // events of nobody
  std::string model = {};                                 // "": chosen by user
  std::size_t k = 10;
  bool exclude_seen = false;
  std::vector<std::string> exclude = {};  // item names; unknown: none
  std::optional<std::vector<std::string>> items = {};  // only these
  std::vector<tasks::Condition> only = {};             // all must hold
  bool probability = false;    // costs a pass over every item
  std::string answer_id = "";  // what the asker calls the answer; "": made
  /// Chance per place that a candidate is drawn in place of the best one.
  double explore = 0;
};

struct Shown {
  std::string item, title;
  float score = 0;          // logit
  double probability = -1;  // among all items; -1: not asked for
  float propensity = 1;     // chance that it stood here, given those above
  std::string_view by = "model";  // or "popularity": unknown to the model
};

struct Reply {
  std::shared_ptr<const LiveModel> model;
  std::vector<Shown> items;  // best first
  std::size_t events = 0;    // of the user or session, known to the model
};

/// How often items were met lately; what answers for items that a model does
/// not know.
class Popularity {
 public:
  virtual ~Popularity() = default;
  virtual double count(std::string_view item) const = 0;
};

/// A question with the state that answers it.
struct Ready {
  const Question* question = nullptr;
  const runtime::State* state = nullptr;
  std::span<const std::uint32_t> seen = {};  // rising
};

/// Answers questions of one model together; exact: equal to scoring every item
/// and sorting, ties by lower item index. Items of `items` that the model does
/// not know stand behind, by popularity.
/// @param seeds  of exploration, one per question.
/// @throws Error(kNotFound) for an unknown item column.
std::vector<Reply> answer(const std::shared_ptr<const LiveModel>& model,
                          std::span<const Ready> questions,
                          std::span<const std::uint64_t> seeds,
                          const Popularity& popularity);

}  // namespace ensue::serve
