// SPDX-License-Identifier: Apache-2.0
#include "apps/serving/options.h"

#include <charconv>

#include "ensue/base/error.h"

namespace ensue::apps {
namespace {

void within(const char* name, double value, double least, double most) {
  if (value >= least && value <= most) return;
  invalid(std::string(name) + ": " + to_text(Json(value)) + ", expected " +
          to_text(Json(least)) + " to " + to_text(Json(most)));
}

}  // namespace

std::size_t bytes_of(const std::string& text, const std::string& option) {
  double number = 0;
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, number);
  while (stop < end && *stop == ' ') ++stop;
  const std::string unit(stop, end);
  double factor = 0;
  if (unit.empty() || unit == "B") factor = 1;
  if (unit == "KB" || unit == "K") factor = 1 << 10;
  if (unit == "MB" || unit == "M") factor = 1 << 20;
  if (unit == "GB" || unit == "G") factor = 1 << 30;
  if (error != std::errc() || factor == 0 || !(number >= 0) ||
      number * factor > 1e15) {
    invalid(option + ": '" + text + "', expected a size such as 256MB");
  }
  return static_cast<std::size_t>(number * factor);
}

void ServingOptions::check() const {
  server.check();
  if (model.empty()) invalid("model: empty, expected a path");
  for (const std::string& one : model) serve::ModelChoice::parse(one);
  if (sync != "always" && sync != "everysec") {
    invalid("sync: '" + sync + "', expected always or everysec");
  }
  if (log != "none" && log != "errors" && log != "all") {
    invalid("log: '" + log + "', expected none, errors or all");
  }
  bytes_of(state_memory, "state_memory");
  bytes_of(store_cache, "store_cache");
  within("explore", explore, 0, 1);
  within("judge_cpu", judge_cpu, 0, 1);
  within("alert_hit", alert_hit, 0, 10);
  within("alert_unknown", alert_unknown, 0, 1);
  within("events_per_user", static_cast<double>(events_per_user), 0, 1e9);
  within("days", static_cast<double>(days), 0, 1e6);
  within("event_id_days", static_cast<double>(event_id_days), 0, 1e6);
  within("answer_days", static_cast<double>(answer_days), 0, 1e6);
  within("rate", rate, 0, 1e9);
  within("max_batch", max_batch, 1, 1e8);
  within("workers", workers, 0, 1024);
  within("max_waiting", max_waiting, 1, 1e7);
  within("longest_wait_ms", longest_wait_ms, 1, 1e6);
  if (keys.empty() && !server.loopback() && !insecure) {
    invalid("address: " + server.address +
            " is reached by other machines and there are no keys; expected "
            "--keys FILE (write one with `ensue-serve keys add`), or "
            "--insecure to go on without");
  }
}

serve::ServiceOptions ServingOptions::service() const {
  serve::ServiceOptions out;
  out.state_memory = bytes_of(state_memory, "state_memory");
  out.max_batch = static_cast<std::size_t>(max_batch);
  out.approximate = approximate;
  out.explore = explore;
  out.judge.cpu = judge_cpu;
  out.judge.alert_hit = alert_hit;
  out.judge.alert_unknown = alert_unknown;
  out.model_folder = model_folder;
  return out;
}

serve::DispatchOptions ServingOptions::dispatch() const {
  using Log = serve::DispatchOptions::Log;
  serve::DispatchOptions out;
  out.workers.threads = workers;
  out.workers.most_waiting = static_cast<std::size_t>(max_waiting);
  out.workers.longest_wait = std::chrono::milliseconds(longest_wait_ms);
  out.rate = rate;
  out.open = open;
  out.log = log == "all"    ? Log::kAll
            : log == "none" ? Log::kNone
                            : Log::kErrors;
  return out;
}

store::Retention ServingOptions::retention() const {
  return {.events_per_user = static_cast<std::size_t>(events_per_user),
          .days = days,
          .event_id_days = event_id_days,
          .answer_days = answer_days};
}

}  // namespace ensue::apps
