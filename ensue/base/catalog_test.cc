// SPDX-License-Identifier: Apache-2.0
#include "ensue/base/catalog.h"

#include <gtest/gtest.h>

namespace ensue {
namespace {

struct Thing {
  std::string_view name;
  int value;
};

const Catalog<Thing>& things() {
  static const Catalog<Thing> list("thing", {{"b", 2}, {"a", 1}});
  return list;
}

TEST(Catalog, FindsByName) { EXPECT_EQ(things().find("a").value, 1); }

TEST(Catalog, KeepsTheOrderOfTheList) {
  EXPECT_EQ(things().all()[0].name, "b");
}

TEST(Catalog, AnUnknownNameListsTheKnownOnes) {
  try {
    things().find("c");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kNotFound);
    EXPECT_STREQ(error.what(), "unknown thing 'c'; known: b, a");
  }
}

}  // namespace
}  // namespace ensue
