// SPDX-License-Identifier: Apache-2.0
// From rows of named columns to features, as training learnt to make them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/events/table.h"
#include "ensue/events/vocabulary.h"
#include "ensue/runtime/feature_rows.h"

namespace ensue::runtime {

/// How one column becomes features. Missing: NaN or an empty text.
enum class Encoding {
  kRaw,      // the number; missing stays NaN (trees know what to do with it)
  kNumber,   // (x - mean) / deviation; missing: 0, the mean
  kLog,      // the same of sign(x) log(1 + |x|)
  kBins,     // one per interval between cuts, 1 where x >= the cut
  kMissing,  // 1 where it is missing
  kOneHot,   // one per value; new and missing values have none
  kTarget,   // mean label of the rows with this value, one per output
  kWords,    // TF-IDF of words and runs of words
  kLetters,  // TF-IDF of runs of letters
};

/// An encoding as it is written: "raw", "number", "log", "bins", "missing",
/// "one_hot", "target", "words:2" (runs of 1 to 2), "letters:2-5".
struct EncodingSpec {
  Encoding encoding = Encoding::kRaw;
  int shortest = 1, longest = 1;  // of words and letters

  /// @throws Error(kInvalidArgument) listing the known ones.
  static EncodingSpec parse(std::string_view text);
  std::string text() const;
  bool reads_text() const noexcept {
    return encoding == Encoding::kWords || encoding == Encoding::kLetters;
  }
  bool reads_categories() const noexcept {
    return encoding == Encoding::kOneHot || encoding == Encoding::kTarget;
  }
};

/// One column and what training learnt of it. A category is a cell as
/// Column::show() writes it, so numbers can be categories.
struct ColumnEncoder {
  std::string column;
  EncodingSpec spec;
  /// Categories of one_hot and target, terms of words and letters.
  events::Vocabulary values = {};
  /// number, log: mean, deviation. bins: the cuts, rising. target [1 + values,
  /// outputs]: first of rows without a known value. words, letters: a weight
  /// per term, ln((1 + n) / (1 + n with the term)) + 1.
  std::vector<float> numbers = {};

  std::size_t features() const noexcept;
  /// "price", "month = Nov", "title: nice fit", …
  std::string feature_name(std::size_t feature) const;
};

/// Components instead of features: out = directions (x - mean).
struct Principal {
  std::vector<float> mean, directions;  // [width], [components, width]
};

/// All columns of one member. Immutable, thread-safe.
///
/// TF-IDF: a term that stands c times weighs (1 + ln c) times its weight; the
/// row's terms of one column have length 1 together.
class TableColumns {
 public:
  /// @throws Error(kCorrupt) naming the column that does not fit together.
  explicit TableColumns(std::vector<ColumnEncoder> encoders,
                        Principal principal = {});
  /// Of head number `place` of an artifact. @throws Error(kCorrupt).
  static TableColumns read(const artifact::Artifact& artifact,
                           std::size_t place);
  /// The tensors that read() finds; the head's configuration is config().
  void add_to(artifact::Draft& draft, std::size_t place) const;
  JsonObject config() const;

  std::size_t width() const noexcept;
  const std::vector<ColumnEncoder>& encoders() const noexcept {
    return encoders_;
  }
  const Principal& principal() const noexcept { return principal_; }
  /// [width()] for people; components are "component 1", ….
  std::vector<std::string> feature_names() const;
  /// [width()] the column that a feature comes from; components: "".
  std::vector<std::string> feature_sources() const;

  /// Columns are found by name; others are not read. On several threads.
  /// @throws Error(kInvalidArgument) naming a column that is missing, or holds
  ///   text where numbers are expected, or the other way round.
  FeatureRows prepare(const events::Table& rows) const;
  /// Before components are taken.
  FeatureRows encode(const events::Table& rows) const;
  /// Components of what encode() made.
  FeatureRows reduce(const FeatureRows& encoded) const;

 private:
  std::size_t encoded_width() const noexcept { return first_.back(); }
  std::vector<ColumnEncoder> encoders_;
  std::vector<std::size_t> first_;  // [encoders + 1] their first features
  Principal principal_;
};

/// sign(x) log(1 + |x|).
float log_of(double number) noexcept;

/// How often each term stands in a cell, as words or letters of `spec`.
void each_term(const EncodingSpec& spec, std::string_view text,
               const std::function<void(std::string_view)>& term);

}  // namespace ensue::runtime
