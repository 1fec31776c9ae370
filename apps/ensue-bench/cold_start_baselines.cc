// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue-bench/cold_start_baselines.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "ensue/base/rng.h"

namespace ensue::apps {
namespace {

using events::ItemId, events::Log;
using judge::Query;

constexpr double kTie = 1e-6;  // below any difference that means something

/// Scores every item of the log, one question at a time.
class LogScorer : public judge::Scorer {
 public:
  LogScorer(const Log& log, std::string name)
      : name_(std::move(name)), items_(log.items()) {}
  std::string name() const override { return name_; }
  std::size_t items() const override { return items_; }
  std::optional<std::uint32_t> place(ItemId item) const override {
    return events::index(item);
  }
  void score(const Log& log, std::span<const Query> queries,
             const Sink& sink) const override {
    std::vector<float> out(items_);
    for (std::size_t q = 0; q < queries.size(); ++q) {
      std::vector<std::size_t> past;
      const auto history = log.history(queries[q].user);
      for (const ItemId item : history.first(queries[q].history).items) {
        if (item != events::kNoItem) past.push_back(events::index(item));
      }
      score_one(past, out);
      sink(q, out);
    }
  }

 private:
  virtual void score_one(std::span<const std::size_t> past,
                         std::span<float> out) const = 0;
  std::string name_;
  std::size_t items_;
};

/// A word and its weight, by rising word.
using Vector = std::vector<std::pair<std::size_t, double>>;

class TfIdf final : public LogScorer {
 public:
  TfIdf(const Log& log, const std::vector<std::string>& titles, int last)
      : LogScorer(log, "TF-IDF, last " + std::to_string(last)),
        last_(static_cast<std::size_t>(last)) {
    std::map<std::string, std::size_t> ids;
    std::vector<std::size_t> items_with;
    std::vector<std::map<std::size_t, double>> counts;
    for (const std::string& title : titles) {
      auto& words = counts.emplace_back();
      for (const std::string& word : words_of(title)) {
        const auto id = ids.emplace(word, ids.size()).first->second;
        words[id] += 1;
      }
      items_with.resize(ids.size());
      for (const auto& [id, count] : words) ++items_with[id];
    }
    const auto all = static_cast<double>(titles.size());
    for (const auto& words : counts) {
      Vector vector;
      double square = 0;
      for (const auto& [id, count] : words) {
        const double rare = std::log(all / static_cast<double>(items_with[id]));
        vector.emplace_back(id, count * rare);
        square += count * rare * count * rare;
      }
      for (auto& entry : vector) entry.second /= std::sqrt(square + 1e-30);
      vectors_.push_back(std::move(vector));
    }
    words_ = ids.size();
  }

 private:
  void score_one(std::span<const std::size_t> past,
                 std::span<float> out) const override {
    std::vector<double> customer(words_);
    for (const std::size_t item : past.last(std::min(last_, past.size()))) {
      for (const auto& [word, weight] : vectors_[item]) {
        customer[word] += weight;
      }
    }
    double square = 0;
    for (const double weight : customer) square += weight * weight;
    const double length = std::sqrt(square + 1e-30);
    for (std::size_t i = 0; i < out.size(); ++i) {
      double sum = 0;
      for (const auto& [word, weight] : vectors_[i]) {
        sum += weight * customer[word];
      }
      out[i] = static_cast<float>(sum / length + kTie * tie_breaker(i));
    }
  }

  std::size_t last_, words_ = 0;
  std::vector<Vector> vectors_;  // of length 1
};

class Categories final : public LogScorer {
 public:
  Categories(const Log& log, const std::vector<std::string>& categories,
             const std::vector<std::size_t>& counts, double smoothing)
      : LogScorer(log, "category, smoothing " +
                           std::to_string(static_cast<int>(smoothing))),
        smoothing_(smoothing) {
    std::map<std::string, std::size_t> ids;
    std::vector<double> known;  // items of the category that training has seen
    for (std::size_t i = 0; i < categories.size(); ++i) {
      const auto id = ids.emplace(categories[i], ids.size()).first->second;
      events_.resize(ids.size());
      known.resize(ids.size());
      category_.push_back(id);
      events_[id] += static_cast<double>(counts[i]);
      known[id] += counts[i] > 0 ? 1 : 0;
      all_ += static_cast<double>(counts[i]);
    }
    for (std::size_t i = 0; i < categories.size(); ++i) {
      const std::size_t id = category_[i];
      const double mean = 1 / std::max(1.0, known[id]);
      share_.push_back(
          counts[i] > 0 ? static_cast<double>(counts[i]) / events_[id] : mean);
    }
    const double mean = all_ / static_cast<double>(events_.size());
    for (double& events : events_) events = events > 0 ? events : mean;
  }

 private:
  void score_one(std::span<const std::size_t> past,
                 std::span<float> out) const override {
    std::vector<double> mine(events_.size());
    for (const std::size_t item : past) mine[category_[item]] += 1;
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::size_t id = category_[i];
      const double taken = mine[id] + smoothing_ * events_[id] / all_;
      out[i] =
          static_cast<float>(taken * share_[i] * (1 + kTie * tie_breaker(i)));
    }
  }

  double smoothing_, all_ = 0;
  std::vector<std::size_t> category_;  // of each item
  std::vector<double> events_;         // of each category, in training
  std::vector<double> share_;          // of each item in its category
};

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  bool inside = false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = std::isalnum(byte) != 0 || byte >= 0x80;
    if (letter && !inside) out.emplace_back();
    if (letter) out.back() += static_cast<char>(std::tolower(byte));
    inside = letter;
  }
  return out;
}

double tie_breaker(std::size_t item) noexcept {
  return static_cast<double>(Rng::mix(item + 1) >> 11) * 0x1.0p-53;
}

std::unique_ptr<judge::Scorer> tfidf_scorer(
    const Log& log, const std::vector<std::string>& titles, int last) {
  return std::make_unique<TfIdf>(log, titles, last);
}

std::unique_ptr<judge::Scorer> category_scorer(
    const Log& log, const std::vector<std::string>& categories,
    const std::vector<std::size_t>& counts, double smoothing) {
  return std::make_unique<Categories>(log, categories, counts, smoothing);
}

}  // namespace ensue::apps
