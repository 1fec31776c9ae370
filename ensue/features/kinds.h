// SPDX-License-Identifier: Apache-2.0
// The kinds of as-of features: one line each, with its live value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/base/catalog.h"
#include "ensue/features/columns.h"
#include "ensue/features/definition.h"
#include "ensue/features/past.h"

namespace ensue::features {

/// A definition whose names were looked up in a log.
struct Resolved {
  Definition definition;
  ActionRef action, other;
  std::optional<EventColumn> column;
  std::uint32_t code = EventColumn::kNothing;  // of `value`
};

/// What a kind wants of Definition::column.
enum class Wants : std::uint8_t { kNoColumn, kNumber, kCategory, kCalendar };

/// A value is NaN where it is unknown: no event to take it from.
struct Kind {
  std::string_view name;
  std::string_view summary;
  Wants column = Wants::kNoColumn;
  bool other = false;     // needs a second action
  bool any_only = false;  // of all events: `action` must be empty
  enum class Window : std::uint8_t {
    kAny,
    kNeeded,
    kNone
  } window = Window::kAny;
  /// The same number that data/ computes by SQL.
  double (*value)(const Past& past, const Resolved& r);
};

/// The SQL half (data/internal/feature_sql.h) has the same names; a test fails
/// until both agree.
const Catalog<Kind>& kinds();

/// Looks up a definition's names and checks that its kind can use them. An
/// action that the log does not know never happened.
/// @throws Error(kInvalidArgument) "feature 'name': …", what was expected.
Resolved resolve(const Definition& definition, const Names& names);

/// `number`, or its place among the edges (see Definition::edges).
double scored(double number, const std::vector<double>& edges) noexcept;

}  // namespace ensue::features
