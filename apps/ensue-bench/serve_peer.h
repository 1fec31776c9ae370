// SPDX-License-Identifier: Apache-2.0
// ONNX Runtime with an equal model, timed in the same run.
#pragma once

#include <cstddef>
#include <string>

namespace ensue::apps {

struct PeerQuestion {
  std::size_t items = 10'000, history = 50, batch = 1;
  int threads = 1;
  double recorded_ms = 0;  // ANCHORS: what to say where it cannot be run
};

struct PeerAnswer {
  double p50_ms = 0;
  std::string source;  // "ONNX Runtime, this run" or "recorded elsewhere"
};

/// Runs bench/peers/onnx/time.mjs where onnxruntime-node is installed: under
/// third_party/onnxruntime-node, or in the folder ENSUE_ONNXRUNTIME names (one
/// that holds node_modules); it wants node, python3 and python3-onnx.
PeerAnswer onnx_runtime(const PeerQuestion& question);

}  // namespace ensue::apps
