// SPDX-License-Identifier: Apache-2.0
// What JsonReader gives reads back from its own text as the same values.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "ensue/base/error.h"
#include "ensue/base/json_reader.h"

namespace {

std::string read_all(std::string_view text) {
  std::string out;
  ensue::JsonReader reader(text);
  while (const ensue::Json* value = reader.next()) {
    if (reader.where().empty()) std::abort();
    out += ensue::to_text(*value) + "\n";
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data,
                                      std::size_t size) {
  std::string once;
  try {
    once = read_all({reinterpret_cast<const char*>(data), size});
  } catch (const ensue::Error&) {
    return 0;
  }
  // A list among the values would be opened; in a list it is an element.
  const auto listed = [](std::string lines) {
    for (char& c : lines) c = c == '\n' ? ',' : c;
    if (!lines.empty()) lines.pop_back();
    return "[" + lines + "]";
  };
  if (read_all(listed(once)) != once) {
    std::fprintf(stderr, "changed: %s\n", once.c_str());
    std::abort();
  }
  return 0;
}
