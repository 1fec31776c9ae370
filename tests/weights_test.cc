// SPDX-License-Identifier: Apache-2.0
// An artifact stored in bf16 or int8 answers as one that holds the decoded
// numbers, for every model of the catalogue.
#include "ensue/artifact/weights.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <map>

#include "ensue/base/json.h"
#include "tests/every_model.h"

namespace ensue::artifact {
namespace {

using namespace every_model;
using runtime::Engine, runtime::testing::Events;

// A safetensors file read by its manual.
class PlainFile {
 public:
  explicit PlainFile(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {
    std::uint64_t size = 0;
    std::memcpy(&size, bytes_.data(), 8);
    begin_ = 8 + size;
    header_ =
        parse_json({reinterpret_cast<const char*>(bytes_.data()) + 8, size},
                   "file")
            .as_object();
  }
  std::string type(const std::string& name) const {
    const Json* entry = header_.if_contains(name);
    return entry == nullptr
               ? ""
               : std::string(entry->as_object().at("dtype").as_string());
  }
  template <class T>
  std::vector<T> read(const std::string& name) const {
    const auto& at = header_.at(name).as_object().at("data_offsets").as_array();
    const auto from = at[0].to_number<std::size_t>();
    const auto size = at[1].to_number<std::size_t>() - from;
    std::vector<T> out(size / sizeof(T));
    std::memcpy(out.data(), bytes_.data() + begin_ + from, size);
    return out;
  }
  std::vector<float> decoded(const std::string& name) const {
    std::vector<float> out;
    if (type(name) == "BF16") {
      for (const std::uint32_t half : read<std::uint16_t>(name)) {
        out.push_back(std::bit_cast<float>(half << 16));
      }
      return out;
    }
    const auto codes = read<std::int8_t>(name);
    const auto scales = read<float>(name + ".scale");
    const std::size_t columns = codes.size() / scales.size();
    for (std::size_t i = 0; i < codes.size(); ++i) {
      out.push_back(static_cast<float>(codes[i]) * scales[i / columns]);
    }
    return out;
  }

 private:
  std::vector<std::byte> bytes_;
  std::size_t begin_ = 0;
  JsonObject header_;
};

struct Both {
  std::shared_ptr<const Artifact> stored, decoded;
  std::size_t narrow = 0;  // tensors that are
};

Both both(const Draft& draft, Weights weights) {
  const auto whole = load(draft);
  const auto bytes = with_weights(*whole, weights).bytes();
  const PlainFile file(bytes);
  Both out{Artifact::from_bytes(bytes, "stored"), nullptr, 0};
  Draft plain(whole->description());
  for (const std::string& name : whole->tensor_names()) {
    const TensorView& tensor = whole->tensor(name);
    if (file.type(name) == "BF16" || file.type(name) == "I8") {
      plain.add<float>(name, tensor.shape, file.decoded(name));
      ++out.narrow;
    } else if (name != "padding" && !name.starts_with("vocabulary.")) {
      plain.add_bytes(name, tensor.type, tensor.shape, tensor.bytes);
    }
  }
  out.decoded = load(plain);
  return out;
}

std::vector<float> scores(const Engine& engine, const Events& past) {
  std::vector<float> out(engine.items());
  engine.score(engine.encode(past.view(engine.context().size())), out);
  return out;
}

class StoredModel : public ::testing::TestWithParam<std::string> {};

TEST_P(StoredModel, AnswersWithTheBitsOfTheDecodedNumbers) {
  const Events past(kEvents, kItems, kActions, /*seed=*/5);
  for (const Weights weights : {Weights::kBf16, Weights::kInt8}) {
    for (const bool context : {false, true}) {
      const Draft draft = of_catalogue(GetParam(), context);
      const Both made = both(draft, weights);
      const auto a = scores(Engine(made.stored), past);
      const auto b = scores(Engine(made.decoded), past);
      EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size() * sizeof(float)), 0);
      const bool same = a == scores(Engine(load(draft)), past);
      EXPECT_EQ(same, is_classical(load(draft)->description().model));
      EXPECT_EQ(made.narrow == 0, same);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Weights, StoredModel,
                         ::testing::ValuesIn(all_models()), test_name);

TEST(Weights, ABlendAnswersWithWhatItsMembersHold) {
  const Events past(kEvents, kItems, kActions, /*seed=*/5);
  for (const Weights weights : {Weights::kBf16, Weights::kInt8}) {
    const auto narrow = load(with_weights(*load(blend()), weights));
    const auto again = load(with_weights(*narrow, Weights::kFp32));
    const auto a = scores(Engine(narrow), past);
    EXPECT_EQ(a, scores(Engine(again), past));
    EXPECT_NE(a, scores(Engine(load(blend())), past));
  }
}

}  // namespace
}  // namespace ensue::artifact
