// SPDX-License-Identifier: Apache-2.0
// Models of one classical head: popularity, first-order Markov (Shani et al.
// 2005, the transition table of their predictor), and VMIS-kNN (Kersbergen et
// al. 2022, "Serenade", SIGMOD). Their blocks' configurations are the models'.
#pragma once

#include <string>

#include "ensue/artifact/block_configs.h"
#include "ensue/models/parts.h"

namespace ensue::models {

/// `type` is the head's name in the block catalogue.
template <class HeadConfig>
artifact::ModelSpec head_alone(const std::string& name, const std::string& type,
                               const HeadConfig& config) {
  artifact::ModelSpec out;
  out.name = name;
  out.heads.push_back(block(type, config));
  return out;
}

struct Popularity {
  using Config = artifact::PopularityConfig;
  static artifact::ModelSpec build(const Config& config) {
    return head_alone("popularity", "popularity", config);
  }
};

struct Markov {
  using Config = artifact::MarkovConfig;
  static artifact::ModelSpec build(const Config& config) {
    return head_alone("markov", "markov", config);
  }
};

struct SessionKnn {
  using Config = artifact::SessionKnnConfig;
  static artifact::ModelSpec build(const Config& config) {
    return head_alone("session-knn", "session_knn", config);
  }
};

}  // namespace ensue::models
