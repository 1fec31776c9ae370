// SPDX-License-Identifier: Apache-2.0
// The sections [data], [columns], [clean] and [missing] of the settings.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "apps/settings/settings.h"
#include "ensue/data/import.h"

namespace ensue::apps {

/// Adds an option for every field of the four sections.
void add_data_options(CLI::App& app, Settings& settings);

/// What to import: the settings over the preset's defaults. `files` as typed
/// replace data.files; without a preset and [columns] the files' layout is
/// recognised. Paths of the settings file are relative to its folder.
data::ImportRequest import_request(const Settings& settings,
                                   const std::vector<std::string>& files);

}  // namespace ensue::apps
