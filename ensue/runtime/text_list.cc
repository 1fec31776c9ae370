// SPDX-License-Identifier: Apache-2.0
#include "ensue/runtime/internal/text_list.h"

#include <string>

#include "ensue/base/error.h"

namespace ensue::runtime {

TextList::TextList(const artifact::Artifact& artifact, std::string_view name) {
  const std::string key(name);
  const auto bytes = artifact.tensor(key).as<std::uint8_t>();
  offsets_ = artifact.tensor(key + "_offsets").as<std::uint64_t>();
  text_ = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  const auto require = [&](bool good, const char* what) {
    if (!good) throw Error(Code::kCorrupt, "tensor " + key + ": " + what);
  };
  require(!offsets_.empty() && offsets_.front() == 0 &&
              offsets_.back() == text_.size(),
          "offsets do not cover its text");
  for (std::size_t i = 0; i < size(); ++i) {
    require(offsets_[i] <= offsets_[i + 1], "offsets fall");
    require(i == 0 || (*this)[i - 1] < (*this)[i], "texts do not rise");
  }
}

std::optional<std::uint32_t> TextList::find(
    std::string_view text) const noexcept {
  std::size_t low = 0, high = size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if ((*this)[middle] < text) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == size() || (*this)[low] != text) return std::nullopt;
  return static_cast<std::uint32_t>(low);
}

}  // namespace ensue::runtime
