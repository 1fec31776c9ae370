// SPDX-License-Identifier: Apache-2.0
#include "ensue/artifact/artifact.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <regex>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/fields.h"

namespace ensue::artifact {
namespace {

Description description() {
  Description out;
  out.model.name = "toy";
  out.model.inputs = {{"item_embedding", write_fields(ItemEmbeddingConfig{3})}};
  out.model.blocks = {{"dropout", write_fields(DropoutConfig{})}};
  out.model.heads = {{"next_item", write_fields(NextItemConfig{3})}};
  out.schema.order_within_instant = true;
  out.items =
      events::Vocabulary::from_names(std::vector<std::string>{"mug", "茶杯"});
  out.actions =
      events::Vocabulary::from_names(std::vector<std::string>{"view"});
  out.item_table.columns = {
      {"title", std::vector<std::string>{"A mug", ""}},
      {"price",
       std::vector<double>{2.5, std::numeric_limits<double>::quiet_NaN()}}};
  out.training["epochs"] = 3;
  out.metrics["ndcg@10"] = 0.25;
  return out;
}

Draft draft() {
  Draft out(description());
  const std::vector<float> weight = {1, 2, 3, 4, 5, 6}, bias = {7, 8, 9};
  const std::vector<std::int64_t> counts = {10, 20};
  const std::vector<std::uint8_t> flags = {1, 0, 1};
  out.add<float>("inputs.0.weight", {2, 3}, weight);
  out.add<float>("heads.0.bias", {3}, bias);
  out.add<std::int64_t>("heads.0.counts", {2}, counts);
  out.add<std::uint8_t>("heads.0.flags", {3}, flags);
  return out;
}

// The reason for which bytes are refused; "" when they are taken.
std::string refusal(std::vector<std::byte> bytes) {
  try {
    Artifact::from_bytes(std::move(bytes), "m.safetensors");
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kCorrupt) << error.what();
    return error.what();
  }
}

std::vector<std::byte> as_vector(const std::string& text) {
  std::vector<std::byte> out(text.size());
  std::memcpy(out.data(), text.data(), text.size());
  return out;
}

std::string as_text(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::uint64_t header_length(const std::vector<std::byte>& bytes) {
  std::uint64_t out = 0;
  std::memcpy(&out, bytes.data(), 8);
  return out;
}

TEST(Artifact, GivesBackWhatWasWritten) {
  const auto loaded = Artifact::from_bytes(draft().bytes(), "m");
  const Description& said = loaded->description();
  EXPECT_EQ(to_text(said.model.to_json()),
            to_text(description().model.to_json()));
  EXPECT_EQ(said.schema, description().schema);
  EXPECT_EQ(said.items.find("茶杯"), 1u);
  EXPECT_EQ(said.actions.name(0), "view");
  EXPECT_EQ(said.item_table.find("title")->text(0), "A mug");
  EXPECT_EQ(said.item_table.find("title")->text(1), "");
  EXPECT_EQ(said.item_table.find("price")->number(0), 2.5);
  EXPECT_EQ(said.item_table.find("price")->show(1), "");
  EXPECT_EQ(to_text(said.training), "{\"epochs\":3}");
  EXPECT_EQ(loaded->floats("inputs.0.weight", {2, 3})[5], 6.0F);
  EXPECT_EQ(loaded->tensor("heads.0.counts").as<std::int64_t>()[1], 20);
  EXPECT_EQ(loaded->tensor("heads.0.flags").as<std::uint8_t>()[2], 1);
}

TEST(Artifact, KeepsContextColumnsWithTheirValues) {
  Description about = description();
  about.context = {{"price", events::ContextKind::kNumber},
                   {"设备", events::ContextKind::kCategory,
                    events::Vocabulary::from_names(
                        std::vector<std::string>{"手机", "desk"})}};
  const auto loaded = Artifact::from_bytes(Draft(about).bytes(), "m");
  const auto& said = loaded->description().context;
  ASSERT_EQ(said.size(), 2u);
  EXPECT_EQ(said[0].name, "price");
  EXPECT_EQ(said[0].kind, events::ContextKind::kNumber);
  EXPECT_EQ(said[1].name, "设备");
  EXPECT_EQ(said[1].kind, events::ContextKind::kCategory);
  EXPECT_EQ(said[1].values.find("desk"), 1u);
}

TEST(Artifact, TheSameContentGivesTheSameBytes) {
  EXPECT_EQ(draft().bytes(), draft().bytes());
}

TEST(Artifact, TensorsStartAtAMultipleOf64AndFillTheFileInFallingAlignment) {
  const auto loaded = Artifact::from_bytes(draft().bytes(), "m");
  EXPECT_EQ((8 + header_length(draft().bytes())) % 64, 0u);
  std::map<const std::byte*, const TensorView*> by_place;
  for (const std::string& name : loaded->tensor_names()) {
    by_place[loaded->tensor(name).bytes.data()] = &loaded->tensor(name);
  }
  std::size_t last = 8;
  const std::byte* at = by_place.begin()->first;
  for (const auto& [place, tensor] : by_place) {
    EXPECT_EQ(place, at) << "a hole";
    EXPECT_LE(bytes_of(tensor->type), last) << "alignment rises";
    last = bytes_of(tensor->type);
    at += tensor->bytes.size();
  }
}

TEST(Artifact, VocabulariesLieOnEightBytesWhateverPrecedesThem) {
  for (std::int64_t floats = 0; floats < 4; ++floats) {
    Draft odd(description());
    odd.add<float>("blocks.0.weight", {floats},
                   std::vector<float>(static_cast<std::size_t>(floats)));
    const auto loaded = Artifact::from_bytes(odd.bytes(), "m");
    EXPECT_EQ(loaded->description().items.name(1), "茶杯");
  }
}

TEST(Artifact, TruncatedAnywhereItIsRefused) {
  const std::vector<std::byte> whole = draft().bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto cut =
        std::vector<std::byte>(whole.begin(), whole.begin() + size);
    ASSERT_TRUE(refusal(cut).starts_with("m.safetensors: ")) << size;
  }
}

TEST(Artifact, EveryFlippedBitInEverySectionIsRefused) {
  const std::vector<std::byte> whole = draft().bytes();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::vector<std::byte> flipped = whole;
      flipped[at] ^= static_cast<std::byte>(1 << bit);
      ASSERT_NE(refusal(flipped), "") << "byte " << at << " bit " << bit;
    }
  }
}

TEST(Artifact, ARefusalNamesTheSectionThatIsBroken) {
  const std::vector<std::byte> whole = draft().bytes();
  std::vector<std::byte> header = whole, tensor = whole, longer = whole;
  header[8 + header_length(whole) - 1] = std::byte{'\t'};
  tensor.back() ^= std::byte{1};
  longer.push_back(std::byte{0});
  EXPECT_NE(refusal(header).find("header: checksum is"), std::string::npos);
  EXPECT_NE(refusal(tensor).find("tensor item_table.title: checksum is"),
            std::string::npos);
  EXPECT_NE(refusal(longer).find("1 bytes after the last tensor"),
            std::string::npos);
}

TEST(Artifact, ANewerFormatIsRefusedAsNewer) {
  const std::string text = std::regex_replace(
      as_text(draft().bytes()), std::regex("\"format_version\":\"1\""),
      "\"format_version\":\"3\"");
  EXPECT_NE(refusal(as_vector(text)).find("format version 3 is newer"),
            std::string::npos);
}

TEST(Artifact, ForeignFilesAreRefusedAsForeign) {
  const auto safetensors = [](std::string header) {
    std::string out(8, '\0');
    out[0] = static_cast<char>(header.size());
    return as_vector(out + header);
  };
  for (const auto& bytes :
       {safetensors("{}"),
        safetensors("{\"__metadata__\":{\"format\":\"pt\"}}"),
        as_vector("PAR1 and so on, a parquet file"),
        as_vector("{\"a json\": \"file of some length\"}")}) {
    EXPECT_NE(refusal(bytes).find("no ensue model"), std::string::npos)
        << refusal(bytes);
  }
}

TEST(Artifact, LoadMapsAFileAndNamesItWhenItIsBroken) {
  const auto path =
      std::filesystem::path(testing::TempDir()) / "toy.safetensors";
  draft().write(path);
  EXPECT_EQ(Artifact::load(path)->description().model.name, "toy");
  std::filesystem::resize_file(path, 100);
  try {
    Artifact::load(path);
    FAIL() << "took a truncated file";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("toy.safetensors: header"),
              std::string::npos);
  }
}

TEST(Artifact, AMissingTensorAndAWrongShapeAreNamed) {
  const auto loaded = Artifact::from_bytes(draft().bytes(), "m");
  const auto reason = [&](auto&& ask) {
    try {
      ask();
      return std::string();
    } catch (const Error& error) {
      return std::string(error.what());
    }
  };
  EXPECT_EQ(reason([&] { loaded->tensor("blocks.7.weight"); }),
            "m: tensor blocks.7.weight is missing");
  EXPECT_EQ(reason([&] {
              loaded->floats("inputs.0.weight", {3, 2});
            }),
            "m: tensor inputs.0.weight is F32[2, 3], expected F32[3, 2]");
}

TEST(Draft, RefusesRepeatedReservedAndMisshapenTensors) {
  Draft toy = draft();
  const std::vector<float> two = {1, 2};
  EXPECT_THROW(toy.add<float>("inputs.0.weight", {2}, two), Error);
  EXPECT_THROW(toy.add<float>("vocabulary.items", {2}, two), Error);
  EXPECT_THROW(toy.add<float>("x", {3}, two), Error);
  EXPECT_THROW(toy.add<float>("x", {-2}, two), Error);
}

TEST(ModelSpec, ABlockInTheWrongRoleIsRefused) {
  ModelSpec spec = description().model;
  spec.blocks = {{"next_item", {}}};
  try {
    ModelSpec::from_json(Json(spec.to_json()), "m: model");
    FAIL() << "took a head for a layer";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "m: model.blocks[0]: block 'next_item' is head, expected "
                 "layer");
  }
}

}  // namespace
}  // namespace ensue::artifact
