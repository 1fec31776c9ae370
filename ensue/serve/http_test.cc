// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/http.h"

#include <gtest/gtest.h>

#include "ensue/serve/route_table.h"

namespace ensue::serve {
namespace {

Request of(std::string_view target) {
  Request out;
  read_target(target, out);
  return out;
}

TEST(Http, ReadsTheQueryWithItsEscapes) {
  const Request r =
      of("/v1/recommend?user=J%C3%BCrgen+B&k=5&only=a%3Db&only=c&x");
  EXPECT_EQ(r.path, "/v1/recommend");
  EXPECT_EQ(*r.in_query("user"), "Jürgen B");
  EXPECT_EQ(r.number("k", 1, 1, 10), 5);
  EXPECT_EQ(r.all_in_query("only"), (std::vector<std::string>{"a=b", "c"}));
  EXPECT_EQ(*r.in_query("x"), "");
  EXPECT_EQ(r.in_query("y"), nullptr);
  EXPECT_EQ(r.number("y", 7, 1, 10), 7);
}

TEST(Http, RefusesWhatIsNoNumberInRange) {
  for (const char* bad : {"/?k=0", "/?k=11", "/?k=x", "/?k=", "/?k=1.5"}) {
    EXPECT_THROW(of(bad).number("k", 1, 1, 10), Error) << bad;
  }
}

TEST(Http, RefusesBrokenEscapes) {
  for (const char* bad : {"/?a=%", "/?a=%4", "/?a=%zz", "/?a=%00"}) {
    EXPECT_THROW(of(bad), Error) << bad;
  }
  EXPECT_EQ(decode_piece("a%2Fb+c"), "a/b+c");
}

Endpoint endpoint(Method method, std::string_view path) {
  return {.method = method, .path = path, .group = "v1", .summary = ""};
}

TEST(RouteTable, FindsFixedPiecesBeforeNamesAndDecodesAfterCutting) {
  const std::vector<Endpoint> list = {
      endpoint(Method::kGet, "/users/{user}"),
      endpoint(Method::kGet, "/users/all"),
      endpoint(Method::kPost, "/users/{user}/{kind}"),
      endpoint(Method::kDelete, "/users/{user}")};
  const RouteTable table(list);
  const auto find = [&](Method method, std::string_view target) {
    Request r = of(target);
    r.method = method;
    const Match match = table.find(r);
    return std::pair(match, r);
  };
  EXPECT_EQ(find(Method::kGet, "/users/all").first.endpoint, &list[1]);
  const auto [match, request] = find(Method::kGet, "/users/a%2Fb/");
  EXPECT_EQ(match.endpoint, &list[0]);
  EXPECT_EQ(request.in_path("user"), "a/b");
  const auto two = find(Method::kPost, "/users/all/x");
  EXPECT_EQ(two.first.endpoint, &list[2]);
  EXPECT_EQ(two.second.in_path("user"), "all");
  EXPECT_EQ(find(Method::kPut, "/users/x").first.allowed, "GET, DELETE");
  EXPECT_EQ(find(Method::kGet, "/nobody").first.endpoint, nullptr);
  EXPECT_EQ(find(Method::kGet, "/nobody").first.allowed, "");
}

TEST(RouteTable, RefusesTheSameRequestTwice) {
  const std::vector<Endpoint> list = {endpoint(Method::kGet, "/a/{x}"),
                                      endpoint(Method::kGet, "/a/{y}")};
  EXPECT_THROW(RouteTable{list}, Error);
}

}  // namespace
}  // namespace ensue::serve
