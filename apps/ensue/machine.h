// SPDX-License-Identifier: Apache-2.0
// What this machine gives, measured now.
#pragma once

#include <string>

namespace ensue::apps {

/// GFLOP/s of the best of a few large products, "fp32" or "bf16".
double peak_gflops(const std::string& precision);

/// The most memory this process has held, in GB.
double peak_memory_gb();

}  // namespace ensue::apps
