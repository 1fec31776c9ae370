// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/report/chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "apps/ensue/report/html.h"
#include "apps/ensue/terminal.h"

namespace ensue::apps {
namespace {

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

// A place in the picture, to a tenth of a unit.
std::string at(double value) { return fixed(value, 1); }

std::string line(double x1, double y1, double x2, double y2,
                 std::string_view style) {
  return "<line x1=\"" + at(x1) + "\" y1=\"" + at(y1) + "\" x2=\"" + at(x2) +
         "\" y2=\"" + at(y2) + "\" class=\"" + std::string(style) + "\"/>";
}

std::string label(double x, double y, std::string_view anchor,
                  std::string_view text, std::string_view style = "") {
  return "<text x=\"" + at(x) + "\" y=\"" + at(y) + "\" text-anchor=\"" +
         std::string(anchor) + "\" class=\"" + std::string(style) + "\">" +
         html::escape(text) + "</text>";
}

std::string dot(double x, double y, std::string_view style,
                std::string_view says) {
  return "<circle cx=\"" + at(x) + "\" cy=\"" + at(y) +
         "\" r=\"3.5\" class=\"" + std::string(style) + "\"><title>" +
         html::escape(says) + "</title></circle>";
}

std::string figure(std::string_view title, double width, double height,
                   const std::string& drawing) {
  return "<figure>" + html::element("figcaption", title) +
         "<svg viewBox=\"0 0 " + at(width) + " " + at(height) +
         "\" role=\"img\" aria-label=\"" + html::escape(title) + "\">\n" +
         drawing + "\n</svg></figure>\n";
}

// From values to places: `low` at `from`, `high` at `to`.
struct Axis {
  double low, high, from, to;
  double operator()(double value) const {
    return from + (value - low) / (high - low) * (to - from);
  }
};

constexpr double kWidth = 480, kHeight = 240;
constexpr double kLeft = 52, kRight = 12, kTop = 14, kBottom = 36;

}  // namespace

std::vector<double> ticks(double low, double high, int wanted) {
  if (!(high > low)) {
    const double room = low == 0 ? 1 : std::abs(low) * 0.1;
    low -= room;
    high += room;
  }
  const double rough = (high - low) / std::max(1, wanted);
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double multiple : {1.0, 2.0, 5.0}) {
    if (multiple * power >= rough * 0.999) {
      step = multiple * power;
      break;
    }
  }
  std::vector<double> out;
  const double first = std::floor(low / step + 1e-9);
  const double last = std::ceil(high / step - 1e-9);
  for (double i = first; i <= last; ++i) out.push_back(i * step);
  return out;
}

std::string line_chart(std::string_view title, std::string_view x_name,
                       const std::vector<Point>& given,
                       std::optional<double> mark, std::string_view mark_name) {
  std::vector<Point> points;
  std::ranges::copy_if(given, std::back_inserter(points),
                       [](const Point& p) { return std::isfinite(p.y); });
  if (points.empty()) return {};
  const auto [x_low, x_high] = std::ranges::minmax(points, {}, &Point::x);
  const auto [y_low, y_high] = std::ranges::minmax(points, {}, &Point::y);
  const auto xs = ticks(x_low.x, std::max(x_high.x, x_low.x + 1), 6);
  const auto ys = ticks(y_low.y, y_high.y, 4);
  const Axis x{xs.front(), xs.back(), kLeft, kWidth - kRight};
  const Axis y{ys.front(), ys.back(), kHeight - kBottom, kTop};

  std::string drawing, path;
  for (const double tick : ys) {
    drawing += line(kLeft, y(tick), kWidth - kRight, y(tick), "grid");
    drawing += label(kLeft - 6, y(tick) + 4, "end", number(tick));
  }
  for (const double tick : xs) {
    drawing += label(x(tick), kHeight - kBottom + 16, "middle", number(tick));
  }
  drawing +=
      label((kLeft + kWidth - kRight) / 2, kHeight - 4, "middle", x_name);
  if (mark) {
    const bool left = x(*mark) > kWidth * 0.7;
    drawing += line(x(*mark), kTop, x(*mark), kHeight - kBottom, "mark");
    drawing += label(x(*mark) + (left ? -5 : 5), kTop + 8,
                     left ? "end" : "start", mark_name);
  }
  for (const Point& p : points) path += at(x(p.x)) + "," + at(y(p.y)) + " ";
  drawing += "<polyline class=\"series\" points=\"" + path + "\"/>";
  for (const Point& p : points) {
    drawing +=
        dot(x(p.x), y(p.y), "dot",
            std::string(x_name) + " " + number(p.x) + ": " + number(p.y));
  }
  return figure(title, kWidth, kHeight, drawing);
}

std::string scatter_chart(std::string_view title,
                          const std::vector<Point>& points, std::size_t marked,
                          std::string_view from, std::string_view to) {
  double low = INFINITY, high = -INFINITY;
  for (const Point& p : points) {
    if (!std::isfinite(p.y)) continue;
    low = std::min(low, p.y);
    high = std::max(high, p.y);
  }
  if (!(low <= high)) return {};
  const auto ys = ticks(low, high, 4);
  const Axis x{0, 1, kLeft + 8, kWidth - kRight - 8};
  const Axis y{ys.front(), ys.back(), kHeight - kBottom, kTop};
  std::string drawing;
  for (const double tick : ys) {
    drawing += line(kLeft, y(tick), kWidth - kRight, y(tick), "grid");
    drawing += label(kLeft - 6, y(tick) + 4, "end", number(tick));
  }
  drawing += label(kLeft, kHeight - kBottom + 16, "start", from);
  drawing += label(kWidth - kRight, kHeight - kBottom + 16, "end", to);
  const auto draw = [&](std::size_t i, std::string_view style) {
    const Point& p = points[i];
    if (!std::isfinite(p.y)) return;
    drawing += dot(x(p.x), y(p.y), style,
                   "trial " + std::to_string(i + 1) + ": " + number(p.y));
  };
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (i != marked) draw(i, "grey dot");
  }
  if (marked < points.size()) draw(marked, "dot");
  return figure(title, kWidth, kHeight, drawing);
}

std::string interval_chart(std::string_view title,
                           const std::vector<IntervalRow>& rows) {
  if (rows.empty()) return {};
  constexpr double kRow = 28, kNames = 110, kValues = 60;
  const double height = kTop + kRow * static_cast<double>(rows.size()) + 26;
  double top = 0;
  for (const IntervalRow& row : rows) top = std::max(top, row.high);
  const auto marks = ticks(0, top, 5);
  const Axis x{0, marks.back(), kNames, kWidth - kValues};
  std::string drawing;
  for (const double tick : marks) {
    drawing += line(x(tick), kTop, x(tick), height - 26, "grid");
    drawing += label(x(tick), height - 10, "middle", number(tick));
  }
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const IntervalRow& row = rows[r];
    const double y = kTop + kRow * (static_cast<double>(r) + 0.5);
    const std::string grey = r == 0 ? "" : "grey ";
    const std::string says = row.name + " " + fixed(row.mean, 4) + " [" +
                             fixed(row.low, 4) + ", " + fixed(row.high, 4) +
                             "]";
    drawing += label(kNames - 10, y + 4, "end", clip(row.name, 16), "name");
    drawing += line(x(row.low), y, x(row.high), y, grey + "whisker");
    drawing += dot(x(row.mean), y, grey + "dot", says);
    drawing += label(kWidth - kValues + 10, y + 4, "start", fixed(row.mean, 4),
                     "value");
  }
  return figure(title, kWidth, height, drawing);
}

std::string signed_chart(std::string_view title,
                         const std::vector<SignedRow>& rows) {
  if (rows.empty()) return {};
  constexpr double kRow = 22, kNames = 280, kValues = 56, kBar = 14,
                   kWide = 600;
  double low = 0, high = 0;
  for (const SignedRow& row : rows) {
    low = std::min(low, row.value);
    high = std::max(high, row.value);
  }
  if (low == high) high = 1;
  const double height = kTop + kRow * static_cast<double>(rows.size()) + 6;
  const Axis x{low, high, kNames, kWide - kValues};
  std::string drawing = line(x(0), kTop, x(0), height - 6, "grid");
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const SignedRow& row = rows[r];
    const double y = kTop + kRow * (static_cast<double>(r) + 0.5);
    const double left = std::min(x(0), x(row.value));
    const double width = std::max(1.0, std::abs(x(row.value) - x(0)));
    drawing += label(kNames - 10, y + 4, "end", clip(row.name, 32), "name");
    drawing += "<rect x=\"" + at(left) + "\" y=\"" + at(y - kBar / 2) +
               "\" width=\"" + at(width) + "\" height=\"" + at(kBar) +
               "\" class=\"" + (row.value < 0 ? "grey bar" : "bar") +
               "\"><title>" + html::escape(row.name + ": " + row.note) +
               "</title></rect>";
    drawing += label(kWide - kValues + 10, y + 4, "start",
                     (row.value > 0 ? "+" : "") + fixed(row.value, 3), "value");
  }
  return figure(title, kWide, height, drawing);
}

}  // namespace ensue::apps
