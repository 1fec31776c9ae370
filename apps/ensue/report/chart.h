// SPDX-License-Identifier: Apache-2.0
// Charts as inline SVG; their colours come from the page's style.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ensue::apps {

/// Round steps (1, 2 or 5 times a power of ten) that cover [low, high], about
/// `wanted` of them. One value gives a little room around it.
std::vector<double> ticks(double low, double high, int wanted = 5);

struct Point {
  double x = 0, y = 0;
};

/// One line over x; every point tells its values when pointed at. Points whose
/// y is not finite are left out. Empty without any point.
/// @param mark  an x to mark by an upright line, said as `mark_name`.
std::string line_chart(std::string_view title, std::string_view x_name,
                       const std::vector<Point>& points,
                       std::optional<double> mark = {},
                       std::string_view mark_name = {});

/// A dot per point, x in [0, 1], the `marked` one in the accent colour and the
/// others grey. `from` and `to` stand at the ends of the x axis. Points whose y
/// is not finite are left out; empty without any.
std::string scatter_chart(std::string_view title,
                          const std::vector<Point>& points, std::size_t marked,
                          std::string_view from, std::string_view to);

struct IntervalRow {
  std::string name;
  double mean = 0, low = 0, high = 0;
};

/// A dot with its interval per row, on one axis from 0; the first row in the
/// accent colour, the others grey.
std::string interval_chart(std::string_view title,
                           const std::vector<IntervalRow>& rows);

struct SignedRow {
  std::string name, note;  // the note is said when pointed at
  double value = 0;
};

/// A bar per row from 0, to the right above it and to the left below it, with
/// its value. Empty without rows.
std::string signed_chart(std::string_view title,
                         const std::vector<SignedRow>& rows);

}  // namespace ensue::apps
