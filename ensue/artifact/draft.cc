// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <tuple>
#include <utility>

#include "ensue/artifact/artifact.h"
#include "ensue/artifact/internal/layout.h"
#include "ensue/base/error.h"
#include "ensue/base/file.h"
#include "ensue/base/hash.h"

namespace ensue::artifact {
namespace {

/// A tensor on its way into the file.
struct Piece {
  std::string name;
  DType type;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;
  std::size_t begin = 0, end = 0;  // in the tensor part
};

bool is_vocabulary(const Piece& piece) {
  return piece.name.starts_with(kVocabularyPrefix);
}

// Falling alignment; among byte tensors padding, vocabularies, the rest.
auto order_of(const Piece& piece) {
  const int kind = piece.name == kPadding ? 0 : is_vocabulary(piece) ? 1 : 2;
  return std::tuple(-static_cast<int>(bytes_of(piece.type)), kind,
                    std::string_view(piece.name));
}

/// The tensors and metadata that a description becomes. Owns what the
/// description does not hold as bytes already.
class Parts {
 public:
  explicit Parts(const Description& description) {
    add_vocabulary("items", description.items);
    add_vocabulary("actions", description.actions);
    add_table(description.item_table, description.items.size());
    for (const events::ContextColumn& column : description.context) {
      add_context(column);
    }
  }

  std::vector<Piece> pieces() const {
    std::vector<Piece> out;
    for (const auto& [name, type, shape, bytes] : owned_) {
      out.push_back({name, type, shape, bytes});
    }
    return out;
  }
  const JsonObject& vocabularies() const { return vocabularies_; }
  const JsonObject& table() const { return table_; }
  const JsonArray& context() const { return context_; }

 private:
  struct Owned {
    std::string name;
    DType type;
    std::vector<std::int64_t> shape;
    std::vector<std::byte> bytes;
  };

  void own(std::string name, DType type, std::span<const std::byte> bytes,
           std::size_t length) {
    std::vector<std::byte> copy(length);
    if (!bytes.empty()) std::memcpy(copy.data(), bytes.data(), bytes.size());
    const auto rows = static_cast<std::int64_t>(length / bytes_of(type));
    owned_.push_back({std::move(name), type, {rows}, std::move(copy)});
  }

  void add_vocabulary(std::string_view role,
                      const events::Vocabulary& vocabulary) {
    const std::string name = std::string(kVocabularyPrefix) + std::string(role);
    const auto bytes = vocabulary.bytes();
    own(name, DType::kU8, bytes, round_up(bytes.size(), kVocabularyAlignment));
    JsonObject entry;
    entry["tensor"] = name;
    entry["bytes"] = bytes.size();
    vocabularies_[role] = std::move(entry);
  }

  void add_context(const events::ContextColumn& column) {
    add_vocabulary(context_role(context_.size()), column.values);
    JsonObject entry;
    entry["name"] = column.name;
    entry["kind"] = name_of(column.kind);
    context_.push_back(std::move(entry));
  }

  void add_table(const events::Table& table, std::size_t items) {
    JsonArray columns;
    for (const events::Column& column : table.columns) {
      if (column.size() != items || table.find(column.name) != &column) {
        invalid("item table column '" + column.name +
                "': " + std::to_string(column.size()) + " rows for " +
                std::to_string(items) + " items, or a repeated name");
      }
      add_column(column);
      JsonObject entry;
      entry["name"] = column.name;
      entry["type"] = column.is_text() ? "text" : "number";
      columns.push_back(std::move(entry));
    }
    table_["columns"] = std::move(columns);
    table_["known_since"] = table.known_since;
  }

  void add_column(const events::Column& column) {
    const std::string name = std::string(kTablePrefix) + column.name;
    if (!column.is_text()) {
      const auto& numbers = std::get<std::vector<double>>(column.cells);
      const auto bytes = std::as_bytes(std::span(numbers));
      return own(name, DType::kF64, bytes, bytes.size());
    }
    std::vector<std::uint64_t> offsets = {0};
    std::string text;
    for (const std::string& cell :
         std::get<std::vector<std::string>>(column.cells)) {
      text += cell;
      offsets.push_back(text.size());
    }
    const auto ends = std::as_bytes(std::span(offsets));
    own(std::string(kTableOffsetsPrefix) + column.name, DType::kU64, ends,
        ends.size());
    own(name, DType::kU8, std::as_bytes(std::span(text)), text.size());
  }

  std::vector<Owned> owned_;
  JsonObject vocabularies_, table_;
  JsonArray context_;
};

// Sorts, inserts padding before the vocabularies, and gives every piece its
// place.
void place(std::vector<Piece>& pieces, std::vector<std::byte>& padding) {
  std::size_t wide = 0;
  for (const Piece& piece : pieces) {
    if (bytes_of(piece.type) > 1) wide += piece.bytes.size();
  }
  padding.resize(round_up(wide, kVocabularyAlignment) - wide);
  if (!padding.empty()) {
    pieces.push_back({std::string(kPadding),
                      DType::kU8,
                      {static_cast<std::int64_t>(padding.size())},
                      padding});
  }
  std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) {
    return order_of(a) < order_of(b);
  });
  std::size_t at = 0;
  for (Piece& piece : pieces) {
    piece.begin = at;
    piece.end = at += piece.bytes.size();
  }
}

int version_of(const std::vector<Piece>& pieces) {
  const bool narrow = std::ranges::any_of(pieces, [](const Piece& piece) {
    return piece.type == DType::kBF16 || piece.type == DType::kI8;
  });
  return narrow ? kNarrowVersion : kPlainVersion;
}

JsonObject metadata(const Description& description, const Parts& parts,
                    const std::vector<Piece>& pieces) {
  JsonObject checksums;
  for (const Piece& piece : pieces) {
    checksums[piece.name] = to_hex(checksum(piece.bytes));
  }
  JsonObject out;
  out["format"] = "ensue";
  out["format_version"] = std::to_string(version_of(pieces));
  out["header_checksum"] = kNoChecksum;
  out["model"] = to_text(description.model.to_json());
  out["schema"] = to_text(description.schema.to_json());
  out["training"] = to_text(description.training);
  out["data"] = to_text(description.data);
  out["metrics"] = to_text(description.metrics);
  out["vocabularies"] = to_text(parts.vocabularies());
  out["item_table"] = to_text(parts.table());
  if (!parts.context().empty()) out["context"] = to_text(parts.context());
  out["checksums"] = to_text(checksums);
  return out;
}

std::string header_text(JsonObject metadata, const std::vector<Piece>& pieces) {
  JsonObject header;
  header["__metadata__"] = std::move(metadata);
  for (const Piece& piece : pieces) {
    JsonObject entry;
    entry["dtype"] = name_of(piece.type);
    entry["shape"] = JsonArray(piece.shape.begin(), piece.shape.end());
    entry["data_offsets"] = {piece.begin, piece.end};
    header[piece.name] = std::move(entry);
  }
  std::string text = to_text(header);
  text.resize(round_up(8 + text.size(), kTensorAlignment) - 8, ' ');
  return text;
}

// Length, then header with its checksum filled in.
std::string seal(const std::string& header) {
  const std::uint64_t length = header.size();
  std::string head(8, '\0');
  std::memcpy(head.data(), &length, 8);
  head += header;
  const std::size_t digits = head.find(kChecksumKey) + kChecksumKey.size();
  head.replace(digits, kNoChecksum.size(), header_checksum(head, digits));
  return head;
}

}  // namespace

Draft::Draft(Description description) : description_(std::move(description)) {}

void Draft::add_bytes(const std::string& name, DType type,
                      std::vector<std::int64_t> shape,
                      std::span<const std::byte> bytes) {
  const auto count = elements(shape);
  if (!count || *count * bytes_of(type) != bytes.size()) {
    invalid("tensor " + name + ": " + std::to_string(bytes.size()) +
            " bytes do not fill " + std::string(name_of(type)) +
            show_shape(shape));
  }
  const bool reserved = is_reserved(name);
  if (reserved || tensors_.contains(name)) {
    invalid("tensor " + name +
            (reserved ? ": the name is reserved" : ": added twice"));
  }
  tensors_[name] = {type, std::move(shape), {bytes.begin(), bytes.end()}};
}

std::vector<std::byte> Draft::bytes() const {
  const Parts parts(description_);
  std::vector<Piece> pieces = parts.pieces();
  for (const auto& [name, tensor] : tensors_) {
    pieces.push_back({name, tensor.type, tensor.shape, tensor.bytes});
  }
  std::vector<std::byte> padding;
  place(pieces, padding);
  const std::string head =
      seal(header_text(metadata(description_, parts, pieces), pieces));
  const auto head_bytes = std::as_bytes(std::span(head));
  std::vector<std::byte> out(head_bytes.begin(), head_bytes.end());
  out.reserve(head.size() + pieces.back().end);
  for (const Piece& piece : pieces) {
    out.insert(out.end(), piece.bytes.begin(), piece.bytes.end());
  }
  return out;
}

void Draft::write(const std::filesystem::path& path) const {
  write_file(path, bytes());
}

}  // namespace ensue::artifact
