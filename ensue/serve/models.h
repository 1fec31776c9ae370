// SPDX-License-Identifier: Apache-2.0
// The models that answer now: loaded, swapped, chosen by user.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/serve/live_model.h"

namespace ensue::serve {

/// NAME=PATH@SHARE, as typed: the name is "main" and the share 1 when left out.
struct ModelChoice {
  std::string name = "main", path;
  double share = 1;
  /// @throws Error(kInvalidArgument).
  static ModelChoice parse(const std::string& text);
};

/// Thread-safe. Whoever holds a model goes on with it while another takes its
/// place.
class Models {
 public:
  /// Whether models that are loaded from now on answer by a graph.
  void set_approximate(bool approximate) { approximate_ = approximate; }

  struct Entry {
    std::shared_ptr<const LiveModel> model;
    double share = 1;
  };
  using Table = std::vector<Entry>;

  /// Loads and checks a model, from `file` when it does not lie at its path
  /// yet. It answers nobody before put().
  std::shared_ptr<const LiveModel> make(const ModelChoice& choice,
                                        const std::string& file = "");
  /// Puts it in the place of the model of its name, which answered until now.
  void put(std::shared_ptr<const LiveModel> model, double share);
  /// A number that no model had yet.
  std::uint64_t next_number();

  /// @throws Error(kNotFound) listing the known names; "" is the first.
  std::shared_ptr<const LiveModel> find(std::string_view name) const;
  /// By a stable hash of the user: the same user always meets the same model
  /// while names and shares stay. With one model: that one.
  /// @throws Error(kUnavailable) while there is none.
  std::shared_ptr<const LiveModel> choose(std::string_view user) const;
  /// As they are now: a copy, so that a loop over it may replace them.
  Table all() const;
  /// The one of that name, or with "" the one that is chosen by user.
  std::shared_ptr<const LiveModel> pick(std::string_view name,
                                        std::string_view user) const {
    return name.empty() ? choose(user) : find(name);
  }

 private:
  std::shared_ptr<const Table> now() const;

  mutable std::mutex mutex_;
  std::shared_ptr<const Table> table_ = std::make_shared<Table>();
  std::uint64_t number_ = 0;
  std::atomic<bool> approximate_{false};
};

}  // namespace ensue::serve
