// SPDX-License-Identifier: Apache-2.0
// Every ready configuration names a model and options that exist.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "apps/settings/settings.h"
#include "ensue/artifact/block_configs.h"
#include "ensue/models/catalog.h"
#include "ensue/train/fit.h"

namespace ensue::apps {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> configs() {
  std::vector<fs::path> out;
  for (const auto& entry : fs::recursive_directory_iterator(ENSUE_CONFIGS)) {
    if (entry.path().extension() == ".toml") out.push_back(entry.path());
  }
  return out;
}

artifact::ModelSpec model_of(const fs::path& path) {
  const JsonObject file = read_toml(path);
  JsonObject model = file.at("model").as_object();
  const std::string name(model.at("name").as_string());
  model.erase("name");
  return models::models().find(name).build(model);
}

TEST(Configs, EveryOneNamesAModelAndOptionsThatExist) {
  ASSERT_FALSE(configs().empty());
  for (const fs::path& path : configs()) {
    const JsonObject file = read_toml(path);
    train::TrainOptions options;
    EXPECT_NO_THROW(model_of(path)) << path;
    if (const Json* train = file.if_contains("train")) {
      EXPECT_NO_THROW(
          read_fields(options, train->as_object(), path.string() + " [train]"));
    }
  }
}

TEST(Configs, TheLstmHasThePublishedTwoLayerShape) {
  for (const fs::path& path : configs()) {
    if (path.filename() != "lstm.toml") continue;
    std::vector<std::int64_t> units;
    for (const auto& block : model_of(path).blocks) {
      if (block.type == "lstm") {
        units.push_back(block.config.at("hidden").as_int64());
      }
      if (block.type == "dropout") {
        EXPECT_EQ(block.config.at("rate").as_double(), 0.2);
      }
    }
    EXPECT_EQ(units, (std::vector<std::int64_t>{128, 64}));
    train::TrainOptions options;
    read_fields(options, read_toml(path).at("train").as_object(),
                path.string());
    EXPECT_EQ(options.optimizer, "adam");
    EXPECT_EQ(options.learning_rate, 1e-3);
    EXPECT_EQ(options.loss, "softmax");
  }
}

}  // namespace
}  // namespace ensue::apps
