// SPDX-License-Identifier: Apache-2.0
#include "ensue/events/context.h"

#include <array>
#include <charconv>

namespace ensue::events {

std::string_view name_of(ContextKind kind) {
  return kind == ContextKind::kCategory ? "category" : "number";
}

std::optional<ContextKind> context_kind(std::string_view name) {
  for (const auto kind : {ContextKind::kCategory, ContextKind::kNumber}) {
    if (name == name_of(kind)) return kind;
  }
  return std::nullopt;
}

std::string text_of(float number) {
  std::array<char, 64> text;
  // Whole numbers without exponent: 100000, not 1e+05.
  const bool whole = number > -1e9F && number < 1e9F &&
                     number == static_cast<float>(static_cast<int>(number));
  const auto end =
      whole ? std::to_chars(text.begin(), text.end(), static_cast<int>(number))
            : std::to_chars(text.begin(), text.end(), number);
  return {text.data(), end.ptr};
}

}  // namespace ensue::events
