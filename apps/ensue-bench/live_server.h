// SPDX-License-Identifier: Apache-2.0
// A real server in a process of its own, and wrk to load it.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace ensue::apps {

/// A folder that goes with all it holds.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

/// Starts `ensue-serve` (beside this program, or where ENSUE_SERVE says) and
/// waits until it answers; ends it with the object.
class LiveServer {
 public:
  /// @throws Error(kUnavailable) with what it said when it does not answer.
  LiveServer(const std::filesystem::path& folder,
             std::vector<std::string> options);
  ~LiveServer();
  LiveServer(const LiveServer&) = delete;
  LiveServer& operator=(const LiveServer&) = delete;

  const std::string& base() const noexcept { return base_; }
  /// Seconds from exec to the first answer.
  double start_seconds() const noexcept { return start_seconds_; }
  /// Resident memory now, bytes.
  std::size_t resident() const;
  /// Body of a GET, or of a POST when `body` is not empty; through curl.
  std::string ask(const std::string& path, const std::string& body = "") const;
  /// A DELETE.
  std::string erase(const std::string& path) const;
  /// Posts a file as the body.
  std::string post_file(const std::string& path,
                        const std::filesystem::path& file) const;

 private:
  pid_t process_ = 0;
  std::string base_;
  double start_seconds_ = 0;
};

struct Load {
  int threads = 1, connections = 16, seconds = 10;
  std::string script = {};  // Lua, of wrk
};

/// What wrk measured.
struct LoadResult {
  double per_second = 0, p50_ms = 0, p90_ms = 0, p99_ms = 0;
  std::size_t requests = 0, failures = 0;  // not 2xx, or socket errors
};

/// @throws Error(kUnavailable) when wrk is not installed or says nothing.
LoadResult run_wrk(const std::string& url, const Load& load,
                   const std::filesystem::path& folder);

/// GETs of /v1/recommend for one of `users` users, drawn evenly; each
/// connection waits `pause_ms` between two requests.
std::string ask_script(std::size_t users, int pause_ms = 0);
/// The same, each behind a POST of one event of the user.
std::string click_script(std::size_t users, std::size_t items);
/// As click_script(), with every hundredth request reading one of the first 100
/// users.
std::string mixed_script(std::size_t users, std::size_t items);
/// POSTs of `batch` events of random users and items.
std::string ingest_script(std::size_t users, std::size_t items,
                          std::size_t batch);

/// Events of `users` users, `each` of random items, as JSON lines in a file.
void write_events(const std::filesystem::path& file, std::size_t users,
                  std::size_t each, std::size_t items);

}  // namespace ensue::apps
