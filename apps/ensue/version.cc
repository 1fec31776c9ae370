// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/version.h"

#include <string>

#include "apps/ensue/verb.h"
#include "commit.h"
#include "ensue/base/threads.h"

namespace ensue::apps {
namespace {

// What kernels choose between; the compiler asks for literals.
std::string cpu_features() {
  std::string out;
  const auto add = [&out](bool has, const char* name) {
    if (has) out += (out.empty() ? "" : " ") + std::string(name);
  };
  add(__builtin_cpu_supports("avx2") != 0, "avx2");
  add(__builtin_cpu_supports("fma") != 0, "fma");
  add(__builtin_cpu_supports("avx512f") != 0, "avx512f");
  add(__builtin_cpu_supports("avx512bw") != 0, "avx512bw");
  add(__builtin_cpu_supports("avx512vnni") != 0, "avx512vnni");
  add(__builtin_cpu_supports("avx512bf16") != 0, "avx512bf16");
  return out.empty() ? "none beyond the architecture's base" : out;
}

}  // namespace

std::string version() {
  return "ensue " ENSUE_VERSION " (commit " + std::string(kCommit) +
         ")\ncpu       " + std::to_string(threads()) +
         " cores, features in use: " + cpu_features() +
         "\nlibtorch  " ENSUE_TORCH_VERSION "\nDuckDB    " +
         data::duckdb_version();
}

}  // namespace ensue::apps
