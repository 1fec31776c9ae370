// SPDX-License-Identifier: Apache-2.0
// ensue-serve: the server alone, without what training needs.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "apps/serving/serving.h"
#include "ensue/base/error.h"

namespace ensue::apps {
namespace {

int exit_status(Code code) { return code == Code::kUnavailable ? 75 : 2; }

int run(int argc, char** argv) {
  CLI::App app("ensue-serve: answers over HTTP, after every click",
               "ensue-serve");
  app.footer("Example:\n  ensue-serve --model runs/latest/model.safetensors");
  Settings settings;
  settings.add_config_option(app);
  add_serving_options(app, settings);
  std::string name, scopes, file = "keys.txt";
  CLI::App* keys = app.add_subcommand("keys", "who may ask");
  CLI::App* add = keys->add_subcommand("add", "make a key and print it, once");
  add->add_option("name", name, "whose key, one word")->required();
  add->add_option("scopes", scopes, "of ingest,read,admin")->required();
  add->add_option("--file", file, "where its hash is written");
  keys->require_subcommand(1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::fprintf(stderr,
                 "ensue-serve: %s; 'ensue-serve --help' lists what is known\n",
                 error.what());
    return 2;
  }
  if (add->parsed()) {
    add_key(name, scopes, file);
    return 0;
  }
  settings.load();
  ServingOptions options;
  settings.read(options, "serve");
  return run_server(options);
}

}  // namespace
}  // namespace ensue::apps

int main(int argc, char** argv) {
  try {
    return ensue::apps::run(argc, argv);
  } catch (const ensue::Error& error) {
    std::fprintf(stderr, "ensue-serve: %s\n", error.what());
    return ensue::apps::exit_status(error.code());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ensue-serve: internal error, please report: %s\n",
                 error.what());
    return 70;
  }
}
