// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue/data_settings.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "apps/ensue/model_settings.h"
#include "ensue/data/guess.h"
#include "ensue/judge/split.h"
#include "ensue/train/fit.h"

namespace ensue::apps {
namespace {

namespace fs = std::filesystem;

class DataSettings : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "ensue-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  data::ImportRequest parsed(std::vector<std::string> words,
                             const std::vector<std::string>& files = {}) {
    CLI::App app;
    Settings settings;
    settings.add_config_option(app);
    add_data_options(app, settings);
    std::reverse(words.begin(), words.end());
    app.parse(words);
    settings.load();
    return import_request(settings, files);
  }

  fs::path folder_;
};

constexpr const char* kCdnow =
    "customer_id,date,cds,dollars\n1,1997-01-01,1,11.77\n";

TEST_F(DataSettings, ALayoutThatIsKnownNeedsNoSettings) {
  const auto request = parsed({}, {write("a.csv", kCdnow)});
  EXPECT_EQ(request.source.preset, "cdnow");
  EXPECT_EQ(request.columns.default_action, "purchase");
  EXPECT_FALSE(request.clean.duplicates);
}

TEST_F(DataSettings, WhatWasTypedBeatsThePreset) {
  const auto request = parsed(
      {"--preset", "cdnow", "--duplicates", "true", "--default_action", "buy"},
      {write("a.csv", kCdnow)});
  EXPECT_EQ(request.columns.default_action, "buy");
  EXPECT_TRUE(request.clean.duplicates);
}

TEST_F(DataSettings, PathsOfTheFileAreRelativeToItsFolder) {
  const auto config = write("shop.toml",
                            "[data]\nfiles = [\"a.csv\"]\nitems = \"i.csv\"\n"
                            "[columns]\nuser = \"u\"\n");
  const auto request = parsed({"--config", config});
  EXPECT_EQ(request.source.files,
            std::vector<std::string>{(folder_ / "a.csv").string()});
  EXPECT_EQ(request.source.items, (folder_ / "i.csv").string());
}

TEST_F(DataSettings, MissingMayNameAColumnPerKey) {
  const auto config =
      write("shop.toml",
            "[data]\nfiles = [\"a.csv\"]\n[columns]\nuser = \"u\"\n"
            "[missing]\nvalue = \"median\"\nprice = \"drop\"\n");
  EXPECT_EQ(parsed({"--config", config}).missing.columns,
            (std::vector<std::string>{"price=drop", "value=median"}));
}

TEST_F(DataSettings, EverySectionThatInitWritesIsUnderstood) {
  for (const char* text :
       {kCdnow, "user,item,time,rating\na,x,1700000000,5\nb,y,1700000001,4\n",
        "1 2\n1 3\n2 2\n"}) {
    const auto file = write("log.csv", text);
    const auto config =
        write("ensue.toml", data::settings_text(data::guess({file})));
    EXPECT_EQ(parsed({"--config", config}).source.files,
              std::vector<std::string>{file});
    CLI::App app;
    Settings settings;
    settings.add_config_option(app);
    app.parse("--config " + config);
    settings.load();
    judge::SplitOptions split;
    settings.read(split, "split");
    train::TrainOptions train;
    settings.read(train, "train");
    EXPECT_EQ(chosen_model(settings).config.at("name"), "gru");
  }
}

}  // namespace
}  // namespace ensue::apps
