// SPDX-License-Identifier: Apache-2.0
// Encodings as they are written, and names of features.
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/runtime/table_columns.h"
#include "ensue/runtime/text_terms.h"

namespace ensue::runtime {
namespace {

constexpr std::array<std::pair<std::string_view, Encoding>, 9> kNames = {
    {{"raw", Encoding::kRaw},
     {"number", Encoding::kNumber},
     {"log", Encoding::kLog},
     {"bins", Encoding::kBins},
     {"missing", Encoding::kMissing},
     {"one_hot", Encoding::kOneHot},
     {"target", Encoding::kTarget},
     {"words", Encoding::kWords},
     {"letters", Encoding::kLetters}}};

[[noreturn]] void unknown(std::string_view text) {
  invalid("encoding '" + std::string(text) +
          "': expected raw, number, log, bins, missing, one_hot, target, "
          "words:N or letters:M-N with 1 <= M <= N <= 9");
}

int digit(std::string_view all, std::string_view text) {
  int out = 0;
  const auto end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, out);
  if (parsed.ptr != end || parsed.ec != std::errc() || out < 1 || out > 9) {
    unknown(all);
  }
  return out;
}

}  // namespace

EncodingSpec EncodingSpec::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  EncodingSpec out;
  bool found = false;
  for (const auto& [known, encoding] : kNames) {
    if (name == known) out.encoding = encoding, found = true;
  }
  if (!found || (colon != text.npos && !out.reads_text())) unknown(text);
  if (out.encoding == Encoding::kLetters) out.shortest = 2, out.longest = 5;
  if (colon == text.npos) return out;
  const std::string_view range = text.substr(colon + 1);
  const std::size_t dash = range.find('-');
  if (dash != range.npos) {
    out.shortest = digit(text, range.substr(0, dash));
  }
  out.longest =
      digit(text, dash == range.npos ? range : range.substr(dash + 1));
  const bool words = out.encoding == Encoding::kWords;
  if (!words && dash == range.npos) out.shortest = out.longest;
  if (out.shortest > out.longest || (words && out.shortest != 1)) unknown(text);
  return out;
}

std::string EncodingSpec::text() const {
  std::string out;
  for (const auto& [name, known] : kNames) {
    if (known == encoding) out = name;
  }
  if (encoding == Encoding::kWords) out += ":" + std::to_string(longest);
  if (encoding == Encoding::kLetters) {
    out += ":" + std::to_string(shortest) + "-" + std::to_string(longest);
  }
  return out;
}

std::size_t ColumnEncoder::features() const noexcept {
  switch (spec.encoding) {
    case Encoding::kBins:
      return numbers.size();
    case Encoding::kOneHot:
    case Encoding::kWords:
    case Encoding::kLetters:
      return values.size();
    case Encoding::kTarget:
      return numbers.size() / (1 + values.size());
    default:
      return 1;
  }
}

std::string ColumnEncoder::feature_name(std::size_t feature) const {
  switch (spec.encoding) {
    case Encoding::kBins: {
      events::Column cut{"", std::vector<double>{numbers[feature]}};
      return column + " >= " + cut.show(0);
    }
    case Encoding::kMissing:
      return column + " is missing";
    case Encoding::kOneHot:
      return column + " = " + std::string(values.name(feature));
    case Encoding::kTarget:
      return "label by " + column +
             (features() > 1 ? " " + std::to_string(feature) : "");
    case Encoding::kWords:
    case Encoding::kLetters:
      return column + ": " + std::string(values.name(feature));
    default:
      return column;
  }
}

float log_of(double number) noexcept {
  return static_cast<float>(
      std::copysign(std::log1p(std::abs(number)), number));
}

void each_term(const EncodingSpec& spec, std::string_view text,
               const std::function<void(std::string_view)>& term) {
  if (spec.encoding == Encoding::kWords) {
    each_word_term(text, spec.longest, term);
  } else {
    each_letter_term(text, spec.shortest, spec.longest, term);
  }
}

}  // namespace ensue::runtime
