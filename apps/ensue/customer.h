// SPDX-License-Identifier: Apache-2.0
// Whom a question is about: a user of the dataset, or a session typed by hand.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "apps/ensue/settings.h"
#include "ensue/runtime/engine.h"
#include "ensue/tasks/filter.h"

namespace ensue::apps {

/// What recommend and predict ask for on the command line.
struct CustomerOptions {
  std::string model = "runs/latest/model.safetensors";
  std::vector<std::string> users;
  std::string session;  // "item1,item2:cart"
  int k = 10;
  bool exclude_seen = false;
  std::vector<std::string> exclude, only;
  bool all_users = false;

  void add(CLI::App& app);
  /// @throws Error(kInvalidArgument) when nobody was named, or k < 1.
  void check() const;
  tasks::FilterOptions filter() const;
};

/// The members of "a,b,\"c,d\"": a member in quotes may hold commas, and
/// quotes when doubled.
/// @throws Error(kInvalidArgument) when a quote does not close.
std::vector<std::string> typed_list(const std::string& text);

/// One customer's past in the model's ids.
struct Customer {
  std::string name;
  std::string note;  // "unknown user: …", "2 items unknown to the model"
  runtime::Translation::Events past;
};

/// Everybody the options name, in order.
/// @throws what opening the dataset throws, when a user is named.
std::vector<Customer> find_customers(const CustomerOptions& options,
                                     const Settings& settings,
                                     const runtime::Engine& engine);

}  // namespace ensue::apps
