// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/metrics.h"

#include <prometheus/text_serializer.h>

namespace ensue::serve {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds = {
    .00005, .0001, .00025, .0005, .001, .0025, .005, .01,
    .025,   .05,   .1,     .25,   .5,   1,     2.5,  10};

}  // namespace

prometheus::Counter& Metrics::counter(const std::string& name,
                                      const std::string& help,
                                      const Labels& labels) {
  const std::lock_guard lock(mutex_);
  auto& family = counters_[name];
  if (family == nullptr) {
    family =
        &prometheus::BuildCounter().Name(name).Help(help).Register(registry_);
  }
  return family->Add(labels);
}

prometheus::Gauge& Metrics::gauge(const std::string& name,
                                  const std::string& help,
                                  const Labels& labels) {
  const std::lock_guard lock(mutex_);
  auto& family = gauges_[name];
  if (family == nullptr) {
    family =
        &prometheus::BuildGauge().Name(name).Help(help).Register(registry_);
  }
  return family->Add(labels);
}

prometheus::Histogram& Metrics::seconds(const std::string& name,
                                        const std::string& help,
                                        const Labels& labels) {
  const std::lock_guard lock(mutex_);
  auto& family = histograms_[name];
  if (family == nullptr) {
    family =
        &prometheus::BuildHistogram().Name(name).Help(help).Register(registry_);
  }
  return family->Add(labels, kSeconds);
}

void Metrics::before_text(std::function<void()> fill) {
  const std::lock_guard lock(mutex_);
  fills_.push_back(std::move(fill));
}

std::string Metrics::text() const {
  std::vector<std::function<void()>> fills;
  {
    const std::lock_guard lock(mutex_);
    fills = fills_;
  }
  for (const auto& fill : fills) fill();
  return prometheus::TextSerializer().Serialize(registry_.Collect());
}

}  // namespace ensue::serve
