// SPDX-License-Identifier: Apache-2.0
// Test code: every store that there is, so that one suite runs over them all.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/store/event_store.h"

namespace ensue::store {

/// A new folder, removed with all it holds.
class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

/// A store and the place where it lives, which goes with it.
class Bed {
 public:
  virtual ~Bed() = default;
  virtual EventStore& store() = 0;
  /// Closes the store and opens it again; nothing in memory.
  virtual void restart() {}
};

struct BedMaker {
  std::string name;
  std::unique_ptr<Bed> (*make)(Retention);
  /// This machine has what the store needs.
  bool (*available)();
};
const std::vector<BedMaker>& beds();

/// The socket of a Redis server that runs until the process ends; "": this
/// machine has none.
const std::string& redis_socket();

/// A view of `item` by `user` at `time`, and nothing else.
Event view(std::string_view user, std::string_view item, std::int64_t time);
/// The same, with every field set.
Event full(std::string_view user, std::string_view item, std::int64_t time);

/// What read_since() gives, in a fixed order.
std::vector<Event> since(EventStore& store, std::uint64_t& cursor);
/// users() by pages of `limit`, sorted.
std::vector<std::string> all_users(const EventStore& store, std::size_t limit);

/// "" when both hold the same users, events, versions, answers and documents
/// as far as their names are given; otherwise the first difference.
std::string difference(const EventStore& a, const EventStore& b,
                       const std::vector<std::string>& names);

}  // namespace ensue::store
