// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue-bench/live_server.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>
#include <thread>

#include "ensue/base/error.h"
#include "ensue/base/file.h"
#include "ensue/base/rng.h"

namespace ensue::apps {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// What a command prints; its errors with it.
std::string output_of(const std::string& command) {
  std::string out;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) {
    throw Error(Code::kUnavailable, command + ": cannot be started");
  }
  std::array<char, 4096> some{};
  while (const std::size_t n = fread(some.data(), 1, some.size(), pipe)) {
    out.append(some.data(), n);
  }
  pclose(pipe);
  return out;
}

fs::path program() {
  if (const char* said = std::getenv("ENSUE_SERVE")) return said;
  return fs::read_symlink("/proc/self/exe").parent_path().parent_path() /
         "ensue-serve" / "ensue-serve";
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

double milliseconds(const std::string& number, const std::string& unit) {
  const double factor = unit == "us" ? 1e-3 : unit == "ms" ? 1 : 1e3;
  return std::stod(number) * factor;
}

// "    99%    1.23ms" of wrk's table.
double percentile(const std::string& text, const std::string& which) {
  std::smatch found;
  const std::regex line("\\s" + which + "%\\s+([\\d.]+)(us|ms|s)");
  if (!std::regex_search(text, found, line)) {
    throw Error(Code::kUnavailable, "wrk: no " + which + "% in: " + text);
  }
  return milliseconds(found[1], found[2]);
}

double number_after(const std::string& text, const std::string& words,
                    double otherwise) {
  const auto place = text.find(words);
  return place == std::string::npos
             ? otherwise
             : std::stod(text.substr(place + words.size()));
}

}  // namespace

ScratchFolder::ScratchFolder() {
  std::string name =
      (fs::temp_directory_path() / "ensue-bench-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    throw Error(Code::kUnavailable, name + ": cannot be made");
  }
  path_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

LiveServer::LiveServer(const fs::path& folder,
                       std::vector<std::string> options) {
  const fs::path log = folder / "serve.log";
  fs::remove(log);
  const std::string name = program().string();
  std::vector<char*> words = {const_cast<char*>(name.c_str())};
  options.insert(options.begin(), {"--port", "0"});
  for (std::string& option : options) words.push_back(option.data());
  words.push_back(nullptr);
  const auto begin = Clock::now();
  process_ = fork();
  if (process_ == 0) {
    const int out = open(log.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
    dup2(out, 1);
    dup2(out, 2);
    if (chdir(folder.c_str()) == 0) execv(name.c_str(), words.data());
    _exit(127);
  }
  static const std::regex address("http://[\\d.]+:\\d+");
  std::smatch found;
  std::string said;
  while (!std::regex_search(said, found, address)) {
    if (waitpid(process_, nullptr, WNOHANG) != 0) {
      process_ = 0;
      throw Error(Code::kUnavailable, name + " did not start: " + said);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    said = text_of(log);
  }
  base_ = found[0];
  ask("/v1/recommend?user=first");
  start_seconds_ = std::chrono::duration<double>(Clock::now() - begin).count();
}

LiveServer::~LiveServer() {
  if (process_ == 0) return;
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

std::size_t LiveServer::resident() const {
  const std::string status =
      text_of("/proc/" + std::to_string(process_) + "/status");
  return static_cast<std::size_t>(number_after(status, "VmRSS:", 0)) * 1024;
}

std::string LiveServer::ask(const std::string& path,
                            const std::string& body) const {
  std::string command = "curl -s '" + base_ + path + "'";
  if (!body.empty()) command += " -d '" + body + "'";
  return output_of(command);
}

std::string LiveServer::erase(const std::string& path) const {
  return output_of("curl -s -X DELETE '" + base_ + path + "'");
}

std::string LiveServer::post_file(const std::string& path,
                                  const fs::path& file) const {
  return output_of("curl -s '" + base_ + path + "' --data-binary '@" +
                   file.string() + "'");
}

LoadResult run_wrk(const std::string& url, const Load& load,
                   const fs::path& folder) {
  std::string command = "wrk --latency -t" + std::to_string(load.threads) +
                        " -c" + std::to_string(load.connections) + " -d" +
                        std::to_string(load.seconds) + "s";
  if (!load.script.empty()) {
    write_file(folder / "load.lua", load.script);
    command += " -s " + (folder / "load.lua").string();
  }
  const std::string said = output_of(command + " '" + url + "'");
  if (said.find("Requests/sec:") == std::string::npos) {
    throw Error(Code::kUnavailable,
                "wrk: expected it to be installed and to answer; it said: " +
                    said.substr(0, 300));
  }
  LoadResult out;
  out.per_second = number_after(said, "Requests/sec:", 0);
  out.p50_ms = percentile(said, "50");
  out.p90_ms = percentile(said, "90");
  out.p99_ms = percentile(said, "99");
  std::smatch found;
  if (std::regex_search(said, found, std::regex("(\\d+) requests in"))) {
    out.requests = std::stoul(found[1]);
  }
  out.failures = static_cast<std::size_t>(
      number_after(said, "Non-2xx or 3xx responses:", 0));
  static const std::regex sockets(
      "connect (\\d+), read (\\d+), write (\\d+), timeout (\\d+)");
  if (std::regex_search(said, found, sockets)) {
    for (int i = 1; i <= 4; ++i) out.failures += std::stoul(found[i]);
  }
  return out;
}

std::string ask_script(std::size_t users, int pause_ms) {
  std::ostringstream out;
  out << "request = function()\n"
         "  return wrk.format('GET', '/v1/recommend?k=10&user=u' .. "
         "math.random(0, "
      << users - 1 << "))\nend\n";
  if (pause_ms > 0) {
    // Evenly between 0 and twice the pause, so that connections do not march in
    // step.
    out << "delay = function() return math.random(0, " << 2 * pause_ms
        << ") end\n";
  }
  return out.str();
}

std::string click_script(std::size_t users, std::size_t items) {
  std::ostringstream out;
  out << "local user, clicked = 0, true\nrequest = function()\n"
         "  clicked = not clicked\n"
         "  if clicked then\n"
         "    return wrk.format('GET', '/v1/recommend?k=10&user=u' .. user)\n"
         "  end\n"
         "  user = math.random(0, "
      << users - 1
      << ")\n  return wrk.format('POST', '/v1/events', nil, "
         "'{\"user\":\"u' .. user .. '\",\"item\":\"item' .. math.random(0, "
      << items - 1 << ") .. '\"}')\nend\n";
  return out.str();
}

std::string mixed_script(std::size_t users, std::size_t items) {
  std::ostringstream out;
  out << "local users, items = " << users << ", " << items << R"lua(
local user, clicked = 0, true
request = function()
  clicked = not clicked
  if clicked then
    return wrk.format('GET', '/v1/recommend?k=10&user=u' .. user)
  end
  user = math.random(0, users - 1)
  if math.random(1, 50) == 1 then
    return wrk.format('GET', '/v1/users/u' .. user % 100)
  end
  return wrk.format('POST', '/v1/events', nil,
    '{"user":"u' .. user .. '","item":"item' .. math.random(0, items - 1) ..
    '"}')
end
)lua";
  return out.str();
}

std::string ingest_script(std::size_t users, std::size_t items,
                          std::size_t batch) {
  std::ostringstream out;
  // Bodies are made before the clock starts; wrk would be the slower one.
  out << "local bodies, next = {}, 0\ninit = function()\n"
         "  for b = 1, 500 do\n    local parts = {}\n    for e = 1, "
      << batch << " do\n      parts[e] = '{\"user\":\"u' .. math.random(0, "
      << users - 1 << ") .. '\",\"item\":\"item' .. math.random(0, "
      << items - 1
      << ") .. '\",\"action\":\"view\"}'\n    end\n"
         "    bodies[b] = wrk.format('POST', '/v1/events', nil, '[' .. "
         "table.concat(parts, ',') .. ']')\n  end\nend\n"
         "request = function()\n  next = next % 500 + 1\n"
         "  return bodies[next]\nend\n";
  return out.str();
}

void write_events(const fs::path& file, std::size_t users, std::size_t each,
                  std::size_t items) {
  std::ofstream out(file);
  Rng rng(/*seed=*/3);
  for (std::size_t e = 0; e < each; ++e) {
    for (std::size_t u = 0; u < users; ++u) {
      out << "{\"user\":\"u" << u << "\",\"item\":\"item" << rng.below(items)
          << "\",\"time\":" << 1'700'000'000 + e * 60 << "}\n";
    }
  }
}

}  // namespace ensue::apps
