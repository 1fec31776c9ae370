// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/formats/documents.h"

#include "ensue/serve/formats/row.h"

namespace ensue::serve {

JsonObject& Documents::of(std::string_view id) {
  const auto [found, fresh] =
      places_.try_emplace(std::string(id), said_.size());
  if (fresh) said_.emplace_back(std::string(id), JsonObject());
  return said_[found->second].second;
}

std::vector<store::Document> Documents::take() {
  std::vector<store::Document> out;
  out.reserve(said_.size());
  for (auto& [id, fields] : said_) {
    if (!id.empty()) out.push_back({std::move(id), to_plain_text(fields)});
  }
  said_.clear();
  places_.clear();
  return out;
}

std::vector<store::Document> parse_documents(std::string_view body,
                                             std::string_view id_name) {
  Documents out;
  each_row(body, [&](const Row& row) {
    JsonObject& document = out.of(row.id(row.object(), id_name));
    for (const auto& [key, value] : row.object()) {
      if (std::string_view(key) != id_name) document[key] = value;
    }
  });
  return out.take();
}

std::string patched(std::string_view document, std::string_view patch) {
  const auto object = [](std::string_view text) {
    Json value = parse_json(text, "document");
    if (!value.is_object()) {
      throw Error(Code::kCorrupt, "document: not a JSON object");
    }
    return std::move(value.get_object());
  };
  JsonObject out = object(document);
  for (const auto& [key, value] : object(patch)) {
    if (value.is_null()) {
      out.erase(key);
    } else {
      out[key] = value;
    }
  }
  return to_plain_text(out);
}

}  // namespace ensue::serve
