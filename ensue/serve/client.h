// SPDX-License-Identifier: Apache-2.0
// A blocking HTTP client: what one program asks of a running server.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "ensue/serve/http.h"

namespace ensue::serve {

struct ClientOptions {
  std::string url;       // "http://host:8087", https too
  std::string key = "";  // goes as X-API-Key; "": none
  std::string ca = "";   // PEM file of trusted authorities; "": the system's
  int connect_seconds = 10;
  /// Between two reads or writes that get on; how long a whole body takes does
  /// not matter.
  int idle_seconds = 120;
};

/// The first header of that name, in any case; nullptr: absent.
const std::string* header_of(const Response& response, std::string_view name);

/// One connection per question. Not thread-safe.
///
/// What is refused for a reason that asking again will not change (status 400
/// to 499, but 408 and 429) throws Error(kInvalidArgument), everything else
/// that is no answer Error(kUnavailable): one line with the URL, the status and
/// what the server said. Redirections are not followed.
class Client {
 public:
  /// @throws Error(kInvalidArgument) for what is no such URL or no PEM file.
  explicit Client(const ClientOptions& options);
  ~Client();

  /// @param target  path and query: "/v1/models"
  Response get(const std::string& target);

  /// The answer's body goes to `file`, which is there whole (and on the disk)
  /// or not at all; the response's own body is empty. Memory does not grow with
  /// it. @throws Error(kUnavailable) also when the file cannot be written.
  Response download(const std::string& target,
                    const std::filesystem::path& file);

  /// @throws Error(kNotFound) when the file cannot be read.
  Response post_file(const std::string& target, const std::string& type,
                     const std::filesystem::path& file);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ensue::serve
