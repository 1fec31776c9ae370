// SPDX-License-Identifier: Apache-2.0
// What each augmentation of training sequences is worth, at one stated strength
// and half of the sequences changed. The strengths are set, not searched for.
#include "apps/ensue-bench/quality.h"

namespace ensue::apps {
namespace {

BenchFigures augmentation(const BenchOptions& options) {
  const auto row = [](const char* name, const char* key, double strength) {
    Variant out{name, "sasrec", {}};
    if (key != nullptr) out.train[key] = strength;
    return out;
  };
  return run_variants(
      beauty_data(),
      {row("none", nullptr, 0), row("crop", "augment_crop", 0.4),
       row("skip", "augment_skip", 0.2), row("drop", "augment_drop", 0.2),
       row("reorder", "augment_reorder", 0.5), row("mask", "augment_mask", 0.2),
       row("noise", "augment_noise", 0.1)},
      options);
}

}  // namespace

Bench quality_augmentation_bench() {
  return {"quality/augmentation",
          "SASRec on Amazon Beauty, without and with each augmentation",
          augmentation};
}

}  // namespace ensue::apps
