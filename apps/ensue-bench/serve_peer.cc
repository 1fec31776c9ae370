// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue-bench/serve_peer.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace ensue::apps {
namespace {

namespace fs = std::filesystem;

fs::path installed() {
  const char* named = std::getenv("ENSUE_ONNXRUNTIME");
  const fs::path folder = named != nullptr ? named : "third_party";
  for (const char* inner : {"node_modules/onnxruntime-node",
                            "onnxruntime-node/node_modules/onnxruntime-node",
                            "onnxruntime-node", "."}) {
    if (fs::exists(folder / inner / "package.json")) {
      return fs::absolute(folder / inner);
    }
  }
  return {};
}

// A shell's single quotes around a path.
std::string quoted(const fs::path& path) {
  std::string out = "'";
  for (const char c : path.string()) {
    if (c == '\'') out += "'\\'";
    out += c;
  }
  return out + "'";
}

}  // namespace

PeerAnswer onnx_runtime(const PeerQuestion& q) {
  const PeerAnswer recorded{q.recorded_ms, "recorded elsewhere"};
  const fs::path library = installed();
  if (library.empty() || !fs::exists("bench/peers/onnx/time.mjs")) {
    return recorded;
  }
  const fs::path model =
      fs::temp_directory_path() / ("ensue-peer-" + std::to_string(q.items) +
                                   "-" + std::to_string(q.history) + ".onnx");
  const std::string sizes =
      std::to_string(q.items) + " " + std::to_string(q.history);
  const std::string command =
      "/usr/bin/python3 bench/peers/onnx/model.py " + quoted(model) + " " +
      sizes + " >&2 && node bench/peers/onnx/time.mjs " + quoted(library) +
      " " + quoted(model) + " " + sizes + " " + std::to_string(q.batch) + " " +
      std::to_string(q.threads);
  std::FILE* pipe = ::popen(command.c_str(), "r");
  double p50 = 0;
  const bool read = pipe != nullptr && std::fscanf(pipe, "%lf", &p50) == 1;
  const bool ran = pipe != nullptr && ::pclose(pipe) == 0;
  fs::remove(model);
  return read && ran ? PeerAnswer{p50, "ONNX Runtime, this run"} : recorded;
}

}  // namespace ensue::apps
