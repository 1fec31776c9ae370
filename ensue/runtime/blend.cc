// SPDX-License-Identifier: Apache-2.0
// The head blend: several engines over the same items. The engine keeps a
// state of each member beside the other; here only the file is read.
#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

#include "ensue/artifact/block_configs.h"
#include "ensue/runtime/engine.h"
#include "ensue/runtime/internal/blocks.h"

namespace ensue::runtime {
namespace {

// Equal names in equal order lie in equal bytes.
bool same_names(const events::Vocabulary& a, const events::Vocabulary& b) {
  return std::ranges::equal(a.bytes(), b.bytes());
}

class Blend final : public Head {
 public:
  explicit Blend(const BlockSource& source) {
    const auto config = source.config<artifact::BlendConfig>();
    source.require(!config.members.empty(), "has no members");
    const auto weights = source.floats(
        "weights", {static_cast<std::int64_t>(config.members.size())});
    const auto& own = source.artifact.description();
    for (std::size_t m = 0; m < weights.size(); ++m) {
      const std::string name = "members." + std::to_string(m);
      const auto bytes = source.artifact
                             .tensor(artifact::Artifact::tensor_name(
                                 source.section, source.place, name))
                             .bytes;
      auto member =
          std::make_shared<const Engine>(artifact::Artifact::from_bytes(
              {bytes.begin(), bytes.end()}, source.where() + " " + name));
      const auto& theirs = member->artifact().description();
      source.require(same_names(own.items, theirs.items) &&
                         same_names(own.actions, theirs.actions),
                     name + " knows other items or actions");
      source.require(std::isfinite(weights[m]),
                     "weight " + std::to_string(m) + " is no number");
      members_.push_back({std::move(member), weights[m]});
    }
  }

  std::span<const Member> members() const noexcept override { return members_; }
  void score(std::span<const float>, std::span<const events::Event>,
             std::span<float>) const noexcept override {
    assert(false);  // the engine asks the members
  }

 private:
  std::vector<Member> members_;
};

}  // namespace

std::unique_ptr<const Head> make_blend(const BlockSource& source) {
  return std::make_unique<Blend>(source);
}

}  // namespace ensue::runtime
