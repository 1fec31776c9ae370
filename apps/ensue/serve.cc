// SPDX-License-Identifier: Apache-2.0
// ensue serve: answers over HTTP, after every click.
#include <memory>

#include "apps/ensue/verb.h"
#include "apps/serving/serving.h"

namespace ensue::apps {
namespace {

Action add(CLI::App& app, Settings& settings) {
  add_serving_options(app, settings);
  return [&settings] {
    ServingOptions options;
    settings.read(options, "serve");
    return run_server(options);
  };
}

struct Typed {
  std::string name, scopes, file = "keys.txt";
};

Action add_keys(CLI::App& app, Settings&) {
  auto typed = std::make_shared<Typed>();
  app.add_option("name", typed->name, "whose key, one word")->required();
  app.add_option("scopes", typed->scopes, "of ingest,read,admin")->required();
  app.add_option("--file", typed->file, "where its hash is written");
  return [typed] {
    add_key(typed->name, typed->scopes, typed->file);
    return 0;
  };
}

}  // namespace

Verb serve_verb() {
  return {"serve", "answer over HTTP, after every click",
          "ensue serve --model runs/latest/model.safetensors --port 8087", add};
}

Verb keys_verb() {
  return {"keys", "make a key for the server and print it, once",
          "ensue keys shop ingest,read --file keys.txt", add_keys};
}

}  // namespace ensue::apps
