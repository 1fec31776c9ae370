// SPDX-License-Identifier: Apache-2.0
#include "ensue/artifact/internal/reader.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include "ensue/artifact/internal/layout.h"
#include "ensue/base/error.h"
#include "ensue/base/hash.h"

namespace ensue::artifact {
namespace {

constexpr std::uint64_t kNoSize = ~std::uint64_t{0};

// A size or place; kNoSize when it is none.
std::uint64_t unsigned_of(const Json* json) {
  if (json != nullptr && json->is_uint64()) return json->get_uint64();
  if (json != nullptr && json->is_int64() && json->get_int64() >= 0) {
    return static_cast<std::uint64_t>(json->get_int64());
  }
  return kNoSize;
}

std::pair<std::uint64_t, std::uint64_t> offsets_of(const Json* json) {
  if (json == nullptr || !json->is_array() || json->get_array().size() != 2) {
    return {kNoSize, kNoSize};
  }
  return {unsigned_of(&json->at(0)), unsigned_of(&json->at(1))};
}

std::optional<std::vector<std::int64_t>> shape_of(const Json* json) {
  if (json == nullptr || !json->is_array()) return std::nullopt;
  std::vector<std::int64_t> out;
  for (const Json& size : json->get_array()) {
    if (!size.is_int64()) return std::nullopt;
    out.push_back(size.get_int64());
  }
  return out;
}

}  // namespace

Reader::Reader(std::span<const std::byte> bytes,
               std::shared_ptr<const void> owner, std::string where)
    : bytes_(bytes), owner_(std::move(owner)), where_(std::move(where)) {
  read_header();
  check_layout();
  check_checksums();
}

void Reader::corrupt(const std::string& reason) const {
  throw Error(Code::kCorrupt, where_ + ": " + reason);
}

void Reader::read_header() {
  if (bytes_.size() < 8) {
    corrupt("header: " + std::to_string(bytes_.size()) +
            " bytes are too few for an ensue model");
  }
  std::uint64_t length = 0;
  std::memcpy(&length, bytes_.data(), 8);
  if (length > kMaxHeader) corrupt("header: no ensue model (a foreign file)");
  if (length > bytes_.size() - 8) {
    corrupt("header: says " + std::to_string(length) + " bytes, the file has " +
            std::to_string(bytes_.size() - 8) + " left (truncated?)");
  }
  head_ = {reinterpret_cast<const char*>(bytes_.data()), 8 + length};
  const Json header = parse_json(head_.substr(8), where_ + ": header");
  const JsonObject* entries = header.if_object();
  const Json* metadata =
      entries ? entries->if_contains("__metadata__") : nullptr;
  if (metadata == nullptr || !metadata->is_object()) {
    corrupt("header: no ensue model (no __metadata__)");
  }
  for (const auto& [key, value] : metadata->get_object()) {
    if (!value.is_string()) {
      corrupt("header: __metadata__." + std::string(key) + " is no text");
    }
    metadata_[std::string(key)] = std::string(value.get_string());
  }
  check_identity();
  check_header_checksum();
  for (const auto& [name, entry] : *entries) {
    if (name != "__metadata__") read_tensor(name, entry);
  }
}

void Reader::check_identity() const {
  const auto format = metadata_.find("format");
  if (format == metadata_.end() || format->second != "ensue") {
    corrupt("header: no ensue model (format is not \"ensue\")");
  }
  const std::string& version = text("format_version");
  int number = 0;
  const char* end = version.data() + version.size();
  const auto parsed = std::from_chars(version.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end || number < 1) {
    corrupt("header: format version '" + version + "' is no version");
  }
  if (number > kFormatVersion) {
    corrupt("header: format version " + version +
            " is newer than this program reads (" +
            std::to_string(kFormatVersion) + "); update ensue");
  }
}

void Reader::check_header_checksum() const {
  const std::size_t key = head_.find(kChecksumKey);
  const std::size_t digits = key + kChecksumKey.size();
  if (key == head_.npos || digits + kNoChecksum.size() > head_.size()) {
    corrupt("header: has no checksum");
  }
  const std::string_view said = head_.substr(digits, kNoChecksum.size());
  const std::string found = header_checksum(head_, digits);
  if (said != found) {
    corrupt("header: checksum is " + found + ", expected " + std::string(said));
  }
}

void Reader::read_tensor(std::string_view name, const Json& json) {
  const std::string place = "header: tensor " + std::string(name) + ": ";
  const JsonObject* entry = json.if_object();
  if (entry == nullptr) corrupt(place + "is no object");
  const Json* dtype = entry->if_contains("dtype");
  const auto type = dtype_named(dtype != nullptr && dtype->is_string()
                                    ? std::string_view(dtype->get_string())
                                    : std::string_view());
  const auto shape = shape_of(entry->if_contains("shape"));
  const auto [begin, end] = offsets_of(entry->if_contains("data_offsets"));
  if (!type.has_value() || !shape.has_value() || end == kNoSize) {
    corrupt(place + "expected a known dtype, a shape and data_offsets");
  }
  const auto count = elements(*shape);
  const std::size_t space = bytes_.size() - head_.size();
  if (!count.has_value() || begin > end ||
      end - begin != *count * bytes_of(*type)) {
    corrupt(place + "shape and data_offsets disagree");
  }
  if (end > space) {
    corrupt(place + "ends at byte " + std::to_string(end) + " of " +
            std::to_string(space) + " (truncated?)");
  }
  tensors_[std::string(name)] = {
      *type, *shape, bytes_.subspan(head_.size() + begin, end - begin)};
}

// Tensors fill the rest of the file without holes, and each can be read where
// it lies.
void Reader::check_layout() const {
  std::vector<const TensorView*> order;
  for (const auto& [name, tensor] : tensors_) order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    const auto key = [](const TensorView* t) {
      return std::pair(t->bytes.data(), t->bytes.size());
    };
    return key(a) < key(b);
  });
  const std::byte* at = bytes_.data() + head_.size();
  if (head_.size() % kTensorAlignment != 0) {
    corrupt("layout: tensors start at byte " + std::to_string(head_.size()) +
            ", no multiple of " + std::to_string(kTensorAlignment));
  }
  for (const TensorView* tensor : order) {
    const auto offset = std::to_string(at - bytes_.data());
    if (tensor->bytes.data() != at) {
      corrupt("layout: a hole or an overlap at byte " + offset);
    }
    if (static_cast<std::size_t>(at - bytes_.data()) % bytes_of(tensor->type) !=
        0) {
      corrupt("layout: a misaligned tensor at byte " + offset);
    }
    at += tensor->bytes.size();
  }
  if (at != bytes_.data() + bytes_.size()) {
    corrupt("layout: " + std::to_string(bytes_.data() + bytes_.size() - at) +
            " bytes after the last tensor");
  }
}

void Reader::check_checksums() const {
  const JsonObject sums = object("checksums");
  if (sums.size() != tensors_.size()) {
    corrupt("header: " + std::to_string(sums.size()) + " checksums for " +
            std::to_string(tensors_.size()) + " tensors");
  }
  for (const auto& [name, tensor] : tensors_) {
    const Json* said = sums.if_contains(name);
    const std::string found = to_hex(checksum(tensor.bytes));
    if (said == nullptr || *said != Json(found)) {
      corrupt("tensor " + name + ": checksum is " + found + ", expected " +
              (said == nullptr ? "one" : to_text(*said)));
    }
  }
}

const std::string& Reader::text(std::string_view key) const {
  const auto found = metadata_.find(key);
  if (found == metadata_.end()) {
    corrupt("header: __metadata__." + std::string(key) + " is missing");
  }
  return found->second;
}

JsonObject Reader::object(std::string_view key) const {
  const std::string place = where_ + ": " + std::string(key);
  const Json json = parse_json(text(key), place);
  if (!json.is_object()) corrupt(std::string(key) + ": is no object");
  return json.get_object();
}

const TensorView& Reader::tensor(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) corrupt("tensor " + name + " is missing");
  return found->second;
}

Description Reader::description() const {
  Description out;
  out.model = ModelSpec::from_json(object("model"), where_ + ": model");
  out.schema = events::Schema::from_json(object("schema"), where_ + ": schema");
  out.items = vocabulary("items");
  out.actions = vocabulary("actions");
  out.item_table = table(out.items.size());
  out.context = context();
  out.training = object("training");
  out.data = object("data");
  out.metrics = object("metrics");
  return out;
}

events::Vocabulary Reader::vocabulary(std::string_view role) const {
  const JsonObject all = object("vocabularies");
  const Json* entry = all.if_contains(role);
  const Json* name = nullptr;
  const Json* size = nullptr;
  if (entry != nullptr && entry->is_object()) {
    name = entry->get_object().if_contains("tensor");
    size = entry->get_object().if_contains("bytes");
  }
  const std::uint64_t length = unsigned_of(size);
  if (name == nullptr || !name->is_string() || length == kNoSize) {
    corrupt("vocabularies: no place for " + std::string(role));
  }
  const std::string key(name->get_string());
  const auto stored = tensor(key).bytes;
  if (length > stored.size() ||
      stored.size() != round_up(length, kVocabularyAlignment)) {
    corrupt("tensor " + key + ": " + std::to_string(stored.size()) +
            " bytes for a vocabulary of " + std::to_string(length));
  }
  try {
    return events::Vocabulary::from_bytes(stored.first(length), owner_);
  } catch (const Error& error) {
    corrupt("tensor " + key + ": " + error.what());
  }
}

std::vector<events::ContextColumn> Reader::context() const {
  std::vector<events::ContextColumn> out;
  if (!metadata_.contains("context")) return out;
  const Json all = parse_json(text("context"), where_ + ": context");
  if (!all.is_array()) corrupt("context: is no list");
  for (const Json& entry : all.get_array()) {
    const JsonObject* object = entry.if_object();
    const Json* name = object ? object->if_contains("name") : nullptr;
    const Json* said = object ? object->if_contains("kind") : nullptr;
    const auto kind = said != nullptr && said->is_string()
                          ? events::context_kind(said->get_string())
                          : std::nullopt;
    if (name == nullptr || !name->is_string() || !kind) {
      corrupt("context: expected a name and a kind, found " + to_text(entry));
    }
    out.push_back({std::string(name->get_string()), *kind,
                   vocabulary(context_role(out.size()))});
  }
  return out;
}

events::Table Reader::table(std::size_t items) const {
  const JsonObject said = object("item_table");
  const Json* since = said.if_contains("known_since");
  const Json* columns = said.if_contains("columns");
  if (since == nullptr || !since->is_string() || columns == nullptr ||
      !columns->is_array()) {
    corrupt("item_table: expected columns and known_since");
  }
  events::Table out;
  out.known_since = std::string(since->get_string());
  for (const Json& entry : columns->get_array()) {
    const JsonObject* object = entry.if_object();
    const Json* name = object ? object->if_contains("name") : nullptr;
    const Json* type = object ? object->if_contains("type") : nullptr;
    if (name == nullptr || !name->is_string() || type == nullptr ||
        (*type != Json("text") && *type != Json("number"))) {
      corrupt("item_table: expected a name and a type, found " +
              to_text(entry));
    }
    out.columns.push_back(
        column(std::string(name->get_string()), *type == Json("text")));
    if (out.columns.back().size() != items) {
      corrupt("item_table: column " + out.columns.back().name + " has " +
              std::to_string(out.columns.back().size()) + " rows for " +
              std::to_string(items) + " items");
    }
  }
  return out;
}

events::Column Reader::column(const std::string& name, bool is_text) const {
  const TensorView& cells = tensor(std::string(kTablePrefix) + name);
  if (!is_text) {
    const auto numbers = cells.as<double>();
    return {name, std::vector<double>(numbers.begin(), numbers.end())};
  }
  const auto ends =
      tensor(std::string(kTableOffsetsPrefix) + name).as<std::uint64_t>();
  const auto bytes = cells.as<std::uint8_t>();
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()),
                             bytes.size());
  if (ends.empty() || ends.front() != 0 || ends.back() != all.size() ||
      !std::is_sorted(ends.begin(), ends.end())) {
    corrupt("item_table: offsets of column " + name + " do not fit its text");
  }
  std::vector<std::string> out;
  for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
    out.emplace_back(all.substr(ends[i], ends[i + 1] - ends[i]));
  }
  return {name, std::move(out)};
}

}  // namespace ensue::artifact
