// SPDX-License-Identifier: Apache-2.0
// [serve]: how a server runs.
#pragma once

#include <string>
#include <vector>

#include "ensue/serve/dispatch.h"
#include "ensue/serve/server.h"
#include "ensue/serve/service.h"
#include "ensue/store/event_store.h"

namespace ensue::apps {

struct ServingOptions {
  std::vector<std::string> model = {"runs/latest/model.safetensors"};
  std::vector<std::string> task_models;  // of questions about customers
  std::string model_folder = "";
  std::string store = "store", sync = "everysec";
  std::string state_memory = "256MB", store_cache = "64MB";
  std::int64_t events_per_user = 10'000, days = 0, event_id_days = 7,
               answer_days = 30;
  bool approximate = false;
  double explore = 0, judge_cpu = 0.1, alert_hit = 0.7, alert_unknown = 0.3;
  std::string keys = "";
  std::vector<std::string> open = {};
  bool insecure = false;
  double rate = 0;
  int max_batch = 100'000, workers = 0, max_waiting = 4096,
      longest_wait_ms = 100;
  std::string log = "errors";
  serve::ServerOptions server = {};

  void visit(auto&& field) {
    field("model", model,
          "models to serve, NAME=PATH@SHARE each; several are an A/B test");
    field("task_models", task_models,
          "models of questions about customers, of ensue train --task");
    field("model_folder", model_folder,
          "where models may be loaded from while it runs; empty: nowhere");
    field("store", store,
          "where events live: a folder, memory, or redis://HOST:PORT");
    field("sync", sync, "always: a reply means on disk; everysec: within 1 s");
    field("state_memory", state_memory, "for states of users, all together");
    field("store_cache", store_cache, "for blocks of the event store");
    field("events_per_user", events_per_user, "the latest are kept; 0: all");
    field("days", days, "older events go; 0: never");
    field("event_id_days", event_id_days,
          "an event sent again is known so long");
    field("answer_days", answer_days, "answers are kept so long");
    field("approximate", approximate,
          "answer by a graph of near neighbours; says its recall at the start");
    field("explore", explore, "share of places that chance fills");
    field("judge_cpu", judge_cpu, "share of a core to judge live events with");
    field("alert_hit", alert_hit,
          "alert below this share of the test's hit@10");
    field("alert_unknown", alert_unknown,
          "alert above this share of new items");
    field("keys", keys, "file of keys; `keys add` writes one");
    field("open", open, "groups of routes without key: v1, gorse, metarank, …");
    field("insecure", insecure, "serve other machines without keys");
    field("rate", rate, "requests per second of one client; 0: no limit");
    field("max_batch", max_batch, "events of one request; more get 413");
    field("workers", workers, "threads that answer; 0: one per core");
    field("max_waiting", max_waiting, "more waiting requests get 429");
    field("longest_wait_ms", longest_wait_ms, "so do those that would wait so");
    field("log", log, "requests to log: none, errors or all");
    server.visit(field);
  }

  /// @throws Error(kInvalidArgument) naming the option.
  void check() const;
  serve::ServiceOptions service() const;
  serve::DispatchOptions dispatch() const;
  store::Retention retention() const;
};

/// "256MB", "1.5 GB", "1000000" in bytes (powers of 1024).
/// @throws Error(kInvalidArgument) naming `option`.
std::size_t bytes_of(const std::string& text, const std::string& option);

}  // namespace ensue::apps
