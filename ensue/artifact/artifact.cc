// SPDX-License-Identifier: Apache-2.0
#include "ensue/artifact/artifact.h"

#include <utility>

#include "ensue/artifact/internal/decode.h"
#include "ensue/artifact/internal/layout.h"
#include "ensue/artifact/internal/reader.h"
#include "ensue/base/error.h"
#include "ensue/base/file.h"

namespace ensue::artifact {

void TensorView::expect(DType wanted) const {
  if (type == wanted) return;
  throw Error(Code::kCorrupt, "a tensor is " + std::string(name_of(type)) +
                                  ", expected " + std::string(name_of(wanted)));
}

std::shared_ptr<const Artifact> Artifact::load(
    const std::filesystem::path& path) {
  auto file = std::make_shared<const MappedFile>(path);
  auto out = std::shared_ptr<Artifact>(new Artifact());
  out->parse(file->bytes(), file, path.string());
  return out;
}

std::shared_ptr<const Artifact> Artifact::from_bytes(
    std::vector<std::byte> bytes, std::string_view where) {
  auto owner = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  auto out = std::shared_ptr<Artifact>(new Artifact());
  out->parse(*owner, owner, std::string(where));
  return out;
}

void Artifact::parse(std::span<const std::byte> bytes,
                     std::shared_ptr<const void> owner,
                     const std::string& where) {
  Reader reader(bytes, owner, where);
  owner_ = std::move(owner);
  where_ = where;
  tensors_ = reader.tensors();
  description_ = reader.description();
  Decoded decoded = decode(tensors_, where_);
  decoded_ = std::move(decoded.numbers);
  weights_ = decoded.weights;
}

bool Artifact::has(std::string_view name) const noexcept {
  return tensors_.find(name) != tensors_.end();
}

const TensorView& Artifact::tensor(std::string_view name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) {
    throw Error(Code::kCorrupt,
                where_ + ": tensor " + std::string(name) + " is missing");
  }
  return found->second;
}

std::span<const float> Artifact::floats(std::string_view name,
                                        std::vector<std::int64_t> shape) const {
  const TensorView& found = tensor(name);
  if (found.type != DType::kF32 || found.shape != shape) {
    throw Error(Code::kCorrupt, where_ + ": tensor " + std::string(name) +
                                    " is " + std::string(name_of(found.type)) +
                                    show_shape(found.shape) + ", expected F32" +
                                    show_shape(shape));
  }
  return found.as<float>();
}

std::vector<std::string> Artifact::tensor_names() const {
  std::vector<std::string> out;
  for (const auto& [name, tensor] : tensors_) out.push_back(name);
  return out;
}

}  // namespace ensue::artifact
