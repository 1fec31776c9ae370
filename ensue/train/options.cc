// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/internal/options.h"

#include <malloc.h>

#include <cstdio>
#include <string>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/json.h"
#include "ensue/base/threads.h"
#include "ensue/kernels/bf16.h"
#include "ensue/nn/portable.h"
#include "ensue/train/losses.h"

namespace ensue::train {
namespace {

void check_at_least(const char* name, double value, double least) {
  if (value >= least) return;
  char text[128];
  std::snprintf(text, sizeof text, "train.%s: %g, expected at least %g", name,
                value, least);
  invalid(text);
}

void check_share(const std::string& name, double value) {
  if (value >= 0 && value <= 1) return;
  invalid("train." + name + ": " + to_text(Json(value)) +
          ", expected a number in [0, 1]");
}

std::vector<std::string> loss_names() {
  std::vector<std::string> out;
  for (const LossEntry& entry : losses().all()) out.emplace_back(entry.name);
  return out;
}

// What a step frees the next one takes again: given back to the system in
// between, it would come back as page faults, one for every 4 KiB.
void keep_freed_memory() {
#if defined(__GLIBC__)
  constexpr int kMegabyte = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, 32 * kMegabyte);  // more is refused
  mallopt(M_TRIM_THRESHOLD, 1024 * kMegabyte);
#endif
}

}  // namespace

TrainOptions checked(const TrainOptions& options) {
  check_at_least("epochs", options.epochs, 1);
  check_at_least("negatives", options.negatives, 1);
  check_at_least("patience", options.patience, 1);
  check_at_least("evaluate_every", options.evaluate_every, 1);
  check_at_least("learning_rate", options.learning_rate, 0);
  check_at_least("warmup", options.warmup, 0);
  check_at_least("negative_power", options.negative_power, 0);
  check_at_least("score_penalty", options.score_penalty, 0);
  check_at_least("action_weight", options.action_weight, 0);
  check_at_least("time_weight", options.time_weight, 0);
  check_at_least("value_weight", options.value_weight, 0);
  check_at_least("event_weight", options.event_weight, 0);
  const auto one_of = [](const char* name, const std::string& value,
                         const std::vector<std::string>& known) {
    std::string all;
    for (const auto& k : known) {
      if (k == value) return;
      all += (all.empty() ? "" : ", ") + k;
    }
    invalid(std::string("train.") + name + ": '" + value + "', expected " +
            all);
  };
  check_share("calibration", options.calibration);
  check_share("mask_share", options.mask_share);
  check_share("mask_last", options.mask_last);
  if (!(options.label_share > 0 && options.label_share <= 1)) {
    invalid("train.label_share: " + to_text(Json(options.label_share)) +
            ", expected a share in (0, 1]");
  }
  one_of("loss", options.loss, loss_names());
  one_of("history", options.history, {"all", "last"});
  one_of("basket_weight", options.basket_weight, {"item", "basket"});
  one_of("schedule", options.schedule, {"constant", "cosine"});
  one_of("precision", options.precision, {"fp32", "bf16"});
  one_of("learn", options.learn, {"all", "heads", "adapters"});
  check_at_least("rank", options.rank, 1);
  keep_freed_memory();
  at::set_num_threads(options.threads > 0 ? options.threads : threads());
  TrainOptions out = options;
  const at::Device device = nn::device_of("train.device", options.device);
  // Else cuDNN rounds the products of recurrent layers to 10 bits.
  at::globalContext().setAllowTF32CuDNN(options.precision == "bf16");
  if (out.precision == "bf16" && device.is_cpu() && !kernels::cpu_has_bf16()) {
    out.precision = "fp32";  // FitResult::notes says so
  }
  return out;
}

}  // namespace ensue::train
