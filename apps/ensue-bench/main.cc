// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstring>
#include <exception>

#include "apps/ensue-bench/bench.h"
#include "ensue/base/error.h"

namespace ensue::apps {
namespace {

void usage() {
  std::puts("usage: ensue-bench NAME [--data FOLDER] [options]\n");
  for (const Bench& bench : benches().all()) {
    std::printf("  %-22.*s %.*s\n", static_cast<int>(bench.name.size()),
                bench.name.data(), static_cast<int>(bench.summary.size()),
                bench.summary.data());
  }
}

int run(int argc, char** argv) {
  if (argc < 2 || std::strcmp(argv[1], "--help") == 0) {
    usage();
    return argc < 2 ? 2 : 0;
  }
  BenchOptions options;
  for (int i = 2; i < argc; ++i) {
    if (std::strcmp(argv[i], "--data") == 0 && i + 1 < argc) {
      options.data = argv[++i];
    } else {
      options.extra.emplace_back(argv[i]);
    }
  }
  const Bench& bench = benches().find(argv[1]);
  const BenchFigures figures = bench.run(options);
  std::printf("%s", argv[1]);
  for (const auto& [key, value] : figures) {
    std::printf(" %s=%s", key.c_str(), value.c_str());
  }
  std::printf("\n");
  return 0;
}

}  // namespace
}  // namespace ensue::apps

int main(int argc, char** argv) {
  try {
    return ensue::apps::run(argc, argv);
  } catch (const ensue::Error& error) {
    std::fprintf(stderr, "ensue-bench: %s\n", error.what());
    return 2;
  }
}
