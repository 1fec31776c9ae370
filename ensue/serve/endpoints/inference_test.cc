// SPDX-License-Identifier: Apache-2.0
// The Open Inference Protocol over HTTP.
#include <gtest/gtest.h>

#include "ensue/serve/endpoints/testing.h"

namespace ensue::serve {
namespace {

using testing::OpenShop;

TEST(Inference, SaysWhatItIsAndWhatItsModelsTake) {
  OpenShop open;
  EXPECT_EQ(open.say("GET /v2"),
            R"({"name":"ensue","version":"2","extensions":[]})");
  EXPECT_EQ(open.say("GET /v2/health/live"), R"({"live":true})");
  EXPECT_EQ(open.say("GET /v2/health/ready"), R"({"ready":true})");
  EXPECT_EQ(open.say("GET /v2/models/main/ready"),
            R"({"name":"main","ready":true})");
  const Json about = open.ask("GET /v2/models/main").json();
  EXPECT_EQ(to_text(about.at("inputs").at(1)),
            R"({"name":"history","datatype":"BYTES","shape":[-1,-1]})");
  EXPECT_EQ(open.say("GET /v2/models/other"),
            R"(404 {"error":"unknown model 'other'; known: main"})");
}

TEST(Inference, AnswersSeveralUsersAtOnce) {
  OpenShop open;
  for (const int item : {3, 9}) open.shop.say("ann", item);
  const Json answer = open.ask("POST /v2/models/main/infer",
                               R"({"id":"q1","inputs":[
   {"name":"user","shape":[2],"datatype":"BYTES","data":["ann","bob"]},
   {"name":"k","shape":[1],"datatype":"INT64","data":[3]}]})")
                          .json();
  EXPECT_EQ(answer.at("model_name"), Json("main"));
  EXPECT_EQ(answer.at("id"), Json("q1"));
  const Json& items = answer.at("outputs").at(0);
  const Json& scores = answer.at("outputs").at(1);
  EXPECT_EQ(items.at("name"), Json("item"));
  EXPECT_EQ(items.at("datatype"), Json("BYTES"));
  EXPECT_EQ(to_text(items.at("shape")), "[2,3]");
  EXPECT_EQ(scores.at("datatype"), Json("FP32"));
  std::size_t at = 0;
  for (const char* user : {"ann", "bob"}) {
    const auto expected =
        open.shop.service.recommend(Question{.user = user, .k = 3});
    for (const Shown& shown : expected.reply.items) {
      EXPECT_EQ(items.at("data").at(at), Json(shown.item));
      EXPECT_EQ(scores.at("data").at(at).as_double(), shortest(shown.score));
      ++at;
    }
  }
}

TEST(Inference, AHistoryAnswersAsAUserWhoHasIt) {
  OpenShop open;
  for (const int item : {3, 9}) open.shop.say("ann", item);
  const auto ask = [&](const std::string& inputs) {
    return to_text(
        open.ask("POST /v2/models/main/infer",
                 R"({"inputs":[)" + inputs +
                     R"(,{"name":"exclude_seen","shape":[1],)"
                     R"("datatype":"BOOL","data":[true]}],)"
                     R"("outputs":[{"name":"score"},{"name":"item"}]})")
            .json()
            .at("outputs"));
  };
  const std::string user =
      ask(R"({"name":"user","shape":[1],"datatype":"BYTES","data":["ann"]})");
  // Values may be nested as the shape is, and short histories filled up.
  EXPECT_EQ(ask(R"({"name":"history","shape":[1,3],"datatype":"BYTES",)"
                R"("data":[["","item3","item9"]]})"),
            user);
  EXPECT_TRUE(user.starts_with(R"([{"name":"score")")) << user;
}

TEST(Inference, FillsPlacesThatNoItemTakes) {
  OpenShop open;
  const Json answer = open.ask("POST /v2/models/main/infer",
                               R"({"inputs":[
   {"name":"user","shape":[1],"datatype":"BYTES","data":["ann"]},
   {"name":"k","shape":[1],"datatype":"INT32","data":[62]}]})")
                          .json();
  EXPECT_EQ(to_text(answer.at("outputs").at(0).at("shape")), "[1,62]");
  EXPECT_NE(answer.at("outputs").at(0).at("data").at(59), Json(""));
  EXPECT_EQ(answer.at("outputs").at(0).at("data").at(60), Json(""));
}

TEST(Inference, BoundsTheQuestionsOfOneRequest) {
  OpenShop open;
  std::string users;
  for (int i = 0; i < 1001; ++i) users += i == 0 ? "\"u\"" : ",\"u\"";
  EXPECT_EQ(open.say("POST /v2/models/main/infer",
                     R"({"inputs":[{"name":"user","shape":[1001],)"
                     R"("datatype":"BYTES","data":[)" +
                         users + "]}]}"),
            R"(400 {"error":"inputs: 1001 users or histories, expected at )"
            R"(most 1000"})");
}

TEST(Inference, SaysWhatIsWrongWithATensor) {
  OpenShop open;
  const auto refused = [&](const std::string& inputs) {
    return open.say("POST /v2/models/main/infer",
                    R"({"inputs":[)" + inputs + "]}");
  };
  EXPECT_EQ(
      refused(R"({"name":"user","shape":[2],"datatype":"BYTES","data":["a"]})"),
      R"(400 {"error":"line 1: inputs[0].data: a list, expected 2 values as )"
      R"(the shape says, not 1"})");
  EXPECT_EQ(
      refused(R"({"name":"user","shape":[1],"datatype":"FP32","data":[1]})"),
      R"(400 {"error":"line 1: inputs[0]: an object, expected datatype BYTES )"
      R"(and 1 dimension"})");
  EXPECT_EQ(refused(R"({"name":"x","shape":[1],"datatype":"FP32","data":[1]})"),
            R"(400 {"error":"line 1: inputs[0].name: 'x', expected user, )"
            R"(history, k or exclude_seen"})");
  EXPECT_EQ(refused(""),
            R"(400 {"error":"line 1: inputs: a list, expected one of the )"
            R"(tensors user and history"})");
  EXPECT_EQ(refused(R"({"name":"user","shape":[1e9],"datatype":"BYTES",)"
                    R"("data":[]})"),
            R"(400 {"error":"line 1: inputs[0].shape[0]: 1e+09, )"
            R"(expected a size of a tensor"})");
}

}  // namespace
}  // namespace ensue::serve
