// SPDX-License-Identifier: Apache-2.0
// A trained model in one file: valid safetensors, mapped, checked before use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/artifact/model_spec.h"
#include "ensue/artifact/tensor.h"
#include "ensue/artifact/weights.h"
#include "ensue/base/json.h"
#include "ensue/events/context.h"
#include "ensue/events/schema.h"
#include "ensue/events/table.h"
#include "ensue/events/vocabulary.h"

namespace ensue::artifact {

/// What every artifact says of itself beside its tensors.
struct Description {
  ModelSpec model;
  events::Schema schema;
  events::Vocabulary items, actions;  // what the model knows
  events::Table item_table;           // titles, categories, … of those items
  /// Named context columns that it reads, in the order of its rows.
  std::vector<events::ContextColumn> context = {};
  /// Free JSON objects, kept as given: how it was trained, on what
  /// ("log" fingerprint, "events", "until_ms", …), and what it reached.
  JsonObject training, data, metrics;
};

/// Collects tensors and writes the file. The same content gives the same
/// bytes: no date, host, path or duration.
class Draft {
 public:
  explicit Draft(Description description);

  /// Copies. @throws Error(kInvalidArgument) on a repeated name or when shape
  /// and size disagree.
  template <class T>
  void add(const std::string& name, std::vector<std::int64_t> shape,
           std::span<const T> values) {
    add_bytes(name, dtype_of<T>(), std::move(shape), std::as_bytes(values));
  }
  void add_bytes(const std::string& name, DType type,
                 std::vector<std::int64_t> shape,
                 std::span<const std::byte> bytes);

  Description& description() noexcept { return description_; }

  /// The whole file.
  std::vector<std::byte> bytes() const;
  /// Atomic. @throws Error(kUnavailable).
  void write(const std::filesystem::path& path) const;

 private:
  struct Tensor {
    DType type;
    std::vector<std::int64_t> shape;
    std::vector<std::byte> bytes;
  };
  Description description_;
  std::map<std::string, Tensor> tensors_;
};

/// A loaded artifact. Immutable, shared by every engine made from it.
class Artifact {
 public:
  /// Maps the file and checks everything: layout, version, header checksum,
  /// every tensor's checksum, vocabularies, scales.
  /// @throws Error(kNotFound), Error(kCorrupt) with file, place and reason.
  static std::shared_ptr<const Artifact> load(
      const std::filesystem::path& path);
  /// The same from memory; `where` names it in errors.
  static std::shared_ptr<const Artifact> from_bytes(
      std::vector<std::byte> bytes, std::string_view where);

  const Description& description() const noexcept { return description_; }
  /// What its matrices are stored as. Tensors are F32 all the same: narrower
  /// ones are decoded once, when the file is loaded.
  Weights weights() const noexcept { return weights_; }
  bool has(std::string_view name) const noexcept;
  /// @throws Error(kCorrupt) naming the missing tensor.
  const TensorView& tensor(std::string_view name) const;
  /// As above and checks type F32 and shape; where they lie in the file, when
  /// they are stored so.
  std::span<const float> floats(std::string_view name,
                                std::vector<std::int64_t> shape) const;
  std::vector<std::string> tensor_names() const;

  /// "<section>.<place>.<parameter>"
  static std::string tensor_name(std::string_view section, std::size_t place,
                                 std::string_view parameter);

 private:
  Artifact() = default;
  void parse(std::span<const std::byte> bytes,
             std::shared_ptr<const void> owner, const std::string& where);
  std::shared_ptr<const void> owner_;
  std::string where_;  // for errors
  Description description_;
  std::map<std::string, TensorView, std::less<>> tensors_;
  std::vector<std::vector<float>> decoded_;  // what some of them point to
  Weights weights_ = Weights::kFp32;
};

}  // namespace ensue::artifact
