// SPDX-License-Identifier: Apache-2.0
// Layout, little endian: "ENSCKP1\0", the fields in order of visit(), XXH3-64
// of all bytes before it. Lists and texts carry their length as u64.
#include "ensue/train/checkpoint.h"

#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "ensue/base/error.h"
#include "ensue/base/file.h"
#include "ensue/base/hash.h"

namespace ensue::train {
namespace {

constexpr std::string_view kMagic{"ENSCKP1\0", 8};

// The one list of fields, for both directions.
template <class C, class F>
void visit(C& c, F&& field) {
  field(c.identity);
  field(c.epoch);
  field(c.batch);
  field(c.loss_sum);
  field(c.loss_weight);
  field(c.seconds);
  field(c.steps);
  field(c.best_epoch);
  field(c.waited);
  field(c.best_metric);
  field(c.finished);
  field(c.curve);
  field(c.parameters);
  field(c.moments);
  field(c.best);
}

class Writer {
 public:
  template <class T>
  requires std::is_arithmetic_v<T>
  void operator()(const T& value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void operator()(const std::string& text) {
    (*this)(static_cast<std::uint64_t>(text.size()));
    bytes_ += text;
  }
  void operator()(const std::vector<float>& values) {
    (*this)(static_cast<std::uint64_t>(values.size()));
    bytes_.append(reinterpret_cast<const char*>(values.data()),
                  values.size() * sizeof(float));
  }
  void operator()(const CurveRow& row) {
    (*this)(static_cast<std::uint64_t>(row.size()));
    for (const auto& [name, value] : row) {
      (*this)(name);
      (*this)(value);
    }
  }
  template <class T>
  void operator()(const std::vector<T>& list) {
    (*this)(static_cast<std::uint64_t>(list.size()));
    for (const T& entry : list) (*this)(entry);
  }
  std::string finish() && {
    (*this)(checksum(bytes_));
    return std::move(bytes_);
  }

 private:
  std::string bytes_{kMagic};
};

class Reader {
 public:
  Reader(std::string_view bytes, std::string where)
      : bytes_(bytes), where_(std::move(where)) {}

  template <class T>
  requires std::is_arithmetic_v<T>
  void operator()(T& value) {
    std::memcpy(&value, take(1, sizeof value), sizeof value);
  }
  void operator()(std::string& text) {
    const std::uint64_t size = length();
    text.assign(take(size, 1), size);
  }
  void operator()(std::vector<float>& values) {
    const std::uint64_t size = length();
    const char* from = take(size, sizeof(float));
    values.resize(size);
    if (size > 0) std::memcpy(values.data(), from, size * sizeof(float));
  }
  void operator()(CurveRow& row) {
    for (std::uint64_t left = length(); left > 0; --left) {
      std::string name;
      (*this)(name);
      (*this)(row[name]);
    }
  }
  template <class T>
  void operator()(std::vector<T>& list) {
    for (std::uint64_t left = length(); left > 0; --left) {
      (*this)(list.emplace_back());
    }
  }
  [[noreturn]] void fail(const std::string& reason) const {
    throw Error(Code::kCorrupt, where_ + ": " + reason);
  }

 private:
  std::uint64_t length() {
    std::uint64_t size = 0;
    (*this)(size);
    return size;
  }
  const char* take(std::uint64_t count, std::size_t size) {
    if (count > bytes_.size() / size) fail("the checkpoint ends too early");
    const char* out = bytes_.data();
    bytes_.remove_prefix(count * size);
    return out;
  }

  std::string_view bytes_;
  std::string where_;
};

}  // namespace

void Checkpoint::write(const std::filesystem::path& path) const {
  Writer writer;
  visit(*this, writer);
  write_file(path, std::move(writer).finish());
}

std::optional<Checkpoint> Checkpoint::read(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const std::string all = read_file(path);
  std::string_view bytes = all;
  const Reader problem({}, path.string());
  if (!bytes.starts_with(kMagic) ||
      bytes.size() < kMagic.size() + sizeof(std::uint64_t)) {
    problem.fail("not a checkpoint of this version");
  }
  std::uint64_t stored = 0;
  std::memcpy(&stored, bytes.data() + bytes.size() - sizeof stored,
              sizeof stored);
  bytes.remove_suffix(sizeof stored);
  if (checksum(bytes) != stored) problem.fail("checksum mismatch");
  Reader reader(bytes.substr(kMagic.size()), path.string());
  Checkpoint out;
  visit(out, reader);
  return out;
}

}  // namespace ensue::train
