// SPDX-License-Identifier: Apache-2.0
// Reads and checks an artifact's bytes, section by section.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/artifact/artifact.h"

namespace ensue::artifact {

/// Every failure is Error(kCorrupt) "<where>: <section>: <reason>". What it
/// hands out points into `bytes`, kept alive by `owner`.
class Reader {
 public:
  using Tensors = std::map<std::string, TensorView, std::less<>>;

  /// Checks length, header, version, header checksum, layout and checksums of
  /// all tensors, in this order.
  Reader(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
         std::string where);

  const Tensors& tensors() const noexcept { return tensors_; }
  /// Also checks vocabularies and the item table.
  Description description() const;

 private:
  [[noreturn]] void corrupt(const std::string& reason) const;
  void read_header();
  void check_identity() const;
  void check_header_checksum() const;
  void read_tensor(std::string_view name, const Json& entry);
  void check_layout() const;
  void check_checksums() const;

  const std::string& text(std::string_view key) const;
  JsonObject object(std::string_view key) const;
  const TensorView& tensor(const std::string& name) const;
  events::Vocabulary vocabulary(std::string_view role) const;
  std::vector<events::ContextColumn> context() const;
  events::Table table(std::size_t items) const;
  events::Column column(const std::string& name, bool text) const;

  std::span<const std::byte> bytes_;
  std::shared_ptr<const void> owner_;
  std::string where_;
  std::string_view head_;  // length and header
  std::map<std::string, std::string, std::less<>> metadata_;
  Tensors tensors_;
};

}  // namespace ensue::artifact
