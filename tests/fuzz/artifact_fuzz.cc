// SPDX-License-Identifier: Apache-2.0
// A model's bytes, as they may be posted: an engine that answers, or an Error.
// The header's checksum is made to fit, so that what lies behind it is reached.
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/base/hash.h"
#include "ensue/runtime/engine.h"

namespace {

void seal(std::vector<std::byte>& bytes) {
  constexpr std::string_view kKey = "\"header_checksum\":\"";
  constexpr std::size_t kDigits = 16;
  std::uint64_t length = 0;
  if (bytes.size() < sizeof length) return;
  std::memcpy(&length, bytes.data(), sizeof length);
  if (length > bytes.size() - sizeof length) return;
  std::string head(reinterpret_cast<const char*>(bytes.data()),
                   sizeof length + length);
  const std::size_t place = head.find(kKey);
  if (place == head.npos || place + kKey.size() + kDigits > head.size()) return;
  head.replace(place + kKey.size(), kDigits, kDigits, '0');
  const std::string digits = ensue::to_hex(ensue::checksum(head));
  std::memcpy(bytes.data() + place + kKey.size(), digits.data(), kDigits);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data,
                                      std::size_t size) {
  std::vector<std::byte> bytes(size);
  if (size > 0) std::memcpy(bytes.data(), data, size);
  seal(bytes);
  try {
    const ensue::runtime::Engine engine(
        ensue::artifact::Artifact::from_bytes(std::move(bytes), "fuzz"));
    std::vector<float> scores(engine.items());
    engine.score(engine.start(), scores);
  } catch (const ensue::Error&) {
  }
  return 0;
}
