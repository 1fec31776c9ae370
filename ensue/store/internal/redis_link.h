// SPDX-License-Identifier: Apache-2.0
// Connections to a Redis server: commands out, replies in.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

struct redisContext;

namespace ensue::store {

struct Reply {
  enum Type { kNone, kNumber, kText, kList, kError } type = kNone;
  std::int64_t number = 0;
  std::string text = {};
  std::vector<Reply> list = {};
};

/// Words of a command, of any bytes.
using Command = std::vector<std::string>;

/// As many connections as callers at once. Thread-safe.
class RedisLink {
 public:
  /// @throws Error(kUnavailable) when the server cannot be reached.
  RedisLink(std::string address, std::string password,
            std::chrono::milliseconds timeout);
  ~RedisLink();

  /// @throws Error(kUnavailable) also for a reply that is an error.
  Reply ask(const Command& command);
  /// One round trip for all of them.
  std::vector<Reply> ask(std::span<const Command> commands);
  /// A script, which the server keeps under its hash.
  Reply run(const std::string& script, std::span<const std::string> words);

 private:
  struct Closer {
    void operator()(redisContext* context) const noexcept;
  };
  using Connection = std::unique_ptr<redisContext, Closer>;
  Connection take();
  Connection connect() const;
  std::vector<Reply> exchange(std::span<const Command> commands);

  std::string address_, password_;
  std::chrono::milliseconds timeout_;
  std::mutex mutex_;
  std::vector<Connection> idle_;
};

}  // namespace ensue::store
