// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue-bench/typed.h"

#include <algorithm>
#include <charconv>

#include "ensue/base/error.h"

namespace ensue::apps {
namespace {

template <class Number>
void set(Number& to, const std::string& name, const std::string& value) {
  const char* const end = value.data() + value.size();
  const auto read = std::from_chars(value.data(), end, to);
  if (read.ec != std::errc{} || read.ptr != end || to < 1) {
    invalid(name + ": '" + value + "', expected a whole number from 1 on");
  }
}

}  // namespace

void read_typed(const BenchOptions& bench,
                const std::vector<std::pair<std::string, TypedTo>>& known) {
  const auto& words = bench.extra;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const auto found = std::ranges::find(
        known, words[i], &std::pair<std::string, TypedTo>::first);
    if (found == known.end()) {
      std::string names;
      for (const auto& [name, to] : known) names += " " + name;
      invalid(words[i] + ": expected one of" + names);
    }
    if (i + 1 == words.size()) invalid(words[i] + ": expected a value");
    const std::string& value = words[i + 1];
    if (const auto* text = std::get_if<std::string*>(&found->second)) {
      **text = value;
    } else if (const auto* path =
                   std::get_if<std::filesystem::path*>(&found->second)) {
      **path = value;
    } else if (const auto* number = std::get_if<int*>(&found->second)) {
      set(**number, words[i], value);
    } else {
      set(*std::get<std::uint64_t*>(found->second), words[i], value);
    }
  }
}

}  // namespace ensue::apps
