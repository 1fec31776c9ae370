// SPDX-License-Identifier: Apache-2.0
// What a search has tried: a file, a table, and pictures of it.
#pragma once

#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ensue/base/json.h"
#include "ensue/train/tune.h"

namespace ensue::apps {

/// The search that trials belong to.
struct Search {
  std::vector<train::Dimension> space;
  train::TuneOptions options;
  int epochs = 1;                  // of a trial, at most
  std::string metric = "ndcg@10";  // on validation
  bool higher_is_better = true;

  /// The values of a place, by key.
  JsonObject values(const train::Place& place) const;
};

/// One line of trials.jsonl.
struct TrialLine {
  train::TrialPlan plan;
  double metric = std::numeric_limits<double>::quiet_NaN();
  std::string failure;  // not empty: why there is no metric
  int best_epoch = 0;
  double seconds = 0;
};

/// <folder>/trials.jsonl: one JSON object a line, in the order of training,
/// rewritten whole and atomically with every line. The places of trials are not
/// read from it but worked out again, so a file of another search is noticed.
class TrialFile {
 public:
  /// Reads the file when there is one.
  /// @throws Error(kCorrupt) when a line is not one of `search`.
  TrialFile(std::filesystem::path path, const Search& search);

  const std::vector<TrialLine>& lines() const noexcept { return lines_; }
  /// The trial to train next; nullopt: all are done.
  std::optional<train::TrialPlan> next() const;
  /// @throws Error(kUnavailable) when it cannot be written.
  void add(const TrialLine& line);
  /// Creates the file when it is not there.
  void write() const;
  /// The best line: the best metric of the longest training; nullptr: every
  /// trial failed.
  const TrialLine* best() const;

 private:
  void take(const TrialLine& line, std::string text);

  std::filesystem::path path_;
  const Search& search_;
  std::vector<TrialLine> lines_;
  std::vector<std::string> texts_;  // of lines_, as they stand in the file
  std::vector<train::TrialRecord> records_;
};

/// Trials by metric, best first, failed ones last with their reason. With
/// halving, each trial stands once, by its longest training.
struct TrialTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};
TrialTable trial_table(const Search& search, const TrialFile& file);

/// For terminals: the metric over each searched key.
std::string trial_plots(const Search& search, const TrialFile& file);

/// The same and the table as a page that loads nothing.
std::string trial_page(const std::string& name, const Search& search,
                       const TrialFile& file, const std::string& split);

}  // namespace ensue::apps
