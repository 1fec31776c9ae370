// SPDX-License-Identifier: Apache-2.0
// Input that is wrong: one clear line, or a right result.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "ensue/data/dataset.h"
#include "ensue/data/import.h"
#include "ensue/data/internal/test_folder.h"
#include "ensue/data/version.h"

namespace ensue::data {
namespace {

std::string import_error(const ImportRequest& r) {
  const std::string text = error_of([&] { import_log(r); });
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  return text;
}

void expect_parts(const std::string& text,
                  std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in: " << text;
  }
}

TEST(BadInput, AFileThatIsNotThereIsNotFound) {
  const TestFolder folder;
  expect_parts(import_error(request(folder, folder / "none.csv")),
               {"not-found ", "none.csv: no such file"});
}

TEST(BadInput, AFolderIsNoFile) {
  const TestFolder folder;
  expect_parts(import_error(request(folder, folder / "")),
               {"invalid ", "is a folder"});
}

TEST(BadInput, AnEmptyFileSaysSo) {
  const TestFolder folder;
  for (const char* text : {"", "\n\n \n"}) {
    expect_parts(import_error(request(folder, folder.write("e.csv", text))),
                 {"invalid ", "e.csv: is empty"});
  }
}

TEST(BadInput, AHeaderAloneSaysSo) {
  const TestFolder folder;
  expect_parts(
      import_error(request(folder, folder.write("h.csv", "user,item,time\n"))),
      {"invalid ", "h.csv: has a header and no rows"});
}

TEST(BadInput, BinaryJunkIsNoText) {
  const TestFolder folder;
  std::string junk;
  for (int i = 0; i < 5000; ++i) {
    junk += static_cast<char>(1 + i * 7919 % 250);
  }
  expect_parts(import_error(request(folder, folder.write("j.csv", junk))),
               {"invalid ", "j.csv: "});
  expect_parts(import_error(request(
                   folder, folder.write("z.csv", std::string("a,b\n\0\1", 6)))),
               {"invalid ", "z.csv: is no text: byte 4 is 0"});
}

TEST(BadInput, AnExcelFileSaysSo) {
  const TestFolder folder;
  expect_parts(import_error(request(
                   folder, folder.write("t.csv", "PK\x03\x04 workbook"))),
               {"invalid ", "Excel"});
}

TEST(BadInput, AWrongDelimiterListsTheColumnsThatAreThere) {
  const TestFolder folder;
  expect_parts(
      import_error(request(
          folder,
          folder.write("w.csv", "user|item;time|x\na|b;1|x\nc|d;2|x\n"))),
      {"invalid ", "w.csv: has no column 'user'"});
}

TEST(BadInput, AColumnThatIsNotThereListsThoseThatAre) {
  const TestFolder folder;
  ImportRequest r =
      request(folder, folder.write("a.csv", "who,item,time\na,x,1700000000\n"));
  expect_parts(import_error(r), {"invalid ", "a.csv: has no column 'user'",
                                 "it has who, item, time"});
}

TEST(BadInput, OneBrokenRowInAMillionIsCountedWithItsLine) {
  const TestFolder folder;
  std::string text = "user,item,time\n";
  for (int i = 0; i < 1'000'000; ++i) {
    text += i == 777'777
                ? "oops\n"
                : std::to_string(i % 5000) + ",i" + std::to_string(i % 300) +
                      "," + std::to_string(1700000000 + i) + "\n";
  }
  const CleaningReport report =
      import_log(request(folder, folder.write("m.csv", text))).report;
  EXPECT_EQ(report.rows, 1'000'000U);
  EXPECT_EQ(report.kept, 999'999U);
  ASSERT_EQ(samples_of(report, "unreadable").size(), 1U);
  EXPECT_EQ(samples_of(report, "unreadable")[0].line, 777'779U);
  EXPECT_EQ(samples_of(report, "unreadable")[0].content, "oops");
}

// `broken` stands in the middle of 20,000 good lines.
CleaningReport import_around(const std::string& broken, bool quoted) {
  const TestFolder folder;
  std::string text = "user,item,time\n";
  for (int i = 0; i < 20'000; ++i) {
    const std::string item = "i" + std::to_string(i % 300);
    text += i == 10'000 ? broken
                        : "u" + std::to_string(i % 500) + "," +
                              (quoted ? '"' + item + '"' : item) + "," +
                              std::to_string(1700000000 + i);
    text += '\n';
  }
  return import_log(request(folder, folder.write("q.csv", text))).report;
}

TEST(BadInput, AQuoteThatNeverClosesCostsItsOwnLineOnly) {
  for (const bool quoted : {false, true}) {
    const std::string broken = "u1,\"broken,1700000000";
    const CleaningReport report = import_around(broken, quoted);
    EXPECT_EQ(report.rows, 20'000U) << quoted;
    EXPECT_EQ(report.kept, 19'999U) << quoted;
    const auto samples = samples_of(report, "unreadable");
    ASSERT_EQ(samples.size(), 1U) << quoted;
    EXPECT_EQ(samples[0].line, 10'002U);
    EXPECT_EQ(samples[0].content, broken);
    EXPECT_TRUE(samples[0].file.ends_with("q.csv")) << samples[0].file;
  }
}

TEST(BadInput, AFieldOfSeveralLinesIsNoQuoteThatNeverCloses) {
  const CleaningReport report =
      import_around("u1,\"two\nlines\",1700000000\nu2,\"oops,1", true);
  EXPECT_EQ(report.rows, 20'001U);
  EXPECT_EQ(report.kept, 20'000U);
  ASSERT_EQ(samples_of(report, "unreadable").size(), 1U);
  EXPECT_EQ(samples_of(report, "unreadable")[0].line, 10'004U);
}

TEST(BadInput, DatesInFiveFormatsInOneColumnAreRead) {
  const TestFolder folder;
  const auto result = import_log(
      request(folder, folder.write("d.csv",
                                   "user,item,time\n"
                                   "a,x,2024-04-03\na,x,04/04/2024 10:00\n"
                                   "a,x,5 Apr 2024\na,x,2024-04-06T10:00:00Z\n"
                                   "a,x,1712478400\na,x,25/04/2024\n")));
  EXPECT_EQ(result.report.kept, 6U);
  const auto log = Dataset::open(result.dataset).log();
  EXPECT_EQ(count(log.columns().times[1]), 1'712'224'800'000);  // 4 April
}

TEST(BadInput, DayFirstAndMonthFirstInOneColumnAreRefused) {
  const TestFolder folder;
  expect_parts(import_error(request(
                   folder, folder.write("d.csv",
                                        "user,item,time\na,x,25/12/2024\n"
                                        "a,x,12/26/2024\n"))),
               {"invalid ", "'time'", "day first", "month first"});
}

TEST(BadInput, DatesThatNeverSayWhichIsTheDayAreRefused) {
  const TestFolder folder;
  expect_parts(
      import_error(request(
          folder, folder.write("d.csv", "user,item,time\na,x,3/4/2024\n"))),
      {"invalid ", "columns.time_format", "%d/%m/%Y"});
}

TEST(BadInput, AUserWith100000EventsAndOneItemIsALog) {
  const TestFolder folder;
  std::string text = "user,item,time\n";
  for (int i = 0; i < 100'000; ++i) {
    text += "a,x," + std::to_string(1700000000 + 60LL * i) + "\n";
  }
  const auto log =
      Dataset::open(
          import_log(request(folder, folder.write("a.csv", text))).dataset)
          .log();
  EXPECT_EQ(log.users(), 1U);
  EXPECT_EQ(log.items(), 1U);
  EXPECT_EQ(log.size(), 100'000U);
}

TEST(BadInput, ALogOfWhichNothingIsLeftNamesTheRule) {
  const TestFolder folder;
  expect_parts(
      import_error(request(
          folder,
          folder.write("a.csv", "user,item,time\na,x,soon\na,y,later\n"))),
      {"invalid ", "none of its 2 rows", "'bad_time'"});
}

TEST(BadInput, AFolderThatIsNoDatasetIsNotReplaced) {
  const TestFolder folder;
  ImportRequest r = request(
      folder, folder.write("a.csv", "user,item,time\na,x,1700000000\n"));
  std::filesystem::create_directory(folder / "dataset");
  folder.write("dataset/thesis.txt", "years of work");
  expect_parts(import_error(r), {"invalid ", "is no dataset"});
  EXPECT_TRUE(std::filesystem::exists(folder / "dataset/thesis.txt"));
}

TEST(BadInput, FilesOfDifferentLayoutsAreNotMixed) {
  const TestFolder folder;
  ImportRequest r = request(
      folder, folder.write("a.csv", "user,item,time\na,x,1700000000\n"));
  r.source.files.push_back(
      folder.write("b.csv", "time,user,item\n1700000000,a,x\n"));
  expect_parts(import_error(r), {"invalid ", "b.csv: has other columns"});
}

TEST(BadInput, OptionsAreChecked) {
  const TestFolder folder;
  const ImportRequest good = request(
      folder, folder.write("a.csv", "user,item,time\na,x,1700000000\n"));
  ImportRequest r = good;
  r.source.memory = "much";
  expect_parts(import_error(r), {"invalid ", "data.memory: 'much'"});
  r = good;
  r.missing.columns = {"value=guess"};
  expect_parts(import_error(r), {"invalid ", "'value=guess'"});
  r = good;
  r.clean.time_from = "once";
  expect_parts(import_error(r), {"invalid ", "clean.time_from: 'once'"});
  r = good;
  r.source.preset = "otto2";
  expect_parts(import_error(r), {"not-found ", "otto2", "online-retail"});
}

std::string many_rows() {
  std::string text = "user,item,time\n";
  for (int i = 0; i < 600'000; ++i) {
    text += std::to_string(i * 7919LL % 300'007) + "," +
            std::to_string(i * 104729LL % 50'021) + "," +
            std::to_string(1700000000 + i * 31LL % 9'999'991) + "\n";
  }
  return text;
}

TEST(BadInput, ADiskThatFillsUpIsUnavailableAndLeavesNoDataset) {
  const TestFolder folder;
  const ImportRequest r = request(folder, folder.write("a.csv", many_rows()));
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1 << 20, 1 << 20};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const std::string text = error_of([&] { import_log(r); });
    ::_exit(text.starts_with("unavailable ") ? 42 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 42);
  EXPECT_FALSE(std::filesystem::exists(folder / "dataset"));
  EXPECT_FALSE(std::filesystem::exists(folder / "dataset.part"));
}

TEST(BadInput, KillDuringImportLeavesNoDatasetAndTheNextImportWorks) {
  const TestFolder folder;
  const ImportRequest r = request(folder, folder.write("a.csv", many_rows()));
  for (const int wait_ms : {5, 60, 150, 300}) {
    const pid_t child = ::fork();
    if (child == 0) {
      import_log(r);
      ::_exit(0);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(wait_ms));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (std::filesystem::exists(folder / "dataset")) {
      EXPECT_EQ(Dataset::open(folder / "dataset", /*verify=*/true).log().size(),
                600'000U);
    }
  }
  EXPECT_EQ(import_log(r).report.kept, 600'000U);
  EXPECT_FALSE(std::filesystem::exists(folder / "dataset.part"));
}

TEST(BadInputDeathTest, AMissingLibraryIsOneClearLine) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        ::setenv("ENSUE_DUCKDB", "/nowhere/libduckdb.so", 1);
        const TestFolder folder;
        const std::string text = error_of([&] {
          import_log(request(folder, folder.write("a.csv", "user,item\na,x\n"),
                             "user,item"));
        });
        std::fprintf(stderr, "%s %s\n", text.c_str(), duckdb_version().c_str());
        ::_exit(0);
      },
      testing::ExitedWithCode(0),
      "unavailable DuckDB is missing.*/nowhere/libduckdb.so.* absent");
}

}  // namespace
}  // namespace ensue::data
