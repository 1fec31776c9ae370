// SPDX-License-Identifier: Apache-2.0
// A server from its settings, until a signal ends it.
#pragma once

#include "apps/serving/options.h"
#include "apps/settings/settings.h"

namespace ensue::apps {

/// Adds --serve.KEY and --key (with - for _) for every option.
void add_serving_options(CLI::App& app, Settings& settings);

/// Serves until SIGINT or SIGTERM; SIGHUP loads models and keys anew. Prints a
/// line when it listens. Returns the exit status.
/// @throws Error.
int run_server(const ServingOptions& options);

/// `keys add NAME SCOPES FILE`: makes a key, appends its hash to the file and
/// prints the key, once.
void add_key(const std::string& name, const std::string& scopes,
             const std::string& file);

}  // namespace ensue::apps
