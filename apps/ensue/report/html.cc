// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/report/html.h"

#include <algorithm>

namespace ensue::apps::html {
namespace {

constexpr std::string_view kStyle = R"(
:root { --bg: #fff; --fg: #1c2024; --soft: #60646c; --line: #e0e3e7;
  --panel: #f7f8f9; --accent: #0b68cb; --grey: #9aa1aa; }
@media (prefers-color-scheme: dark) { :root { --bg: #15181b; --fg: #e8eaed;
  --soft: #a2a9b2; --line: #30363d; --panel: #1c2126; --accent: #58a6ff;
  --grey: #737c87; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 60rem;
  background: var(--bg); color: var(--fg);
  font: 16px/1.55 system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; padding-bottom: .3rem;
  border-bottom: 1px solid var(--line); }
p { margin: .5rem 0; max-width: 46rem; }
.soft { color: var(--soft); }
.verdict { background: var(--panel); border-left: 4px solid var(--accent);
  padding: .8rem 1rem; margin: 1.25rem 0; border-radius: 0 6px 6px 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .88rem; margin: .75rem 0;
  font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; color: var(--soft);
  vertical-align: bottom; }
th, td { padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); }
td { vertical-align: top; }
th.n, td.n { text-align: right; white-space: nowrap; }
tr.strong td { font-weight: 650; }
td small { display: block; font-weight: 400; color: var(--soft); }
.charts { display: flex; flex-wrap: wrap; gap: 1.5rem; }
figure { margin: .75rem 0; flex: 1 1 24rem; max-width: 36rem; }
figcaption { font-size: .88rem; color: var(--soft); margin-bottom: .25rem; }
svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--soft); font-size: 11px; font-family: inherit; }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .series { fill: none; stroke: var(--accent); stroke-width: 2;
  stroke-linejoin: round; }
svg .dot { fill: var(--accent); }
svg .grey.dot { fill: var(--grey); }
svg .bar { fill: var(--accent); }
svg .grey.bar { fill: var(--grey); }
svg .whisker { stroke: var(--accent); stroke-width: 2; }
svg .grey.whisker { stroke: var(--grey); }
svg .mark { stroke: var(--soft); stroke-dasharray: 3 3; }
svg text.name, svg text.value { fill: var(--fg); font-size: 12px; }
details { margin: .75rem 0; }
summary { cursor: pointer; color: var(--accent); }
pre { background: var(--panel); padding: .8rem 1rem; overflow-x: auto;
  font-size: .82rem; border-radius: 6px; }
.answer { margin: 1rem 0 1.5rem; }
.answer ol { margin: .25rem 0; padding-left: 1.6rem; }
.hit { color: var(--accent); font-weight: 650; }
)";

// What stands behind a newline is small print under the cell.
std::string cell_html(std::string_view cell) {
  const std::size_t at = std::min(cell.find('\n'), cell.size());
  std::string out = escape(cell.substr(0, at));
  if (at < cell.size()) {
    out += "<small>" + escape(cell.substr(at + 1)) + "</small>";
  }
  return out;
}

bool is_number(std::string_view cell) {
  return cell.find_first_of("0123456789") != std::string_view::npos &&
         cell.find_first_not_of("0123456789.,+-−±%e []–\n") ==
             std::string_view::npos;
}

std::string row(const std::vector<std::string>& cells,
                const std::vector<bool>& numbers, std::string_view tag,
                bool strong) {
  std::string out = strong ? "<tr class=\"strong\">" : "<tr>";
  for (std::size_t c = 0; c < cells.size(); ++c) {
    out += "<" + std::string(tag) + (numbers[c] ? " class=\"n\">" : ">") +
           cell_html(cells[c]) + "</" + std::string(tag) + ">";
  }
  return out + "</tr>\n";
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\'') {
      out += "&#39;";
    } else if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F) {
      out += "\xEF\xBF\xBD";
    } else {
      out += c;
    }
  }
  return out;
}

std::string element(std::string_view name, std::string_view text) {
  const std::string tag(name);
  return "<" + tag + ">" + escape(text) + "</" + tag.substr(0, tag.find(' ')) +
         ">\n";
}

std::string section(std::string_view heading, std::string_view html) {
  return "<section>\n" + element("h2", heading) + std::string(html) +
         "</section>\n";
}

std::string table(const std::vector<std::string>& header,
                  const std::vector<std::vector<std::string>>& rows,
                  int emphasised) {
  std::vector<bool> numbers(header.size(), !rows.empty());
  for (const auto& cells : rows) {
    for (std::size_t c = 0; c < cells.size(); ++c) {
      if (!cells[c].empty() && cells[c] != "-" && !is_number(cells[c])) {
        numbers[c] = false;
      }
    }
  }
  std::string out = "<div class=\"scroll\"><table>\n<thead>" +
                    row(header, numbers, "th", false) + "</thead>\n<tbody>\n";
  for (std::size_t r = 0; r < rows.size(); ++r) {
    out += row(rows[r], numbers, "td", static_cast<int>(r) == emphasised);
  }
  return out + "</tbody></table></div>\n";
}

std::string details(std::string_view summary, std::string_view html) {
  return "<details>" + element("summary", summary) + std::string(html) +
         "</details>\n";
}

std::string page(std::string_view title, std::string_view html) {
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n"
         "<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, "
         "initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n" +
         element("title", title) + "<style>" + std::string(kStyle) +
         "</style>\n</head>\n<body>\n" + std::string(html) +
         "</body>\n</html>\n";
}

}  // namespace ensue::apps::html
