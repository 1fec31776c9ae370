// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/segments.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/runtime/behaviour.h"
#include "ensue/runtime/interests.h"

namespace ensue::runtime {
namespace {

void require(bool good, const std::string& what) {
  if (!good) throw Error(Code::kCorrupt, "segments: " + what);
}

const Json& setting(const artifact::Artifact& artifact, std::string_view name) {
  const Json* found = artifact.description().training.if_contains(name);
  require(found != nullptr, "training." + std::string(name) + " is missing");
  return *found;
}

// Places of the named columns among those that are measured.
std::vector<std::size_t> places_of(const Json& names,
                                   const Behaviour& behaviour) {
  std::vector<std::string> wanted;
  require(internal::read(names, wanted), "training.columns is no list");
  std::vector<std::size_t> out;
  for (const std::string& name : wanted) {
    const auto found = std::ranges::find(behaviour.names(), name);
    require(found != behaviour.names().end(), "no column '" + name + "'");
    out.push_back(static_cast<std::size_t>(found - behaviour.names().begin()));
  }
  return out;
}

}  // namespace

double SegmentScale::apply(double value, double clip) const noexcept {
  if (std::isnan(value)) return 0;
  const double x = log ? std::log1p(std::max(value, 0.0)) : value;
  return std::clamp((x - middle) / scale, -clip, clip);
}

struct Segments::Impl {
  explicit Impl(std::shared_ptr<const artifact::Artifact> made)
      : artifact(std::move(made)),
        behaviour(artifact->description().actions,
                  artifact->description().schema.has_clock,
                  std::string(setting(*artifact, "buying").as_string())),
        columns(places_of(setting(*artifact, "columns"), behaviour)) {
    double width = 0;
    require(internal::read(setting(*artifact, "clip"), clip) && clip > 0,
            "training.clip is no number above 0");
    require(internal::read(setting(*artifact, "interests"), width),
            "training.interests is no number");
    read_scales();
    if (width > 0) read_interests(static_cast<std::size_t>(width));
    if (artifact->has("embedding_mean")) {
      embedding_mean = artifact->tensor("embedding_mean").as<double>();
      read_embedding_scale();
    }
    centres = artifact->tensor("centres").as<double>();
    ids = artifact->tensor("ids").as<std::int64_t>();
    require(!ids.empty() && centres.size() == ids.size() * this->width(),
            "centres do not fit its columns");
  }

  std::size_t width() const {
    return columns.size() + interests.width + embedding_mean.size();
  }

  void read_scales() {
    const auto logs = artifact->tensor("scale_log").as<std::uint8_t>();
    const auto middles = artifact->tensor("scale_middle").as<double>(),
               widths = artifact->tensor("scale_scale").as<double>();
    require(logs.size() == columns.size() && middles.size() == logs.size() &&
                widths.size() == logs.size(),
            "scales do not fit its columns");
    for (std::size_t c = 0; c < logs.size(); ++c) {
      require(widths[c] > 0, "scale of column " + std::to_string(c));
      scales.push_back({logs[c] != 0, middles[c], widths[c]});
    }
  }
  void read_embedding_scale() {
    const Json* said =
        artifact->description().training.if_contains("embedding_scale");
    if (said == nullptr) return;
    require(internal::read(*said, embedding_scale) && embedding_scale > 0,
            "training.embedding_scale is no number above 0");
  }
  void read_interests(std::size_t width) {
    const auto n =
        static_cast<std::int64_t>(artifact->description().items.size());
    const auto w = static_cast<std::int64_t>(width);
    interests = {width, artifact->floats("interest_vectors", {n, w}),
                 artifact->floats("interest_rarity", {n}),
                 artifact->floats("interest_mean", {w})};
  }

  std::shared_ptr<const artifact::Artifact> artifact;
  Behaviour behaviour;
  std::vector<std::size_t> columns;
  std::vector<SegmentScale> scales;
  double clip = 0, embedding_scale = 1;
  Interests interests;
  std::span<const double> embedding_mean, centres;
  std::span<const std::int64_t> ids;
};

std::shared_ptr<const Segments> Segments::load(const std::string& path) {
  return std::make_shared<const Segments>(artifact::Artifact::load(path));
}

Segments::Segments(std::shared_ptr<const artifact::Artifact> artifact)
    : impl_(std::make_unique<const Impl>(std::move(artifact))) {}

Segments::~Segments() = default;

const artifact::Artifact& Segments::artifact() const noexcept {
  return *impl_->artifact;
}
std::size_t Segments::groups() const noexcept { return impl_->ids.size(); }
std::int64_t Segments::id(std::size_t group) const noexcept {
  return impl_->ids[group];
}
std::size_t Segments::width() const noexcept { return impl_->width(); }

std::size_t Segments::embedding() const noexcept {
  return impl_->embedding_mean.size();
}

std::vector<double> Segments::place(const events::History& history,
                                    events::Millis now,
                                    std::span<const double> embedding) const {
  const auto mean = impl_->embedding_mean;
  if (embedding.size() != mean.size()) {
    invalid("segments: an embedding of " + std::to_string(embedding.size()) +
            " numbers, expected " + std::to_string(mean.size()));
  }
  std::vector<double> all(impl_->behaviour.names().size());
  impl_->behaviour.measure(history, now, all);
  std::vector<double> out(width());
  for (std::size_t c = 0; c < impl_->columns.size(); ++c) {
    out[c] = impl_->scales[c].apply(all[impl_->columns[c]], impl_->clip);
  }
  impl_->interests.embed(
      history,
      std::span(out).subspan(impl_->columns.size(), impl_->interests.width));
  double square = 0;
  const auto last = std::span(out).last(mean.size());
  for (std::size_t i = 0; i < mean.size(); ++i) {
    last[i] = embedding[i] - mean[i];
    square += last[i] * last[i];
  }
  const double length =
      square > 0 ? impl_->embedding_scale / std::sqrt(square) : 0;
  for (double& x : last) x *= length;
  return out;
}

SegmentAnswer Segments::nearest(std::span<const double> place) const {
  SegmentAnswer out{.distance = HUGE_VAL, .next = HUGE_VAL};
  for (std::size_t g = 0; g < groups(); ++g) {
    const auto centre = impl_->centres.subspan(g * width(), width());
    double square = 0;
    for (std::size_t c = 0; c < centre.size(); ++c) {
      square += (place[c] - centre[c]) * (place[c] - centre[c]);
    }
    const double distance = std::sqrt(square);
    if (distance < out.distance) {
      out.next = std::exchange(out.distance, distance);
      out.group = g;
    } else {
      out.next = std::min(out.next, distance);
    }
  }
  out.id = id(out.group);
  return out;
}

}  // namespace ensue::runtime
