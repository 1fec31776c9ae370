// SPDX-License-Identifier: Apache-2.0
// Where the time of a training goes.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ensue::train {

enum class Phase {
  kBatch,  // waiting for one
  kForward,
  kLoss,  // its value and gradients, the catalogue's among them
  kBackward,
  kOptimiser,
  kValidation,
};
inline constexpr std::array<std::string_view, 6> kPhases = {
    "waiting for batches", "forward",   "loss and catalogue", "backward",
    "optimiser",           "validation"};

/// Seconds by phase and the work of all matrix products in them.
struct Profile {
  std::array<double, kPhases.size()> seconds{};
  std::uint64_t product_flops = 0;

  double& of(Phase phase) { return seconds[static_cast<std::size_t>(phase)]; }
};

/// Adds the time until it ends to a phase.
class Lap {
 public:
  Lap(Profile& profile, Phase phase)
      : seconds_(profile.of(phase)), start_(Clock::now()) {}
  ~Lap() {
    seconds_ += std::chrono::duration<double>(Clock::now() - start_).count();
  }
  Lap(const Lap&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  double& seconds_;
  Clock::time_point start_;
};

}  // namespace ensue::train
