// SPDX-License-Identifier: Apache-2.0
// An artifact is plain safetensors: a few lines of Python read all of it.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"

namespace ensue {
namespace {

const std::string kPython = "/usr/bin/python3 ";

bool runs(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

std::string output_of(const std::string& command) {
  std::string out;
  FILE* pipe = ::popen(command.c_str(), "r");
  for (int c = 0; (c = std::fgetc(pipe)) != EOF;) {
    out += static_cast<char>(c);
  }
  ::pclose(pipe);
  return out;
}

TEST(Reader, PythonReadsNamesShapesValuesAndTheVocabulary) {
  if (!runs(kPython + "-c 'import numpy'")) {
    GTEST_SKIP() << "no /usr/bin/python3 with numpy";
  }
  artifact::Description about;
  about.model.name = "toy";
  about.items =
      events::Vocabulary::from_names(std::vector<std::string>{"mug", "茶杯"});
  about.item_table.columns = {{"price", std::vector<double>{2.5, 4}}};
  artifact::Draft draft(about);
  draft.add<float>("inputs.0.weight", {2, 3},
                   std::vector<float>{1, 2, 3, 4, 5, 6});
  draft.add<std::int64_t>("heads.0.counts", {1}, std::vector<std::int64_t>{7});
  const auto path =
      std::filesystem::path(testing::TempDir()) / "reader.safetensors";
  draft.write(path);

  const std::string said =
      output_of(kPython + ENSUE_READER + " '" + path.string() + "'");
  for (const char* line :
       {"ensue 1 toy\n", "inputs.0.weight float32 2 3 21.0\n",
        "heads.0.counts int64 1 7.0\n", "item_table.price float64 2 6.5\n",
        "['mug', '茶杯']\n"}) {
    EXPECT_NE(said.find(line), std::string::npos) << line << "not in\n" << said;
  }
}

}  // namespace
}  // namespace ensue
