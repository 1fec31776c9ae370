// SPDX-License-Identifier: Apache-2.0
// What is said of items and users, gathered while a body is read.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ensue/base/json.h"
#include "ensue/store/event_store.h"

namespace ensue::serve {

/// Documents in order of their first mention; what is said later of a field
/// wins.
class Documents {
 public:
  /// The fields of `id`, "" excepted, which gives fields that nobody reads.
  JsonObject& of(std::string_view id);

  std::vector<store::Document> take();

 private:
  std::vector<std::pair<std::string, JsonObject>> said_;
  std::unordered_map<std::string, std::size_t> places_;
};

/// Objects with an id under `id_name` ("item", "user"), for a body of items or
/// users: every other field is one of the document, of any JSON type.
/// @throws Error(kInvalidArgument) as the formats do.
std::vector<store::Document> parse_documents(std::string_view body,
                                             std::string_view id_name);

/// `document` with the fields of `patch` set; null takes a field away. Both
/// are JSON objects.
/// @throws Error(kCorrupt) when one is not.
std::string patched(std::string_view document, std::string_view patch);

}  // namespace ensue::serve
