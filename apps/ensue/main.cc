// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <map>
#include <memory>
#include <string>

#include "apps/ensue/verb.h"
#include "ensue/base/error.h"

namespace ensue::apps {
namespace {

// The one table from error codes to exit statuses.
int exit_status(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
    case Code::kNotFound:
    case Code::kCorrupt:
      return 2;
    case Code::kUnavailable:
      return 75;
  }
  return 70;
}

// One line, with the verb that was typed.
int refuse(const CLI::App& app, const CLI::ParseError& error) {
  std::string name = app.get_name();
  for (const CLI::App* sub : app.get_subcommands())
    name += " " + sub->get_name();
  std::fprintf(stderr, "%s: %s; '%s --help' lists what is known\n",
               name.c_str(), error.what(), name.c_str());
  return 2;
}

struct Registered {
  Settings settings;
  Action action;
};

int run(int argc, char** argv) {
  CLI::App app("ensue: what customers do next", "ensue");
  app.set_version_flag("--version", version);
  app.require_subcommand(1);
  std::map<const CLI::App*, std::unique_ptr<Registered>> registered;
  for (const Verb& verb : verbs().all()) {
    CLI::App* sub =
        app.add_subcommand(std::string(verb.name), std::string(verb.summary));
    sub->footer("Example:\n  " + std::string(verb.example));
    auto entry = std::make_unique<Registered>();
    entry->settings.add_config_option(*sub);
    entry->action = verb.add(*sub, entry->settings);
    registered[sub] = std::move(entry);
  }
  // Catalog::find() names the verbs that are known.
  if (argc > 1 && argv[1][0] != '-') verbs().find(argv[1]);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // help, version
    return refuse(app, error);
  }
  Registered& chosen = *registered.at(app.get_subcommands().front());
  chosen.settings.load();
  return chosen.action();
}

}  // namespace
}  // namespace ensue::apps

int main(int argc, char** argv) {
  // In a pipe, lines must come when they are said, in order with the errors.
  std::setvbuf(stdout, nullptr, _IOLBF, 1 << 16);
  try {
    return ensue::apps::run(argc, argv);
  } catch (const ensue::Error& error) {
    std::fprintf(stderr, "ensue: %s\n", error.what());
    return ensue::apps::exit_status(error.code());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ensue: internal error, please report: %s\n",
                 error.what());
    return 70;
  }
}
