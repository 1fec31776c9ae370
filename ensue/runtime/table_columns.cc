// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/table_columns.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <numeric>
#include <span>
#include <utility>

#include "ensue/artifact/table_configs.h"
#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/base/threads.h"

namespace ensue::runtime {
namespace {

using events::Column;

constexpr std::size_t kRowsAtOnce = 256;

[[noreturn]] void corrupt(const ColumnEncoder& encoder, const char* reason) {
  throw Error(Code::kCorrupt,
              "column '" + encoder.column + "': " + std::string(reason));
}

void check(const ColumnEncoder& encoder) {
  const std::vector<float>& numbers = encoder.numbers;
  const auto require = [&](bool good, const char* reason) {
    if (!good) corrupt(encoder, reason);
  };
  require(
      std::ranges::all_of(numbers, [](float n) { return std::isfinite(n); }),
      "a number that is not finite");
  switch (encoder.spec.encoding) {
    case Encoding::kNumber:
    case Encoding::kLog:
      return require(numbers.size() == 2 && numbers[1] > 0,
                     "expected a mean and a deviation above 0");
    case Encoding::kBins:
      return require(std::ranges::is_sorted(numbers), "cuts do not rise");
    case Encoding::kTarget:
      return require(
          !numbers.empty() && numbers.size() % (1 + encoder.values.size()) == 0,
          "expected label means of every value");
    case Encoding::kWords:
    case Encoding::kLetters:
      return require(numbers.size() == encoder.values.size(),
                     "expected a weight per term");
    default:
      return require(numbers.empty(), "numbers that it has no use for");
  }
}

// One encoder and the column of a table that it reads.
class Reader {
 public:
  Reader(const ColumnEncoder& encoder, const events::Table& rows,
         std::size_t first)
      : encoder_(encoder), column_(find(encoder, rows)), first_(first) {}

  void add(std::size_t row, FeatureRows& out) const {
    switch (encoder_.spec.encoding) {
      case Encoding::kMissing:
        if (is_missing(row)) put(0, 1, out);
        return;
      case Encoding::kOneHot:
        if (const auto id = category(row)) put(*id, 1, out);
        return;
      case Encoding::kTarget:
        return add_target(row, out);
      case Encoding::kWords:
      case Encoding::kLetters:
        return add_terms(row, out);
      default:
        return add_number(column_.number(row), out);
    }
  }

 private:
  static const Column& find(const ColumnEncoder& encoder,
                            const events::Table& rows) {
    const Column* column = rows.find(encoder.column);
    const auto refuse = [&](const std::string& what) {
      invalid("column '" + encoder.column + "': " + what);
    };
    if (column == nullptr) refuse("the model reads it, the table has it not");
    const EncodingSpec& spec = encoder.spec;
    const bool any =
        spec.reads_categories() || spec.encoding == Encoding::kMissing;
    if (!any && spec.reads_text() != column->is_text()) {
      refuse(column->is_text() ? "holds text, the model reads numbers"
                               : "holds numbers, the model reads text");
    }
    return *column;
  }

  bool is_missing(std::size_t row) const {
    return column_.is_text() ? column_.text(row).empty()
                             : std::isnan(column_.number(row));
  }
  void put(std::size_t feature, float value, FeatureRows& out) const {
    out.places.push_back(static_cast<std::uint32_t>(first_ + feature));
    out.values.push_back(value);
  }
  std::optional<std::uint32_t> category(std::size_t row) const {
    if (is_missing(row)) return std::nullopt;
    return column_.is_text() ? encoder_.values.find(column_.text(row))
                             : encoder_.values.find(column_.show(row));
  }

  void add_number(double number, FeatureRows& out) const {
    const std::vector<float>& learnt = encoder_.numbers;
    if (encoder_.spec.encoding == Encoding::kRaw) {
      return put(0, static_cast<float>(number), out);
    }
    if (std::isnan(number)) return;
    if (encoder_.spec.encoding == Encoding::kBins) {
      for (std::size_t i = 0; i < learnt.size(); ++i) {
        if (number < static_cast<double>(learnt[i])) return;
        put(i, 1, out);
      }
      return;
    }
    const bool log = encoder_.spec.encoding == Encoding::kLog;
    const float x = log ? log_of(number) : static_cast<float>(number);
    put(0, (x - learnt[0]) / learnt[1], out);
  }

  void add_target(std::size_t row, FeatureRows& out) const {
    const std::size_t outputs = encoder_.features();
    const auto id = category(row);
    const std::size_t at = outputs * (id ? 1 + std::size_t{*id} : 0);
    for (std::size_t o = 0; o < outputs; ++o) {
      put(o, encoder_.numbers[at + o], out);
    }
  }

  void add_terms(std::size_t row, FeatureRows& out) const {
    std::vector<std::uint32_t> found;
    each_term(encoder_.spec, column_.text(row), [&](std::string_view term) {
      if (const auto id = encoder_.values.find(term)) found.push_back(*id);
    });
    std::ranges::sort(found);
    const std::size_t before = out.values.size();
    double squares = 0;
    for (std::size_t i = 0, end = 0; i < found.size(); i = end) {
      while (end < found.size() && found[end] == found[i]) ++end;
      const double times = 1 + std::log(static_cast<double>(end - i));
      const double weight = times * encoder_.numbers[found[i]];
      squares += weight * weight;
      put(found[i], static_cast<float>(weight), out);
    }
    const auto scale = static_cast<float>(1 / std::sqrt(squares));
    for (std::size_t i = before; i < out.values.size(); ++i) {
      out.values[i] *= scale;
    }
  }

  const ColumnEncoder& encoder_;
  const Column& column_;
  std::size_t first_;
};

FeatureRows encode_range(const std::vector<Reader>& readers, std::size_t width,
                         std::size_t begin, std::size_t end) {
  FeatureRows out;
  out.width = width;
  for (std::size_t row = begin; row < end; ++row) {
    for (const Reader& reader : readers) reader.add(row, out);
    out.begin.push_back(out.places.size());
  }
  return out;
}

std::string tensor(std::size_t place, std::size_t column, const char* name) {
  return artifact::Artifact::tensor_name(
      "heads", place, "columns." + std::to_string(column) + "." + name);
}

std::vector<float> copied(const artifact::Artifact& artifact,
                          const std::string& name) {
  const auto found = artifact.tensor(name).as<float>();
  return {found.begin(), found.end()};
}

// Vocabularies want their bytes aligned.
events::Vocabulary copied_vocabulary(std::span<const std::uint8_t> bytes) {
  const auto copy =
      std::make_shared<std::vector<std::uint64_t>>((bytes.size() + 7) / 8);
  std::memcpy(copy->data(), bytes.data(), bytes.size());
  return events::Vocabulary::from_bytes(
      std::as_bytes(std::span(*copy)).first(bytes.size()), copy);
}

template <class T>
void add(artifact::Draft& draft, const std::string& name,
         std::span<const T> values) {
  draft.add<T>(name, {static_cast<std::int64_t>(values.size())}, values);
}

}  // namespace

TableColumns::TableColumns(std::vector<ColumnEncoder> encoders,
                           Principal principal)
    : encoders_(std::move(encoders)),
      first_({0}),
      principal_(std::move(principal)) {
  for (const ColumnEncoder& encoder : encoders_) {
    check(encoder);
    first_.push_back(first_.back() + encoder.features());
  }
  const std::size_t wide = encoded_width();
  const bool fits = principal_.mean.size() == wide &&
                    (wide == 0 || principal_.directions.size() % wide == 0);
  if (!principal_.directions.empty() && !fits) {
    throw Error(Code::kCorrupt, "components: expected " + std::to_string(wide) +
                                    " numbers each, as the columns have");
  }
}

TableColumns TableColumns::read(const artifact::Artifact& artifact,
                                std::size_t place) {
  artifact::TableMemberConfig config;
  const auto& head = artifact.description().model.heads.at(place);
  read_fields(config, head.config, head.type);
  if (config.columns.size() != config.encodings.size()) {
    throw Error(Code::kCorrupt,
                head.type + ": expected an encoding per column");
  }
  std::vector<ColumnEncoder> encoders;
  for (std::size_t c = 0; c < config.columns.size(); ++c) {
    ColumnEncoder encoder{config.columns[c],
                          EncodingSpec::parse(config.encodings[c])};
    encoder.numbers = copied(artifact, tensor(place, c, "numbers"));
    if (encoder.spec.reads_categories() || encoder.spec.reads_text()) {
      encoder.values = copied_vocabulary(
          artifact.tensor(tensor(place, c, "values")).as<std::uint8_t>());
    }
    encoders.push_back(std::move(encoder));
  }
  Principal principal;
  if (config.principal) {
    const auto name = [&](const char* part) {
      return artifact::Artifact::tensor_name("heads", place, part);
    };
    principal = {copied(artifact, name("principal.mean")),
                 copied(artifact, name("principal.directions"))};
  }
  return TableColumns(std::move(encoders), std::move(principal));
}

void TableColumns::add_to(artifact::Draft& draft, std::size_t place) const {
  for (std::size_t c = 0; c < encoders_.size(); ++c) {
    const ColumnEncoder& encoder = encoders_[c];
    add<float>(draft, tensor(place, c, "numbers"), encoder.numbers);
    if (!encoder.spec.reads_categories() && !encoder.spec.reads_text()) {
      continue;
    }
    const auto bytes = encoder.values.bytes();
    draft.add_bytes(tensor(place, c, "values"), artifact::DType::kU8,
                    {static_cast<std::int64_t>(bytes.size())}, bytes);
  }
  if (principal_.directions.empty()) return;
  const auto name = [&](const char* part) {
    return artifact::Artifact::tensor_name("heads", place, part);
  };
  add<float>(draft, name("principal.mean"), principal_.mean);
  add<float>(draft, name("principal.directions"), principal_.directions);
}

JsonObject TableColumns::config() const {
  artifact::TableMemberConfig config;
  for (const ColumnEncoder& encoder : encoders_) {
    config.columns.push_back(encoder.column);
    config.encodings.push_back(encoder.spec.text());
  }
  config.principal = !principal_.directions.empty();
  return write_fields(config);
}

std::size_t TableColumns::width() const noexcept {
  if (principal_.directions.empty()) return encoded_width();
  return principal_.directions.size() / encoded_width();
}

std::vector<std::string> TableColumns::feature_names() const {
  std::vector<std::string> out;
  if (!principal_.directions.empty()) {
    for (std::size_t i = 1; i <= width(); ++i) {
      out.push_back("component " + std::to_string(i));
    }
    return out;
  }
  for (const ColumnEncoder& encoder : encoders_) {
    for (std::size_t i = 0; i < encoder.features(); ++i) {
      out.push_back(encoder.feature_name(i));
    }
  }
  return out;
}

std::vector<std::string> TableColumns::feature_sources() const {
  if (!principal_.directions.empty()) return std::vector<std::string>(width());
  std::vector<std::string> out;
  for (const ColumnEncoder& encoder : encoders_) {
    out.insert(out.end(), encoder.features(), encoder.column);
  }
  return out;
}

FeatureRows TableColumns::encode(const events::Table& rows) const {
  std::vector<Reader> readers;
  for (std::size_t c = 0; c < encoders_.size(); ++c) {
    readers.emplace_back(encoders_[c], rows, first_[c]);
  }
  const std::size_t size = rows.rows();
  std::vector<FeatureRows> parts((size + kRowsAtOnce - 1) / kRowsAtOnce);
  parallel_for(parts.size(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t p = begin; p < end; ++p) {
      parts[p] = encode_range(readers, encoded_width(), p * kRowsAtOnce,
                              std::min(size, (p + 1) * kRowsAtOnce));
    }
  });
  FeatureRows out;
  out.width = encoded_width();
  for (const FeatureRows& part : parts) out.append(part);
  return out;
}

FeatureRows TableColumns::reduce(const FeatureRows& encoded) const {
  if (principal_.directions.empty()) return encoded;
  const std::size_t wide = encoded_width(), components = width();
  const std::span<const float> directions = principal_.directions;
  std::vector<double> origin(components);  // directions mean
  for (std::size_t k = 0; k < components; ++k) {
    const auto direction = directions.subspan(k * wide, wide);
    origin[k] = std::inner_product(direction.begin(), direction.end(),
                                   principal_.mean.begin(), 0.0);
  }
  FeatureRows out;
  out.width = components;
  for (std::size_t row = 0; row < encoded.size(); ++row) {
    const auto places = encoded.places_of(row);
    const auto values = encoded.values_of(row);
    for (std::size_t k = 0; k < components; ++k) {
      double sum = -origin[k];
      for (std::size_t i = 0; i < places.size(); ++i) {
        sum += static_cast<double>(directions[k * wide + places[i]]) *
               static_cast<double>(values[i]);
      }
      out.places.push_back(static_cast<std::uint32_t>(k));
      out.values.push_back(static_cast<float>(sum));
    }
    out.begin.push_back(out.places.size());
  }
  return out;
}

FeatureRows TableColumns::prepare(const events::Table& rows) const {
  return reduce(encode(rows));
}

}  // namespace ensue::runtime
