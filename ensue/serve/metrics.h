// SPDX-License-Identifier: Apache-2.0
// What the server counts, in the text format of Prometheus.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace ensue::serve {

/// Counters, gauges and histograms by name and labels, made at first use.
/// Thread-safe; keep the references in hot places, they stay valid.
class Metrics {
 public:
  using Labels = std::map<std::string, std::string>;

  prometheus::Counter& counter(const std::string& name, const std::string& help,
                               const Labels& labels = {});
  prometheus::Gauge& gauge(const std::string& name, const std::string& help,
                           const Labels& labels = {});
  /// Of seconds, from 50 microseconds to 10 seconds.
  prometheus::Histogram& seconds(const std::string& name,
                                 const std::string& help,
                                 const Labels& labels = {});

  /// Called before the text is made, to set gauges.
  void before_text(std::function<void()> fill);
  std::string text() const;

 private:
  mutable std::mutex mutex_;
  prometheus::Registry registry_;
  std::map<std::string, prometheus::Family<prometheus::Counter>*> counters_;
  std::map<std::string, prometheus::Family<prometheus::Gauge>*> gauges_;
  std::map<std::string, prometheus::Family<prometheus::Histogram>*> histograms_;
  std::vector<std::function<void()>> fills_;
};

}  // namespace ensue::serve
