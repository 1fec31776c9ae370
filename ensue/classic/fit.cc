// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/fit.h"

#include <string>
#include <string_view>
#include <vector>

#include "ensue/artifact/block_configs.h"
#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/classic/internal/markov.h"
#include "ensue/classic/internal/popularity.h"
#include "ensue/classic/internal/sequences.h"
#include "ensue/classic/internal/session_index.h"

namespace ensue::classic {
namespace {

// Adds the parameters of the only head.
class Parameters {
 public:
  explicit Parameters(artifact::Draft& draft) : draft_(draft) {}
  template <class T>
  void add(std::string_view name, const std::vector<T>& values) {
    draft_.add<T>(artifact::Artifact::tensor_name("heads", 0, name),
                  {static_cast<std::int64_t>(values.size())}, values);
  }

 private:
  artifact::Draft& draft_;
};

template <class Config>
Config read_config(const artifact::BlockSpec& head) {
  Config config;
  read_fields(config, head.config, head.type);
  return config;
}

void fit_popularity(const Sequences& sequences, const artifact::BlockSpec& head,
                    Parameters& out) {
  const auto config = read_config<artifact::PopularityConfig>(head);
  out.add("log_probability", log_popularity(sequences, config.smoothing));
}

void fit_markov(const Sequences& sequences, bool baskets,
                const artifact::BlockSpec& head, Parameters& out) {
  const auto config = read_config<artifact::MarkovConfig>(head);
  const Transitions fitted =
      count_transitions(group_instants(sequences, baskets), config);
  out.add("log_popularity", log_popularity(sequences, config.smoothing));
  out.add("backoff", fitted.backoff);
  out.add("offsets", fitted.offsets);
  out.add("next", fitted.next);
  out.add("probability", fitted.probability);
}

void fit_session_knn(const Sequences& sequences, bool baskets,
                     const artifact::BlockSpec& head, Parameters& out) {
  const auto config = read_config<artifact::SessionKnnConfig>(head);
  const SessionIndex index = index_sessions(sequences, config, baskets);
  out.add("log_popularity", log_popularity(sequences, config.smoothing));
  out.add("weight", index.weight);
  out.add("item_offsets", index.item_offsets);
  out.add("item_sessions", index.item_sessions);
  out.add("session_offsets", index.session_offsets);
  out.add("session_items", index.session_items);
}

}  // namespace

void fit(const events::Log& log, std::span<const TrainRange> train,
         const artifact::ModelSpec& model, artifact::Draft& draft) {
  if (!model.inputs.empty() || !model.blocks.empty() ||
      model.heads.size() != 1) {
    invalid("model '" + model.name +
            "': expected one classical head and nothing else");
  }
  const artifact::BlockSpec& head = model.heads.front();
  const bool baskets = !log.schema().order_within_instant;
  const Sequences sequences =
      read_sequences(log, train, draft.description().items);
  Parameters out(draft);
  if (head.type == "popularity") {
    fit_popularity(sequences, head, out);
  } else if (head.type == "markov") {
    fit_markov(sequences, baskets, head, out);
  } else if (head.type == "session_knn") {
    fit_session_knn(sequences, baskets, head, out);
  } else {
    invalid("model '" + model.name + "': head '" + head.type +
            "' is not fitted without gradients");
  }
}

}  // namespace ensue::classic
