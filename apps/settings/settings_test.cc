// SPDX-License-Identifier: Apache-2.0
#include "apps/settings/settings.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace ensue::apps {
namespace {

struct Options {
  int epochs = 30;
  double rate = 0.5;
  std::vector<std::string> names;
  void visit(auto&& field) {
    field("epochs", epochs, "passes");
    field("rate", rate, "share");
    field("names", names, "some names");
  }
};

class SettingsTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              ("settings." + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // The options as a verb sees them after `arguments` (last first, as CLI11
  // wants them) over a settings file.
  Options parsed(const std::string& toml, std::vector<std::string> arguments) {
    const std::string path = (folder_ / "ensue.toml").string();
    std::ofstream(path) << toml;
    arguments.insert(arguments.begin(), {path, "--config"});
    CLI::App app;
    Settings settings;
    settings.add_config_option(app);
    settings.add_options<Options>(app, "train");
    app.parse(arguments);
    settings.load();
    Options options;
    settings.read(options, "train");
    return options;
  }

  std::filesystem::path folder_;
};

TEST_F(SettingsTest, DefaultsStandWhenNothingIsSaid) {
  EXPECT_EQ(parsed("", {}).epochs, 30);
}

TEST_F(SettingsTest, TheFileOverridesDefaults) {
  EXPECT_EQ(parsed("[train]\nepochs = 3\n", {}).epochs, 3);
}

TEST_F(SettingsTest, WhatIsTypedOverridesTheFile) {
  EXPECT_EQ(parsed("[train]\nepochs = 3\n", {"4", "--epochs"}).epochs, 4);
  EXPECT_EQ(parsed("[train]\nepochs = 3\n", {"5", "--train.epochs"}).epochs, 5);
}

TEST_F(SettingsTest, ReloadingKeepsWhatWasTypedOnTop) {
  const std::string other = (folder_ / "other.toml").string();
  std::ofstream(other) << "[train]\nepochs = 7\nrate = 0.25\n";
  CLI::App app;
  Settings settings;
  settings.add_options<Options>(app, "train");
  app.parse(std::vector<std::string>{"9", "--epochs"});
  settings.load();
  settings.reload(other);
  Options options;
  settings.read(options, "train");
  EXPECT_EQ(options.epochs, 9);
  EXPECT_EQ(options.rate, 0.25);
}

TEST_F(SettingsTest, ListsAreTypedWithCommas) {
  EXPECT_EQ(parsed("", {"a,b", "--names"}).names,
            (std::vector<std::string>{"a", "b"}));
}

TEST_F(SettingsTest, CommasInBracketsBelongToAMember) {
  EXPECT_EQ(parsed("", {"a=[1,2]|[3],b", "--names"}).names,
            (std::vector<std::string>{"a=[1,2]|[3]", "b"}));
}

TEST_F(SettingsTest, AWrongTypeIsRefusedWithFileSectionKeyAndValue) {
  try {
    parsed("[train]\nepochs = \"many\"\n", {});
    FAIL();
  } catch (const Error& error) {
    const std::string what = error.what();
    EXPECT_EQ(error.code(), Code::kInvalidArgument);
    EXPECT_NE(what.find("ensue.toml [train].epochs: \"many\""),
              std::string::npos)
        << what;
  }
}

TEST_F(SettingsTest, AnUnknownKeyIsRefusedAndTheKnownOnesListed) {
  try {
    parsed("[train]\nepoch = 3\n", {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("known: epochs, rate, names"),
              std::string::npos)
        << error.what();
  }
}

TEST_F(SettingsTest, BrokenTomlIsRefusedWithItsLine) {
  try {
    parsed("[train]\nepochs = = 3\n", {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kCorrupt);
    EXPECT_NE(std::string(error.what()).find("ensue.toml:2:"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace ensue::apps
