// SPDX-License-Identifier: Apache-2.0
// Reasons as a page with pictures.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apps/ensue/report/chart.h"
#include "apps/ensue/task_commands.h"

namespace ensue::apps {

/// Why one thing was said.
struct ReasonsSection {
  std::string heading;  // whom or what it is about
  std::string text;     // what was said
  struct Chart {
    std::string title;
    std::vector<SignedRow> rows;  // strongest first; all 0: said, not drawn
  };
  std::vector<Chart> charts;
};

/// One HTML file, no network. At most `most` rows of each chart are drawn, the
/// rest is summed in one more.
std::string reasons_page(std::string_view title,
                         const std::vector<ReasonsSection>& sections,
                         std::size_t most = 15);

/// The page that question.plot asks for, if it does.
void write_page(const WhyQuestion& question, const std::string& title,
                const std::vector<ReasonsSection>& sections);

}  // namespace ensue::apps
