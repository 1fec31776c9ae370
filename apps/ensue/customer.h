// SPDX-License-Identifier: Apache-2.0
// Whom a question is about: a user of the dataset, or a session typed by hand.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/settings/settings.h"
#include "ensue/runtime/engine.h"
#include "ensue/tasks/filter.h"

namespace ensue::apps {

/// What recommend and predict ask for on the command line.
struct CustomerOptions {
  std::string model = "runs/latest/model.safetensors";
  std::vector<std::string> users;
  std::string session;               // "item1,item2:cart"
  std::vector<std::string> context;  // of the session: "device=phone"
  int k = 10;
  bool exclude_seen = false;
  std::vector<std::string> exclude, only;
  bool all_users = false;

  void add(CLI::App& app);
  /// @throws Error(kInvalidArgument) when nobody was named, k < 1, or context
  ///   stands without a session.
  void check() const;
  tasks::FilterOptions filter() const;
};

/// The members of "a,b,\"c,d\"": a member in quotes may hold commas, and
/// quotes when doubled.
/// @throws Error(kInvalidArgument) when a quote does not close.
std::vector<std::string> typed_list(const std::string& text);

/// A row of the model's context from "NAME=VALUE" each; nothing where a column
/// is not named or a value unknown to the model.
/// @throws Error(kInvalidArgument) for a column that the model does not read,
///   listing those that it does, and for what is no number in one of numbers.
std::vector<events::Cell> typed_context(
    const std::vector<std::string>& typed,
    const std::vector<events::ContextColumn>& columns);

/// One customer's past in the model's ids.
struct Customer {
  std::string name;
  std::string note;  // "unknown user: …", "2 items unknown to the model"
  runtime::Translation::Events past;
  /// When the question is asked: the time of the log's last event. None where
  /// times are no times: in a typed session, and in a log without a clock.
  std::optional<events::Millis> now = {};
};

/// Everybody the options name, in order.
/// @throws what opening the dataset throws, when a user is named.
std::vector<Customer> find_customers(const CustomerOptions& options,
                                     const Settings& settings,
                                     const runtime::Engine& engine);

}  // namespace ensue::apps
