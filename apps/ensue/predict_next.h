// SPDX-License-Identifier: Apache-2.0
// ensue predict next: whole futures of a customer.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>
#include <string>

#include "apps/ensue/customer.h"
#include "ensue/tasks/futures.h"

namespace ensue::apps {

/// --steps, --samples, --temperature, --seed.
void add_futures_options(CLI::App& app, tasks::FuturesOptions& options);

/// A table of the steps and one of the items that most futures hold.
/// @param k  items shown.
std::string futures_text(const Customer& customer,
                         const runtime::Engine& engine,
                         const tasks::FuturesOptions& options, std::size_t k);

/// `ensue predict next_action`: the distribution of the next action, its time
/// and its items, `k` of each action.
/// @throws Error(kInvalidArgument) when the model predicts items alone.
std::string next_action_text(const Customer& customer,
                             const runtime::Engine& engine, std::size_t k);

}  // namespace ensue::apps
