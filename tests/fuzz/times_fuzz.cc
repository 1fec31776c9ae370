// SPDX-License-Identifier: Apache-2.0
// Texts that are read as times, and back.
#include <cstdlib>
#include <string_view>

#include "ensue/base/time_text.h"
#include "ensue/serve/formats/row.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto unit :
       {ensue::serve::Unit::kGuessed, ensue::serve::Unit::kSeconds,
        ensue::serve::Unit::kMicros}) {
    const auto time = ensue::serve::read_time(text, unit);
    if (!time) continue;
    // To the second, which is what the text says.
    const auto seconds = ensue::read_iso(ensue::time_text(count(*time)));
    const auto off = count(*time) - seconds.value_or(0);
    if (!seconds || off < 0 || off > 999) std::abort();
  }
  ensue::read_small_date(text);
  return 0;
}
