// SPDX-License-Identifier: Apache-2.0
// A body of one format: an Incoming that keeps the rules, or one clear Error.
#include <cstdio>
#include <cstdlib>

#include "ensue/serve/formats/samples.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data,
                                      std::size_t size) {
  const std::string broken = ensue::serve::broken_rule(
      ENSUE_FORMAT, {reinterpret_cast<const char*>(data), size});
  if (!broken.empty()) {
    std::fprintf(stderr, "%s\n", broken.c_str());
    std::abort();
  }
  return 0;
}
