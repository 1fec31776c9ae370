// SPDX-License-Identifier: Apache-2.0
// How long one answer of every task takes from a warm server: a simulated shop
// is imported and learnt from by the program itself, its events are sent to the
// server over HTTP, then each task is asked about random users, one request
// after the other over one connection (wrk on the same cores).
//
// Options: --users N, --seconds N (per task).
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "apps/ensue-bench/bench.h"
#include "apps/ensue-bench/live_server.h"
#include "apps/ensue-bench/typed.h"
#include "apps/ensue/terminal.h"
#include "ensue/base/error.h"
#include "ensue/base/file.h"
#include "ensue/data/dataset.h"

namespace ensue::apps {
namespace {

namespace fs = std::filesystem;

struct Options {
  int users = 2000, seconds = 4;
};

Options parse(const BenchOptions& bench) {
  Options out;
  read_typed(bench, {{"--users", &out.users}, {"--seconds", &out.seconds}});
  return out;
}

// A task, how it is learnt, and what is asked of the server. USER stands for a
// random one.
struct Asked {
  std::string task;
  std::string train;  // behind ensue train; empty: nothing to be learnt
  std::string path, body;
  bool open_sessions = false;  // everybody looks at an item first
};

// Who was written to, what each did before, and who bought in the campaign.
constexpr char kCampaign[] =
    "SELECT u.user_id, u.region, c.treated, "
    "count(*) FILTER (e.timestamp < c.\"from\") AS events, "
    "count(*) FILTER (e.action = 'purchase' AND e.timestamp >= c.\"from\" "
    "AND e.timestamp < c.\"to\") > 0 AS bought "
    "FROM 'shop/users.csv' u JOIN 'shop/campaign.csv' c USING (user_id) "
    "JOIN 'shop/events.csv' e USING (user_id) GROUP BY ALL";

// As one word of a shell.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text)
    out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::vector<Asked> asked() {
  const std::string customer = R"({"user":"USER"})";
  const std::string tables = " --task.sequence none";
  const std::string days = " --task.horizon_days 20 --task.step_days 10";
  const auto of = [&](const std::string& task, const std::string& more = "") {
    return Asked{task, "--task " + task + days + more, "/v1/predict/" + task,
                 customer};
  };
  return {
      {"next_item", "--model gru --model.events true --epochs 2",
       "/v1/recommend", R"({"user":"USER","k":10})"},
      {"next_action", "", "/v1/predict/next_action", customer},
      of("retention", " --task.models head+trees"),  // a sequence model inside
      of("active", tables),
      of("purchases", tables),
      of("value", tables),
      of("propensity", tables + " --task.items title~coffee"),
      {"profile", "--task profile", "/v1/predict/profile", customer},
      {"segments", "--task segments", "/v1/predict/segments", customer},
      {"anomaly", "--task anomaly", "/v1/predict/anomaly", customer},
      {"search", "--task search", "/v1/search",
       R"({"user":"USER","query":"coffee","k":10})"},
      {"response",
       "--task response --task.table " + quoted(kCampaign) +
           " --task.drop user_id --task.treatment treated --task.treated 1"
           " --task.control 0 --task.target bought",
       "/v1/predict/response", R"({"row":{"region":"north","events":9}})"},
      {"label",
       "--task label --task.table shop/users.csv --task.target region"
       " --task.drop user_id,signup",
       "/v1/predict/label", R"({"row":{"campaign":"control"}})"},
      {"satisfaction", "--task satisfaction --task.action purchase",
       "/v1/predict/satisfaction", customer},
      {"intent", "--task intent", "/v1/predict/intent", customer, true},
  };
}

void run_program(const fs::path& folder, const std::string& arguments) {
  const fs::path bin =
      fs::read_symlink("/proc/self/exe").parent_path().parent_path() / "ensue" /
      "ensue";
  const std::string command = "cd '" + folder.string() + "' && '" +
                              bin.string() + "' " + arguments +
                              " > said.txt 2>&1";
  if (std::system(command.c_str()) == 0) return;
  std::ifstream said(folder / "said.txt");
  std::string text((std::istreambuf_iterator<char>(said)), {});
  throw Error(
      Code::kUnavailable,
      "ensue " + arguments + ": " +
          text.substr(text.size() - std::min<std::size_t>(text.size(), 300)));
}

// The log as the server takes it, in files of so many lines.
std::vector<fs::path> event_files(const fs::path& folder,
                                  const events::Log& log,
                                  std::size_t lines_each) {
  std::vector<fs::path> out;
  std::ofstream file;
  std::size_t lines = 0;
  const auto name = [](const events::Vocabulary& names, std::size_t id) {
    return to_text(Json(names.name(id)));
  };
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const events::History history = log.history(events::UserId{u});
    for (std::size_t i = 0; i < history.size(); ++i) {
      if (lines++ % lines_each == 0) {
        file.close();
        out.push_back(folder /
                      ("events" + std::to_string(out.size()) + ".jsonl"));
        file.open(out.back());
      }
      file << R"({"user":)" << name(log.user_names(), u) << R"(,"action":)"
           << name(log.action_names(), index(history.actions[i]))
           << R"(,"time":)" << count(history.times[i]);
      if (history.items[i] != events::kNoItem) {
        file << R"(,"item":)"
             << name(log.item_names(), index(history.items[i]));
      }
      const float value = history.values[i];
      if (value == value) file << R"(,"value":)" << value;
      file << "}\n";
    }
  }
  return out;
}

// POSTs about random users of a file of names.
std::string post_script(const Asked& one) {
  return "local users = {}\n"
         "for line in io.lines('users.txt') do users[#users + 1] = line end\n"
         "local body = '" +
         one.body +
         "'\n"
         "request = function()\n"
         "  local said = body:gsub('USER', users[math.random(#users)])\n"
         "  return wrk.format('POST', '" +
         one.path + "', {['Content-Type'] = 'application/json'}, said)\nend\n";
}

// Everybody looks at an item now.
void open_sessions(const LiveServer& server, const events::Log& log,
                   const fs::path& folder) {
  const fs::path file = folder / "now.jsonl";
  std::ofstream out(file);
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    out << to_text(JsonObject{{"user", log.user_names().name(u)},
                              {"item", log.item_names().name(0)},
                              {"action", "view"}})
        << "\n";
  }
  out.close();
  server.post_file("/v1/events", file);
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", value);
  return text;
}

BenchFigures run(const BenchOptions& bench) {
  const Options options = parse(bench);
  const ScratchFolder scratch;
  const fs::path& folder = scratch.path();
  run_program(folder, "simulate --out shop --users " +
                          std::to_string(options.users) +
                          " --days 150 --seed 1");
  run_program(folder, "init shop/events.csv");
  run_program(folder, "import");
  std::string models;
  const auto tasks = asked();
  for (const Asked& one : tasks) {
    if (!one.train.empty()) run_program(folder, "train " + one.train);
    if (one.path == "/v1/recommend" || one.train.empty()) continue;
    models += (models.empty() ? "runs/customers/" : ",runs/customers/") +
              one.task + ".safetensors";
  }
  const events::Log log = data::Dataset::open(folder / "dataset").log();
  std::string users;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    users += std::string(log.user_names().name(u)) + "\n";
  }
  write_file(folder / "users.txt", users);
  constexpr std::size_t kLines = 20'000;
  const LiveServer server(
      folder, {"--model", "runs/latest/model.safetensors", "--task-models",
               models, "--max-batch", std::to_string(kLines)});
  for (const fs::path& file : event_files(folder, log, kLines)) {
    const std::string said = server.post_file("/v1/events", file);
    if (said.find("\"stored\"") == std::string::npos) {
      throw Error(Code::kUnavailable, "events were not stored: " + said);
    }
  }
  // The store still sorts what it was sent; a warm server has done so.
  std::this_thread::sleep_for(std::chrono::seconds(10));
  TextTable table({"task", "requests/s", "p50 ms", "p99 ms"});
  BenchFigures figures;
  double worst = 0;
  fs::current_path(folder);
  for (const Asked& one : tasks) {
    if (one.open_sessions) open_sessions(server, log, folder);
    const Load load{.connections = 1,
                    .seconds = options.seconds,
                    .script = post_script(one)};
    run_wrk(server.base(),
            {.connections = 1, .seconds = 1, .script = load.script}, folder);
    const LoadResult r = run_wrk(server.base(), load, folder);
    if (r.failures > 0) {
      throw Error(
          Code::kUnavailable,
          one.task + ": " + std::to_string(r.failures) +
              " requests failed, such as: " + server.ask(one.path, one.body));
    }
    table.add(
        {one.task, fixed(r.per_second, 0), number(r.p50_ms), number(r.p99_ms)});
    figures.emplace_back(one.task + "_p99_ms", number(r.p99_ms));
    worst = std::max(worst, r.p99_ms);
  }
  std::printf("%zu events of %zu users\n%s", log.size(), log.users(),
              table.text().c_str());
  figures.insert(figures.begin(), {"p99_ms", number(worst)});
  return figures;
}

}  // namespace

Bench customers_latency_bench() {
  return {"customers/latency", "one answer of every task from a warm server",
          run};
}

}  // namespace ensue::apps
