// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/reasons_page.h"

#include <cstdio>

#include "apps/ensue/report/html.h"
#include "ensue/base/file.h"

namespace ensue::apps {

std::string reasons_page(std::string_view title,
                         const std::vector<ReasonsSection>& sections,
                         std::size_t most) {
  std::string body = html::element("h1", title);
  for (const ReasonsSection& section : sections) {
    std::string inside = html::element("p", section.text);
    for (const ReasonsSection::Chart& chart : section.charts) {
      if (chart.rows.empty()) continue;
      if (chart.rows.front().value == 0) {
        inside += html::element("p", chart.title + ": none moves it");
        continue;
      }
      std::vector<SignedRow> rows = chart.rows;
      if (rows.size() > most) {
        SignedRow rest{std::to_string(rows.size() - most) + " others",
                       "together", 0};
        for (std::size_t i = most; i < rows.size(); ++i) {
          rest.value += rows[i].value;
        }
        rows.resize(most);
        rows.push_back(std::move(rest));
      }
      inside += signed_chart(chart.title, rows);
    }
    body += html::section(section.heading, inside);
  }
  return html::page(title, body);
}

void write_page(const WhyQuestion& question, const std::string& title,
                const std::vector<ReasonsSection>& sections) {
  if (question.plot.empty()) return;
  write_file(question.plot, reasons_page(title, sections));
  if (!question.json) std::printf("%s: a picture\n", question.plot.c_str());
}

}  // namespace ensue::apps
