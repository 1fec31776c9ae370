// SPDX-License-Identifier: Apache-2.0
// A folder of its own for a test, and where the real data lies.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/base/error.h"
#include "ensue/data/import.h"

namespace ensue::data {

class TestFolder {
 public:
  TestFolder() {
    std::string name =
        (std::filesystem::temp_directory_path() / "ensue-data-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestFolder(const TestFolder&) = delete;

  std::string operator/(std::string_view name) const {
    return (path_ / name).string();
  }
  std::string write(std::string_view name, std::string_view text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return *this / name;
  }

 private:
  std::filesystem::path path_;
};

/// $ENSUE_SHARED_DATA, or ../shared/data of the project; "" when absent.
inline std::string shared_data(const std::string& file) {
  const char* named = std::getenv("ENSUE_SHARED_DATA");
  const std::filesystem::path root =
      named != nullptr ? named : ENSUE_SOURCE_FOLDER "/../shared/data";
  return std::filesystem::exists(root / file) ? (root / file).string() : "";
}

/// Columns user, item, time, action, value where the header has them.
inline ImportRequest request(const TestFolder& folder, const std::string& file,
                             std::string_view columns = "user,item,time") {
  ImportRequest out;
  out.source.files = {file};
  out.source.dataset = folder / "dataset";
  const auto has = [&](std::string_view name) {
    return columns.find(name) != std::string_view::npos ? std::string(name)
                                                        : std::string();
  };
  out.columns.user = has("user");
  out.columns.item = has("item");
  out.columns.time = has("time");
  out.columns.action = has("action");
  out.columns.value = has("value");
  return out;
}

/// The message of the Error that `body` throws, after "CODE "; "" when none.
inline std::string error_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    constexpr const char* kNames[] = {"invalid", "not-found", "corrupt",
                                      "unavailable"};
    return std::string(kNames[static_cast<int>(error.code())]) + " " +
           error.what();
  }
  return {};
}

inline std::uint64_t rows_of(const CleaningReport& report,
                             std::string_view rule) {
  for (const RuleCount& count : report.rules) {
    if (count.rule == rule) return count.rows;
  }
  return 0;
}

inline const std::vector<SampleRow>& samples_of(const CleaningReport& report,
                                                std::string_view rule) {
  for (const RuleCount& count : report.rules) {
    if (count.rule == rule) return count.samples;
  }
  static const std::vector<SampleRow> none;
  return none;
}

}  // namespace ensue::data
