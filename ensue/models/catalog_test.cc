// SPDX-License-Identifier: Apache-2.0
#include "ensue/models/catalog.h"

#include <gtest/gtest.h>

#include "ensue/artifact/blocks.h"

namespace ensue::models {
namespace {

std::string refusal(std::string_view name, const JsonObject& config) {
  try {
    models().find(name).build(config);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kInvalidArgument);
    return error.what();
  }
  return "";
}

std::string types(const std::vector<artifact::BlockSpec>& list) {
  std::string out;
  for (const auto& b : list) out += b.type + " ";
  return out;
}

TEST(Models, EveryBlockOfEveryModelIsInTheCatalogueInItsRole) {
  for (const ModelEntry& entry : models().all()) {
    const artifact::ModelSpec spec = entry.build({});
    EXPECT_EQ(spec.name, entry.name);
    for (const auto& b : spec.inputs) {
      EXPECT_EQ(artifact::blocks().find(b.type).role, artifact::Role::kInput);
    }
    for (const auto& b : spec.blocks) {
      EXPECT_EQ(artifact::blocks().find(b.type).role, artifact::Role::kLayer);
    }
    ASSERT_GE(spec.heads.size(), 1u);
    for (const auto& b : spec.heads) {
      EXPECT_EQ(artifact::blocks().find(b.type).role, artifact::Role::kHead);
    }
  }
}

TEST(Models, TheTwoLayerLstmHasTheShapeOfItsConfiguration) {
  const auto spec = models().find("lstm").build(
      {{"width", 100}, {"hidden", {128, 64}}, {"tied", false}});
  EXPECT_EQ(types(spec.blocks), "dropout lstm dropout lstm dropout ");
  EXPECT_EQ(spec.blocks[1].config.at("hidden").as_int64(), 128);
  EXPECT_EQ(spec.blocks[3].config.at("inputs").as_int64(), 128);
  EXPECT_EQ(spec.heads[0].config.at("width").as_int64(), 64);
}

TEST(Models, ATiedHeadOfAnotherWidthIsProjected) {
  const auto spec = models().find("gru").build({{"hidden", {100}}});
  EXPECT_EQ(spec.blocks.back().type, "linear");
  EXPECT_EQ(spec.blocks.back().config.at("outputs").as_int64(), 64);
}

TEST(Models, ATransformersPositionsCanBeLeftOut) {
  const auto& entry = models().find("transformer");
  EXPECT_EQ(types(entry.build({}).inputs),
            "item_embedding position_embedding ");
  EXPECT_EQ(types(entry.build({{"positions", "none"}}).inputs),
            "item_embedding ");
}

TEST(Models, EverySequenceModelCanReadTimesAndValues) {
  for (const char* name : {"gru", "sasrec", "hstu", "nextitnet"}) {
    const auto spec = models().find(name).build({{"actions", true},
                                                 {"gaps", true},
                                                 {"calendar", true},
                                                 {"values", true},
                                                 {"context", {"shelf"}}});
    EXPECT_EQ(types(spec.inputs)
                  .find("item_embedding action_embedding gap_embedding "
                        "calendar_embedding value_embedding "
                        "context_embedding "),
              0u)
        << name;
  }
}

TEST(Models, ContentMakesItemVectorsAndScoresWithThemAlone) {
  for (const char* name : {"gru", "sasrec", "hstu", "nextitnet"}) {
    const auto spec = models().find(name).build(
        {{"content", {"title", "price"}}, {"id_dropout", 0.5}});
    EXPECT_EQ(spec.inputs[0].type, "item_content") << name;
    EXPECT_EQ(spec.inputs[0].config.at("id_dropout").as_double(), 0.5);
    EXPECT_EQ(spec.inputs[0].config.at("columns").as_array().size(), 2u);
    EXPECT_FALSE(spec.heads[0].config.at("bias").as_bool()) << name;
  }
}

TEST(Models, ContentThatScoresWouldNotUseIsRefused) {
  EXPECT_EQ(refusal("gru", {{"content", "title"}, {"tied", false}}),
            "gru.tied: false, expected true beside content");
  EXPECT_EQ(refusal("sasrec", {{"id_dropout", 1}}),
            "sasrec.id_dropout: 1E0, expected a share in [0, 1)");
}

TEST(Models, EsasrecStacksGatedLayers) {
  EXPECT_EQ(types(models().find("esasrec").build({}).blocks),
            "dropout ligr ligr layer_norm ");
}

TEST(Models, Bert4RecIsAskedByAMaskAndLooksBothWays) {
  const auto spec = models().find("bert4rec").build({});
  EXPECT_EQ(types(spec.blocks),
            "dropout bidirectional_transformer bidirectional_transformer "
            "layer_norm ");
  EXPECT_TRUE(spec.inputs[0].config.at("mask").as_bool());
}

TEST(Models, NextItNetHasABlockForEveryDilation) {
  const auto spec =
      models().find("nextitnet").build({{"dilations", {1, 2, 4}}});
  EXPECT_EQ(types(spec.blocks),
            "dropout causal_conv causal_conv causal_conv dropout ");
  EXPECT_EQ(spec.blocks[3].config.at("dilation").as_int64(), 4);
}

TEST(Models, ItemVectorsOfLengthOneHaveANormAndNoBiasAtTheHead) {
  for (const std::string name : {"gru", "nextitnet", "sasrec", "hstu"}) {
    const auto spec = models().find(name).build({{"unit_items", true}});
    EXPECT_TRUE(spec.inputs[0].config.at("unit").as_bool()) << name;
    EXPECT_EQ(spec.blocks.back().type, "layer_norm") << name;
    EXPECT_FALSE(spec.heads[0].config.at("bias").as_bool()) << name;
    const auto plain = models().find(name).build({});
    EXPECT_FALSE(plain.inputs[0].config.at("unit").as_bool()) << name;
  }
  EXPECT_EQ(types(models().find("gru").build({}).blocks),
            "dropout gru dropout ");
  EXPECT_EQ(refusal("gru", {{"unit_items", true}, {"content", {"title"}}}),
            "gru.unit_items: true, expected false beside content");
  EXPECT_EQ(refusal("gru", {{"unit_items", true}, {"tied", false}}),
            "gru.tied: false, expected true beside unit_items");
}

TEST(Models, ABadValueIsNamedWithWhatWasExpected) {
  EXPECT_EQ(refusal("sasrec", {{"heads", 3}}),
            "sasrec.heads: 3, expected a divisor of width=64");
  EXPECT_EQ(refusal("hstu", {{"time_buckets", -1}}),
            "hstu.time_buckets: -1, expected 0 or more");
  EXPECT_EQ(refusal("gru", {{"dropout", 1.5}}),
            "gru.dropout: 1.5E0, expected a share in [0, 1)");
  EXPECT_EQ(refusal("gru4rec", {{"repeats", -1}}),
            "gru4rec.repeats: -1, expected 0 or more");
  EXPECT_EQ(refusal("nextitnet", {{"kernel", 1}}),
            "nextitnet.kernel: 1, expected at least 2");
  EXPECT_EQ(refusal("transformer", {{"positions", "sines"}}),
            "transformer.positions: sines, expected learned or none");
  EXPECT_EQ(refusal("bert4rec", {{"window", 1}}),
            "bert4rec.window: 1, expected at least 2");
  EXPECT_EQ(refusal("transformer", {{"norm", "rms"}}),
            "transformer.norm: rms, expected pre or post");
  EXPECT_NE(refusal("gru", {{"widht", 3}}).find("unknown key 'widht'"),
            std::string::npos);
}

TEST(Models, AnUnknownNameListsTheKnownOnes) {
  try {
    models().find("sasrek");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "unknown model 'sasrek'; known: popularity, markov, "
                 "session-knn, rnn, lstm, gru, gru4rec, sasrec, gsasrec, "
                 "esasrec, bert4rec, transformer, nextitnet, seq2seq, hstu");
  }
}

}  // namespace
}  // namespace ensue::models
