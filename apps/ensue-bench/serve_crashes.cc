// SPDX-License-Identifier: Apache-2.0
// A thousand crashes of the machine under a store that is written to: half with
// an fsync for every call, half with one now and then. The disk forgets at the
// crash what was not fsynced, whole or in part. Then the same on a disk that
// does not sync at all, to show that losses are seen.
//
// Options: --rounds N; --seed N.
#include <cstdio>
#include <string>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue-bench/typed.h"
#include "ensue/base/error.h"
#include "ensue/store/testing_crashes.h"

namespace ensue::apps {
namespace {

using store::CrashPlan;
using store::CrashReport;
using store::Sync;

CrashPlan parse(const BenchOptions& bench) {
  CrashPlan plan{.rounds = 1000};
  read_typed(bench, {{"--rounds", &plan.rounds}, {"--seed", &plan.seed}});
  return plan;
}

CrashReport shown(const char* name, const CrashPlan& plan) {
  const CrashReport report = store::crash_rounds(plan);
  std::printf("%-18s %8zu %8zu %8zu %14zu  %s\n", name, report.rounds,
              report.calls, report.lost, report.within_promise,
              report.problem.c_str());
  std::fflush(stdout);
  return report;
}

BenchFigures run(const BenchOptions& options) {
  CrashPlan plan = parse(options);
  std::printf("%-18s %8s %8s %8s %14s\n", "sync", "crashes", "calls", "lost",
              "within promise");
  const std::size_t rounds = plan.rounds;
  plan.rounds = (rounds + 1) / 2;
  const CrashReport always = shown("always", plan);
  plan.rounds = rounds / 2;
  plan.sync = Sync::kEverySec;
  const CrashReport everysec = shown("everysec", plan);
  const CrashReport without =
      shown("a disk that lies",
            {.rounds = 16, .seed = plan.seed, .ignore_sync = true});
  const auto problems = static_cast<int>(!always.problem.empty()) +
                        static_cast<int>(!everysec.problem.empty());
  const bool seen = without.lost > 0 || !without.problem.empty();
  return {{"crashes", std::to_string(always.rounds + everysec.rounds)},
          {"always_lost", std::to_string(always.lost)},
          {"everysec_lost", std::to_string(everysec.lost)},
          {"problems", std::to_string(problems)},
          {"seen_without_sync", seen ? "yes" : "no"}};
}

}  // namespace

Bench serve_crashes_bench() {
  return {"serve/crashes",
          "calls that returned and are lost after crashes of the machine", run};
}

}  // namespace ensue::apps
