// SPDX-License-Identifier: Apache-2.0
// report.html: everything about one run in one file that opens from disk.
#pragma once

#include <string>
#include <vector>

#include "ensue/base/json.h"
#include "ensue/judge/evaluate.h"
#include "ensue/train/fit.h"

namespace ensue::apps {

/// One customer of the test split: what was taken, what the model answered
/// then, and what came.
struct Example {
  std::string user;
  std::vector<std::string> history;  // as shown to people, oldest first
  std::vector<std::string> targets;
  struct Answer {
    std::string item;
    double probability = 0;
    bool hit = false;  // among the targets
  };
  std::vector<Answer> answers;  // best first
};

struct Report {
  std::string run;    // the folder's name
  std::string model;  // "gru"
  std::string metric = "ndcg@10";
  JsonObject config;    // as used, by section
  JsonObject manifest;  // of the dataset
  JsonObject cleaning;  // cleaning.json; empty: none
  std::string split;    // its description
  bool leak_free_in_time = true;
  std::vector<std::string> findings;  // broken contract, leaks
  std::string ties;
  /// The model first, then what stands beside it.
  std::vector<judge::Evaluation> evaluations;
  /// Model minus evaluations[i + 1], on `metric`.
  std::vector<judge::Comparison> comparisons;
  std::vector<train::CurveRow> curve;
  int best_epoch = 0;
  double seconds = 0;
  std::vector<Example> examples;
};

/// A whole page; nothing in it is loaded from elsewhere.
std::string html_report(const Report& report);

/// One sentence: how the model stands against the best of the others.
std::string verdict(const Report& report);

}  // namespace ensue::apps
