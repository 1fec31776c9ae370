// SPDX-License-Identifier: Apache-2.0
// ensue train --task: a model that answers one question about customers.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "apps/settings/settings.h"

namespace ensue::apps {

/// --task and the other settings of [task] and [table].
void add_customers_options(CLI::App& app, Settings& settings);

/// Whether the settings name a task about customers.
bool asks_about_customers(const Settings& settings);

/// Fits, judges, prints, writes customer_model_path(). Returns the exit status.
int train_customers(const Settings& settings);

/// runs/customers/TASK.safetensors
std::filesystem::path customer_model_path(const std::string& task);

}  // namespace ensue::apps
