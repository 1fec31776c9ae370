// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/texts.h"

#include <gtest/gtest.h>

#include "ensue/data/import.h"
#include "ensue/data/internal/test_folder.h"

namespace ensue::data {
namespace {

// "" where nothing was typed.
std::string text_of(const events::Log& log, events::UserId user,
                    std::size_t event) {
  const auto& column = log.context().back();
  const auto cell = log.history(user).context.row(event).back();
  return cell.empty() ? "" : std::string(column.values.name(cell.code()));
}

TEST(LogWithTexts, HasEveryTextBesideItsEvent) {
  TestFolder folder;
  ImportRequest asked =
      request(folder, folder.write("a.csv",
                                   "user,item,time,device,query\n"
                                   "ann,mug,1700000000,phone,red mug\n"
                                   "bob,cup,1700000001,desk,\n"
                                   "ann,cup,1700000002,desk,\"茶, 杯\"\n"));
  asked.columns.text = "query";
  asked.columns.context = {"device"};
  const Dataset dataset = Dataset::open(import_log(asked).dataset);
  const events::Log log = log_with_texts(dataset);
  ASSERT_EQ(log.context().size(), 2U);
  EXPECT_EQ(log.context()[1].name, "text");
  EXPECT_EQ(log.size(), 3U);
  const events::UserId ann{*log.user_names().find("ann")},
      bob{*log.user_names().find("bob")};
  EXPECT_EQ(text_of(log, ann, 0), "red mug");
  EXPECT_EQ(text_of(log, ann, 1), "茶, 杯");
  EXPECT_EQ(text_of(log, bob, 0), "");
  const auto device = log.history(ann).context.row(0)[0];
  EXPECT_EQ(log.context()[0].values.name(device.code()), "phone");
}

TEST(LogWithTexts, IsTheLogItselfWhereNobodyTypes) {
  TestFolder folder;
  const Dataset dataset =
      Dataset::open(import_log(request(folder, folder.write("a.csv",
                                                            "user,item,time\n"
                                                            "ann,mug,1\n"
                                                            "ann,cup,2\n")))
                        .dataset);
  EXPECT_EQ(log_with_texts(dataset).fingerprint(), dataset.log().fingerprint());
}

}  // namespace
}  // namespace ensue::data
