// SPDX-License-Identifier: Apache-2.0
// The same log as a file and over the network gives the same events.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "ensue/base/fields.h"
#include "ensue/base/rng.h"
#include "ensue/data/dataset.h"
#include "ensue/data/import.h"
#include "ensue/data/presets.h"
#include "ensue/serve/formats/format.h"

namespace ensue {
namespace {

std::string line_of(std::string_view user, std::string_view item,
                    std::string_view action, events::Millis time, float value) {
  return std::string(user) + " " + std::string(item) + " " +
         std::string(action) + " " + std::to_string(count(time)) + " " +
         (std::isnan(value) ? "-" : std::to_string(value));
}

// Sorted: a log keeps users together, a body does not.
std::vector<std::string> sorted(std::vector<std::string> lines) {
  std::ranges::sort(lines);
  return lines;
}

std::vector<std::string> posted(std::string_view format,
                                const std::string& body) {
  std::vector<std::string> out;
  const auto in = serve::formats().find(format).parse(body, events::Millis{0});
  for (const store::Event& event : in.events) {
    out.push_back(
        line_of(event.user, event.item, event.action, event.time, event.value));
  }
  return sorted(std::move(out));
}

std::vector<std::string> imported(std::string_view preset,
                                  const std::string& file_name,
                                  const std::string& body) {
  std::string folder =
      (std::filesystem::temp_directory_path() / "ensue-formats-XXXXXX")
          .string();
  if (::mkdtemp(folder.data()) == nullptr) std::abort();
  std::ofstream(folder + "/" + file_name, std::ios::binary) << body;
  data::ImportRequest request;
  request.source.files = {folder + "/" + file_name};
  request.source.dataset = folder + "/dataset";
  request.source.preset = std::string(preset);
  const JsonObject defaults = data::presets().find(preset).defaults();
  if (const Json* found = defaults.if_contains("columns")) {
    read_fields(request.columns, found->get_object(), preset);
  }
  if (const Json* found = defaults.if_contains("clean")) {
    read_fields(request.clean, found->get_object(), preset);
  }
  request.clean.bot_actions_per_hour = 0;  // nobody is taken for one
  const events::Log log =
      data::Dataset::open(data::import_log(request).dataset).log();
  std::vector<std::string> out;
  for (std::uint32_t user = 0; user < log.users(); ++user) {
    const auto history = log.history(events::UserId{user});
    for (std::size_t i = 0; i < history.size(); ++i) {
      out.push_back(line_of(log.user_names().name(user),
                            log.item_names().name(index(history.items[i])),
                            log.action_names().name(index(history.actions[i])),
                            history.times[i],
                            history.values.empty() ? NAN : history.values[i]));
    }
  }
  std::filesystem::remove_all(folder);
  return sorted(std::move(out));
}

TEST(SameLog, OttoSessions) {
  Rng rng(3);
  std::string body;
  for (int session = 0; session < 40; ++session) {
    body += "{\"session\":" + std::to_string(session) + ",\"events\":[";
    const auto events = 1 + rng.below(8);
    for (std::uint64_t i = 0; i < events; ++i) {
      constexpr const char* kTypes[] = {"clicks", "carts", "orders"};
      body += std::string(i > 0 ? "," : "") +
              "{\"aid\":" + std::to_string(rng.below(50)) + ",\"ts\":" +
              std::to_string(1'659'304'800'025 + i * 1000 + session) +
              ",\"type\":\"" + kTypes[rng.below(3)] + "\"}";
    }
    body += "]}\n";
  }
  const auto lines = posted("otto", body);
  EXPECT_GT(lines.size(), 100U);
  EXPECT_EQ(lines, imported("otto", "log.jsonl", body));
}

TEST(SameLog, RecboleInteractions) {
  Rng rng(4);
  std::string body =
      "user_id:token\titem_id:token\trating:float\ttimestamp:float\n";
  for (int i = 0; i < 300; ++i) {
    body += "u" + std::to_string(rng.below(30)) + "\t" +
            std::to_string(rng.below(60)) + "\t" +
            std::to_string(1 + rng.below(5)) + (i % 3 == 0 ? ".5" : "") + "\t" +
            std::to_string(874'724'710 + i * 37) + "\n";
  }
  const auto lines = posted("recbole", body);
  EXPECT_EQ(lines.size(), 300U);
  EXPECT_EQ(lines, imported("recbole-atomic", "log.inter", body));
}

}  // namespace
}  // namespace ensue
