// SPDX-License-Identifier: Apache-2.0
#include "apps/serving/serving.h"

#include <csignal>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "ensue/base/error.h"
#include "ensue/base/file.h"
#include "ensue/store/open.h"

namespace ensue::apps {
namespace {

sigset_t handled_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  return set;
}

void log_line(const std::string& line) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  std::fprintf(stderr, "%s\n", line.c_str());
}

void load_keys(const ServingOptions& options, serve::Dispatcher& dispatcher) {
  if (options.keys.empty()) return;
  auto keys = serve::read_keys(options.keys);
  // A file without keys must not mean that everybody may.
  if (keys.empty()) {
    invalid(options.keys + ": no key in it, expected at least one");
  }
  dispatcher.keys().set(std::move(keys));
}

void reload(const ServingOptions& options, serve::Service& service,
            serve::Dispatcher& dispatcher) {
  for (const std::string& failure : service.reload()) {
    log_line("reload: " + failure + "; the model goes on as it was");
  }
  try {
    load_keys(options, dispatcher);
    log_line("reloaded");
  } catch (const Error& error) {
    log_line(std::string("reload: ") + error.what() + "; keys stay");
  }
}

// Waits for the signal that ends it; looks after the store meanwhile.
void serve_until_stopped(const ServingOptions& options, serve::Service& service,
                         serve::Dispatcher& dispatcher) {
  constexpr int kPruneSeconds = 3600;
  const sigset_t signals = handled_signals();
  while (true) {
    const timespec hour{kPruneSeconds, 0};
    const int signal = sigtimedwait(&signals, nullptr, &hour);
    if (signal == SIGHUP) reload(options, service, dispatcher);
    if (signal == SIGINT || signal == SIGTERM) return;
    if (signal != -1) continue;
    try {
      service.prune();
    } catch (const Error& error) {
      log_line(std::string("prune: ") + error.what());
    }
  }
}

// Where events live, without a password.
std::string shown_place(const std::string& store) {
  const std::size_t at = store.rfind('@');
  return store.starts_with(store::kRedis) && at != std::string::npos
             ? std::string(store::kRedis) + store.substr(at + 1)
             : store;
}

void say_hello(const ServingOptions& options, serve::Service& service,
               int port) {
  std::string models;
  for (const auto& entry : service.models().all()) {
    models += (models.empty() ? "" : ", ") + entry.model->name() + " (" +
              entry.model->about().model.name + ", " +
              std::to_string(entry.model->engine().items()) + " items";
    if (const auto* graph = entry.model->approximate()) {
      char recall[48];
      std::snprintf(recall, sizeof(recall), ", by a graph, recall@10 %.4f",
                    graph->recall_at_10());
      models += recall;
    }
    models += ")";
  }
  for (const std::string& task : service.task_models().tasks()) {
    models += ", " + task;
  }
  const bool tls = !options.server.tls_cert.empty();
  std::printf(
      "serving %s\n  http%s://%s:%d   /docs shows what to ask\n"
      "  events in %s, sync %s\n",
      models.c_str(), tls ? "s" : "", options.server.address.c_str(), port,
      shown_place(options.store).c_str(), options.sync.c_str());
  std::fflush(stdout);
}

}  // namespace

void add_serving_options(CLI::App& app, Settings& settings) {
  for (const FieldDoc& field : describe_fields<ServingOptions>()) {
    std::string flag = "--" + field.name;
    for (char& c : flag) c = c == '_' ? '-' : c;
    settings.add_option(app, "serve", field, flag);
  }
}

int run_server(const ServingOptions& options) {
  options.check();
  // Before any thread: they all inherit it, and only the wait below sees them.
  const sigset_t signals = handled_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  serve::Service service(
      options.service(),
      store::open_store(
          {.where = options.store,
           .retention = options.retention(),
           .sync_always = options.sync == "always",
           .cache_bytes = bytes_of(options.store_cache, "store_cache")}),
      options.retention());
  for (const std::string& model : options.model) {
    service.load(serve::ModelChoice::parse(model));
  }
  for (const std::string& path : options.task_models) {
    service.load_task_model(path);
  }
  serve::Dispatcher dispatcher(service, options.dispatch(), log_line);
  load_keys(options, dispatcher);
  serve::Server server(options.server,
                       [&](serve::Request request, serve::Done done) {
                         dispatcher.take(std::move(request), std::move(done));
                       });
  server.start();
  say_hello(options, service, server.port());
  std::thread popularity([&] {
    try {
      service.learn_popularity();
    } catch (const Error& error) {
      log_line(std::string("popularity: ") + error.what());
    }
  });
  serve_until_stopped(options, service, dispatcher);
  dispatcher.drain();
  server.stop();
  popularity.join();
  std::printf("stopped\n");
  return 0;
}

void add_key(const std::string& name, const std::string& scopes,
             const std::string& file) {
  std::string lines;
  if (std::filesystem::exists(file)) {
    for (const serve::Key& key : serve::read_keys(file)) {
      if (key.name == name) {
        invalid(file + ": the key '" + name + "' is there already");
      }
    }
    lines = read_file(file);
    if (!lines.empty() && lines.back() != '\n') lines += '\n';
  }
  const std::string key = serve::new_key();
  write_file(file, lines + serve::key_line(name, scopes, key));
  std::filesystem::permissions(file, std::filesystem::perms::owner_read |
                                         std::filesystem::perms::owner_write);
  std::printf("%s\n", key.c_str());
}

}  // namespace ensue::apps
