// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/update_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>
#include <string_view>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/base/file.h"

namespace ensue::apps {
namespace {

namespace fs = std::filesystem;

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t out = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, out);
  if (text.empty() || error != std::errc() || stop != end) return {};
  return out;
}

// 17 with "events-" and ".jsonl" as a name that sorts as the number does.
std::string numbered(const char* before, std::uint64_t number,
                     const char* after) {
  char digits[24];
  std::snprintf(digits, sizeof digits, "%020llu",
                static_cast<unsigned long long>(number));
  return before + std::string(digits) + after;
}

std::vector<UpdateFolder::Pull> files(const fs::path& folder,
                                      std::string_view before,
                                      std::string_view after) {
  std::vector<UpdateFolder::Pull> out;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(before) || !name.ends_with(after)) continue;
    const auto number = number_of(std::string_view(name).substr(
        before.size(), name.size() - before.size() - after.size()));
    if (number) out.push_back({*number, entry.path()});
  }
  std::ranges::sort(out, {}, &UpdateFolder::Pull::cursor);
  return out;
}

void take_name(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) {
    throw Error(Code::kUnavailable,
                to.string() + ": cannot be made: " + error.message());
  }
  // The name must be on the disk before anything is built on it.
  const int folder =
      ::open(to.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  ::fsync(folder);
  ::close(folder);
}

}  // namespace

UpdateFolder::UpdateFolder(fs::path path) : path_(std::move(path)) {
  std::error_code error;
  fs::create_directories(path_, error);
  const fs::path file = path_ / "lock";
  lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) {
    throw Error(Code::kUnavailable, file.string() + ": cannot be made");
  }
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock_);
    throw Error(Code::kUnavailable,
                path_.string() + ": another update is at work here");
  }
}

UpdateFolder::~UpdateFolder() { ::close(lock_); }

std::vector<UpdateFolder::Pull> UpdateFolder::pulls() const {
  return files(path_, "events-", ".jsonl");
}

std::uint64_t UpdateFolder::cursor() const {
  const auto all = pulls();
  return all.empty() ? 0 : all.back().cursor;
}

void UpdateFolder::keep_pull(const fs::path& file, std::uint64_t cursor) {
  take_name(file, path_ / numbered("events-", cursor, ".jsonl"));
}

UpdateFolder::State UpdateFolder::state() const {
  State out;
  const fs::path file = path_ / "state.json";
  if (!fs::exists(file)) return out;
  try {
    const Json json = parse_json(read_file(file), file.string());
    read_fields(out, json.as_object(), file.string());
  } catch (const std::exception& error) {
    throw Error(Code::kCorrupt, file.string() + ": is no state of updates");
  }
  const auto learnt = number_of(out.learnt_text);
  if (!learnt) {
    throw Error(Code::kCorrupt, file.string() + ": learnt: '" +
                                    out.learnt_text + "', expected a number");
  }
  out.learnt = *learnt;
  return out;
}

void UpdateFolder::write(State state) const {
  state.learnt_text = std::to_string(state.learnt);
  write_file(path_ / "state.json", to_pretty_text(write_fields(state)));
}

void UpdateFolder::keep_model(const fs::path& file, std::uint64_t cursor) {
  const std::string name = numbered("model-", cursor, ".safetensors");
  take_name(file, path_ / name);
  write({.learnt = cursor, .model = name, .posted = false, .learnt_text = {}});
  auto all = files(path_, "model-", ".safetensors");
  for (std::size_t i = 0; i + 2 < all.size(); ++i) {
    std::error_code ignored;
    fs::remove(all[i].file, ignored);
  }
}

}  // namespace ensue::apps
