// SPDX-License-Identifier: Apache-2.0
// GET /v1/events/export: new events, for training elsewhere.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "ensue/base/error.h"
#include "ensue/serve/endpoints/endpoints.h"
#include "ensue/serve/endpoints/event_json.h"
#include "ensue/serve/service.h"

namespace ensue::serve {
namespace {

// A file of its own, so that an export may be larger than memory.
std::string new_file() {
  std::string name =
      (std::filesystem::temp_directory_path() / "ensue-export-XXXXXX").string();
  const int file = mkstemp(name.data());
  if (file < 0) {
    throw Error(Code::kUnavailable, name + ": cannot be made");
  }
  ::close(file);
  return name;
}

Response handle(Service& service, const Request& request) {
  const auto since =
      static_cast<std::uint64_t>(request.number("since", 0, 0, INT64_MAX));
  Response out{.type = "application/x-ndjson", .file = new_file()};
  std::ofstream file(out.file, std::ios::binary);
  std::size_t events = 0;
  std::uint64_t cursor = 0;
  try {
    cursor = service.store().read_since(since, [&](const store::Event& event) {
      JsonObject line{{"user", event.user}};
      for (auto& member : event_json(event)) {
        line[member.key()] = std::move(member.value());
      }
      file << to_plain_text(line) << '\n';
      ++events;
    });
    file.close();
    if (!file) {
      throw Error(Code::kUnavailable,
                  "export: no room in " +
                      std::filesystem::temp_directory_path().string());
    }
  } catch (...) {
    std::filesystem::remove(out.file);
    throw;
  }
  out.headers.emplace_back("X-Ensue-Cursor", std::to_string(cursor));
  out.headers.emplace_back("X-Ensue-Events", std::to_string(events));
  return out;
}

}  // namespace

Endpoint export_events() {
  return {.method = Method::kGet,
          .path = "/v1/events/export",
          .scope = Scope::kAdmin,
          .group = "v1",
          .summary =
              "Events that arrived since an earlier call, as JSON lines; each "
              "is given once. The header X-Ensue-Cursor is the next `since`.",
          .parameters = {{"since", "query", "integer",
                          "X-Ensue-Cursor of the call before; 0: all", "0"}},
          .answer_example =
              R"({"user":"ann","time":1772359200000,"action":"view",)"
              R"("item":"mug-blue"})",
          .answer_type = "application/x-ndjson",
          .handle = handle,
          .slow = true};
}

}  // namespace ensue::serve
