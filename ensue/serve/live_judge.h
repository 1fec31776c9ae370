// SPDX-License-Identifier: Apache-2.0
// How good the answers are now: each event against what would have been
// answered just before it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "ensue/serve/metrics.h"
#include "ensue/serve/models.h"
#include "ensue/store/event_store.h"

namespace ensue::serve {

struct JudgeOptions {
  /// Share of a core that judging may take; 0: nothing is judged.
  double cpu = 0.1;
  /// The alert is raised while the rolling hit@10 is below this share of what
  /// the model reached in its test, or unknown items are above `unknown`.
  double alert_hit = 0.7, alert_unknown = 0.3;
  std::size_t window = 10'000;  // events that the rolling figures stand on
};

/// One thread at low speed. Takes events as they come; those that come faster
/// than it judges are passed over (counted), so that answers are never held up.
/// An event is judged on the user's stored events strictly before its time.
///
/// Rolling figures stand in the metrics, by model: hit@10, ndcg@10, log-loss in
/// nats, the share of events on items that the model does not know, coverage@10
/// (share of the catalogue in the judged answers' first 10), and the alert.
class LiveJudge {
 public:
  static constexpr std::size_t kMostWaiting = 1024;
  static constexpr std::size_t kEnough = 200;  // events before an alert

  LiveJudge(const JudgeOptions& options, store::EventStore& store,
            const Models& models, Metrics& metrics);
  ~LiveJudge();

  /// Returns at once.
  void offer(const store::Event& event);
  /// Returns when all that was taken has been judged; for tests.
  void flush();

  struct Figures {
    std::size_t events = 0, known = 0;
    double hit_10 = 0, ndcg_10 = 0, log_loss = 0, unknown = 0, coverage_10 = 0;
    double trained_hit_10 = -1;  // -1: the artifact does not say
    bool alert = false;
  };
  /// @throws Error(kNotFound) for a model that nothing was judged of.
  Figures figures(const std::string& model) const;

 private:
  struct Judged {
    bool known = false;
    double rank = 0, log_loss = 0;
    std::vector<std::uint32_t> top;
  };
  struct Rolling {
    std::deque<Judged> events;
    std::unordered_map<std::uint32_t, std::uint32_t> shown;  // in the window
    double hits = 0, gain = 0, loss = 0;
    std::size_t known = 0, items = 0;
    double trained_hit_10 = -1;
    std::uint64_t model = 0;  // its number: another one starts anew
  };
  void work();
  Judged judge(const LiveModel& model, const store::Event& event) const;
  void enter(const LiveModel& model, Judged judged);
  Figures figures_of(const Rolling& rolling) const;
  void publish();

  JudgeOptions options_;
  store::EventStore& store_;
  const Models& models_;
  Metrics& metrics_;
  prometheus::Counter &judged_, &passed_over_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Rolling> rolling_;

  std::mutex queue_mutex_;
  std::condition_variable some_, none_;
  std::deque<store::Event> queue_;
  bool busy_ = false, stop_ = false;
  std::thread thread_;
};

}  // namespace ensue::serve
