// SPDX-License-Identifier: Apache-2.0
// The section [model] of the settings: a name, and the fields of that model.
#pragma once

#include <CLI/CLI.hpp>

#include "apps/settings/settings.h"
#include "ensue/artifact/model_spec.h"

namespace ensue::apps {

/// The model of a shop that names none.
inline constexpr char kDefaultModel[] = "gru";

/// Adds --model NAME and an option for every field of every model.
void add_model_options(CLI::App& app, Settings& settings);

struct ChosenModel {
  artifact::ModelSpec spec;
  JsonObject config;  // the section as used: "name" and every field
};

/// The model that the settings name. When a typed --model replaces the file's,
/// the file's other keys, which belong to that one, are left out.
/// @throws Error(kNotFound) for an unknown name, Error(kInvalidArgument) for a
///   field that the model does not have.
ChosenModel chosen_model(const Settings& settings);

}  // namespace ensue::apps
