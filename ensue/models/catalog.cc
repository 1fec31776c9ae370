// SPDX-License-Identifier: Apache-2.0
#include "ensue/models/catalog.h"

#include "ensue/models/bert4rec.h"
#include "ensue/models/classical.h"
#include "ensue/models/esasrec.h"
#include "ensue/models/gru.h"
#include "ensue/models/gru4rec.h"
#include "ensue/models/gsasrec.h"
#include "ensue/models/hstu.h"
#include "ensue/models/lstm.h"
#include "ensue/models/nextitnet.h"
#include "ensue/models/rnn.h"
#include "ensue/models/sasrec.h"
#include "ensue/models/seq2seq.h"
#include "ensue/models/transformer.h"

namespace ensue::models {
namespace {

template <class Model>
artifact::ModelSpec build(const JsonObject& json) {
  typename Model::Config config;
  read_fields(config, json, "[model]");
  return Model::build(config);
}

template <class Model>
ModelEntry model(std::string_view name, std::string_view summary,
                 std::string_view source) {
  return {name, summary, source, build<Model>,
          describe_fields<typename Model::Config>};
}

}  // namespace

const Catalog<ModelEntry>& models() {
  static const Catalog<ModelEntry> list(
      "model",
      {
          model<Popularity>("popularity", "what everybody takes", "counting"),
          model<Markov>("markov", "what follows the last item",
                        "Shani et al. 2005, JMLR 6"),
          model<SessionKnn>("session-knn", "what similar sessions took",
                            "Kersbergen et al. 2022, SIGMOD"),
          model<Rnn>("rnn", "tanh units", "Elman 1990"),
          model<Lstm>("lstm", "long short-term memory",
                      "Hochreiter & Schmidhuber 1997"),
          model<Gru>("gru", "gated recurrent units",
                     "Cho et al. 2014, arXiv:1406.1078"),
          model<Gru4Rec>("gru4rec", "gated recurrent units as published",
                         "Hidasi & Karatzoglou 2018, arXiv:1706.03847"),
          model<SasRec>("sasrec", "causal self-attention",
                        "Kang & McAuley 2018, arXiv:1808.09781"),
          model<GsasRec>("gsasrec", "sasrec without overconfidence",
                         "Petrov & Macdonald 2023, arXiv:2308.07192"),
          model<EsasRec>("esasrec", "gated self-attention",
                         "Tikhonovich et al. 2025, arXiv:2508.06450"),
          model<Bert4Rec>("bert4rec", "self-attention both ways",
                          "Sun et al. 2019, arXiv:1904.06690"),
          model<Transformer>("transformer", "self-attention, free to compose",
                             "Vaswani et al. 2017, arXiv:1706.03762"),
          model<NextItNet>("nextitnet", "dilated causal convolutions",
                           "Yuan et al. 2019, arXiv:1808.05163"),
          model<Seq2Seq>("seq2seq", "a unit that reads, one that writes",
                         "Sutskever et al. 2014, arXiv:1409.3215"),
          model<Hstu>("hstu", "gated attention by place and time",
                      "Zhai et al. 2024, arXiv:2402.17152"),
      });
  return list;
}

}  // namespace ensue::models
