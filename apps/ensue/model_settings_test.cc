// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/model_settings.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace ensue::apps {
namespace {

class ModelSettings : public testing::Test {
 protected:
  void SetUp() override {
    path_ =
        testing::TempDir() + "model." + std::to_string(::getpid()) + ".toml";
  }
  void TearDown() override { std::filesystem::remove(path_); }

  JsonObject config(const std::string& toml,
                    std::vector<std::string> arguments = {}) {
    std::ofstream(path_) << toml;
    arguments.insert(arguments.end(), {"--config", path_});
    std::ranges::reverse(arguments);  // as CLI11 wants them
    CLI::App app;
    Settings settings;
    settings.add_config_option(app);
    add_model_options(app, settings);
    app.parse(arguments);
    settings.load();
    return chosen_model(settings).config;
  }

  std::string path_;
};

TEST_F(ModelSettings, WithoutAWordTheDefaultModelIsTaken) {
  EXPECT_EQ(config("").at("name"), kDefaultModel);
}

TEST_F(ModelSettings, TheFilesModelKeepsTheFilesKeys) {
  const JsonObject chosen = config("[model]\nname = \"sasrec\"\nwidth = 32\n");
  EXPECT_EQ(chosen.at("name"), "sasrec");
  EXPECT_EQ(chosen.at("width"), 32);
}

TEST_F(ModelSettings, ATypedModelLeavesTheKeysOfTheFilesModelOut) {
  const JsonObject chosen = config("[model]\nname = \"sasrec\"\nheads = 1\n",
                                   {"--model", "popularity"});
  EXPECT_EQ(chosen.at("name"), "popularity");
  EXPECT_FALSE(chosen.contains("heads"));
}

TEST_F(ModelSettings, TypedNumbersAreKeptAsNumbers) {
  EXPECT_EQ(config("", {"--model", "gru", "--model.width", "48"}).at("width"),
            48);
}

TEST_F(ModelSettings, ATypedNameTakesTheShapeOfTheChosenModel) {
  EXPECT_EQ(
      config("", {"--model", "sasrec", "--model.hidden", "48"}).at("hidden"),
      48);
  EXPECT_EQ(
      config("", {"--model", "gru", "--model.hidden", "48,32"}).at("hidden"),
      (Json{48, 32}));
}

TEST_F(ModelSettings, TheConfigurationAsUsedNamesEveryField) {
  const JsonObject chosen = config("", {"--model", "sasrec"});
  for (const char* name : {"width", "heads", "window", "dropout"}) {
    EXPECT_TRUE(chosen.contains(name)) << name;
  }
}

TEST_F(ModelSettings, AFieldOfAnotherModelIsRefused) {
  EXPECT_THROW(config("[model]\nname = \"markov\"\nheads = 2\n"), Error);
}

}  // namespace
}  // namespace ensue::apps
