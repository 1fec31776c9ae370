// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/contest_text.h"

#include "apps/ensue/terminal.h"

namespace ensue::apps {
namespace {

std::string shown(const classic::Figures& figures, const std::string& name) {
  const auto found = figures.find(name);
  return found == figures.end() ? "" : fixed(found->second, 4);
}

}  // namespace

std::string contest_text(classic::Label kind, const std::string& best,
                         const std::vector<classic::JudgedTable>& models,
                         const classic::Figures& refitted,
                         const std::vector<classic::JudgedTable>& baselines) {
  const std::string chosen = classic::choosing_figure(kind);
  std::vector<std::string> head = {"", chosen + " (validation)"};
  for (const std::string& name : classic::figure_names(kind)) {
    head.push_back(name);
  }
  TextTable table(head);
  const auto row = [&](const classic::JudgedTable& one) {
    std::vector<std::string> cells = {
        one.name + (one.name == best ? "  <- best" : ""),
        shown(one.validation, chosen)};
    for (const std::string& name : classic::figure_names(kind)) {
      cells.push_back(shown(one.test, name));
    }
    table.add(cells);
  };
  for (const auto& one : models) row(one);
  if (!refitted.empty())
    row({"the best, fitted on validation, too", {}, refitted});
  for (const auto& one : baselines) row(one);
  return table.text();
}

std::string leaks_text(const std::vector<judge::Leak>& leaks,
                       const std::string& advice) {
  std::string out;
  for (const judge::Leak& leak : leaks) {
    out += styled(Style::kBad, "leak") + " " + leak.message + advice + "\n";
  }
  return out;
}

}  // namespace ensue::apps
