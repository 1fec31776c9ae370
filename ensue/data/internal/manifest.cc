// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/internal/manifest.h"

#include <algorithm>
#include <string>

#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/base/file.h"
#include "ensue/base/hash.h"
#include "ensue/events/schema.h"

namespace ensue::data {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void corrupt(const fs::path& path, const std::string& what) {
  throw Error(Code::kCorrupt, path.string() + ": " + what);
}

JsonObject files_json(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file()) names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  JsonObject out;
  for (const std::string& name : names) {
    const MappedFile file(folder / name);
    out[name] = JsonObject{{"bytes", file.bytes().size()},
                           {"xxh3", to_hex(checksum(file.bytes()))}};
  }
  return out;
}

events::Schema schema_of(const ImportRequest& request, const Source& source,
                         const Reading& reading) {
  events::Schema out;
  out.has_clock = reading.has_clock;
  // Without a column of times every event is its own instant.
  out.order_within_instant =
      request.columns.order_within_instant || !source.has_time;
  out.has_sessions = source.has_sessions;
  out.context = source.context;
  return out;
}

void check_file(const fs::path& path, const Json& entry, bool verify) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) corrupt(path, "is missing");
  const Json* bytes =
      entry.is_object() ? entry.get_object().if_contains("bytes") : nullptr;
  const Json* xxh3 =
      entry.is_object() ? entry.get_object().if_contains("xxh3") : nullptr;
  if (bytes == nullptr || !bytes->is_number() || xxh3 == nullptr) {
    corrupt(path, "has no size in manifest.json");
  }
  if (size != bytes->to_number<std::uint64_t>()) {
    corrupt(path, "has " + std::to_string(size) + " bytes, expected " +
                      to_text(*bytes));
  }
  if (!verify) return;
  const std::string found = to_hex(checksum(MappedFile(path).bytes()));
  if (!xxh3->is_string() || xxh3->get_string() != found) {
    corrupt(path, "has checksum " + found + ", expected " + to_text(*xxh3));
  }
}

}  // namespace

void write_manifest(const fs::path& folder, const ImportRequest& request,
                    const Source& source, const Reading& reading,
                    const Arranged& arranged, const FinalIds& ids,
                    const CleaningReport& report) {
  write_file(folder / "cleaning.json", to_pretty_text(report.to_json()));
  JsonArray files;
  for (const std::string& file : source.files) {
    files.emplace_back(fs::path(file).filename().string());
  }
  const JsonObject manifest{
      {"format", "ensue dataset"},
      {"version", kDatasetVersion},
      {"schema", schema_of(request, source, reading).to_json()},
      {"counts", JsonObject{{"events", arranged.kept},
                            {"users", ids.users.size()},
                            {"items", ids.items.size()},
                            {"actions", ids.actions.size()},
                            {"aside", arranged.aside},
                            {"removed", report.removed()},
                            {"source_rows", reading.source_rows}}},
      {"time", JsonObject{{"first", arranged.first_time},
                          {"last", arranged.last_time},
                          {"read_as", reading.times}}},
      {"source", std::move(files)},
      {"preset", source.preset == nullptr ? "" : source.preset->name},
      {"columns", write_fields(request.columns)},
      {"clean", write_fields(request.clean)},
      {"missing", write_fields(request.missing)},
      {"files", files_json(folder)}};
  write_file(folder / "manifest.json", to_pretty_text(manifest));
}

JsonObject read_manifest(const fs::path& folder, bool verify) {
  const fs::path path = folder / "manifest.json";
  if (!fs::exists(folder)) {
    throw Error(Code::kNotFound,
                folder.string() + ": no such dataset; ensue import makes one");
  }
  if (!fs::exists(path)) {
    throw Error(Code::kNotFound, folder.string() +
                                     ": is no whole dataset: manifest.json is "
                                     "missing; import it again");
  }
  Json json = parse_json(read_file(path), path.string());
  if (!json.is_object()) corrupt(path, "is no object");
  JsonObject& manifest = json.get_object();
  const Json* version = manifest.if_contains("version");
  const Json* files = manifest.if_contains("files");
  if (version == nullptr || !version->is_int64() || files == nullptr ||
      !files->is_object()) {
    corrupt(path, "is no manifest of a dataset");
  }
  if (version->get_int64() != kDatasetVersion) {
    corrupt(path, "has version " + to_text(*version) + ", expected " +
                      std::to_string(kDatasetVersion));
  }
  for (const auto& [name, entry] : files->get_object()) {
    check_file(folder / std::string(name), entry, verify);
  }
  return std::move(manifest);
}

}  // namespace ensue::data
