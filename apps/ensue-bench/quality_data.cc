// SPDX-License-Identifier: Apache-2.0
// The public data sets and their protocols.
#include "apps/ensue-bench/quality.h"

namespace ensue::apps {
namespace {

judge::SplitOptions leave_one_out() {
  judge::SplitOptions out;
  out.kind = "leave-one-out";
  return out;
}

}  // namespace

QualityData beauty_data() {
  return {.name = "beauty",
          .files = {"amazon-beauty-5core/events.csv.zst"},
          .split = leave_one_out(),
          .k = 10,
          .metrics = {"hit@10", "ndcg@10"}};
}

QualityData ml_1m_data() {
  return {.name = "ml-1m",
          .files = {"ml-1m/ml-1m.txt.zst"},
          .split = leave_one_out(),
          .k = 10,
          .metrics = {"hit@10", "ndcg@10"}};
}

namespace {

// The published test sessions are the last 15,963; the last tenth of the
// 186,670 training sessions is kept for validation.
judge::SplitOptions last_sessions() {
  judge::SplitOptions out;
  out.kind = "by-user";
  out.users = "last";
  out.test_users = 15963;
  out.validation = 18667.0 / (186670 + 15963);
  return out;
}

BenchFigures ml_1m(const BenchOptions& options) {
  return run_quality(ml_1m_data(), options);
}

BenchFigures beauty(const BenchOptions& options) {
  return run_quality(beauty_data(), options);
}

QualityData diginetica_data() {
  return {.name = "diginetica",
          .files = {"sessions-diginetica/train_sessions.txt.zst",
                    "sessions-diginetica/test_sessions.txt.zst"},
          .split = last_sessions(),
          .k = 20,
          .metrics = {"hit@20", "mrr@20", "ndcg@20"},
          .per_question = true,
          .learns_validation = true};
}

BenchFigures diginetica(const BenchOptions& options) {
  return run_quality(diginetica_data(), options);
}

BenchFigures online_retail(const BenchOptions& options) {
  return run_quality(
      {.name = "online-retail",
       .files = {"online-retail-II/online_retail_to_2011-08.csv.zst"},
       .split = {},
       .k = 10,
       .metrics = {"ndcg@10", "recall@10", "hit@10"}},
      options);
}

BenchFigures ml_1m_best(const BenchOptions& options) {
  return run_best(ml_1m_data(), {"gru", "sasrec", "hstu", "session-knn"},
                  "ndcg@10",
                  /*seeds=*/2, options);
}

BenchFigures beauty_best(const BenchOptions& options) {
  return run_best(beauty_data(), {"gru", "sasrec", "session-knn"}, "ndcg@10",
                  /*seeds=*/3, options);
}

BenchFigures diginetica_best(const BenchOptions& options) {
  return run_best(diginetica_data(), {"gru", "gru", "session-knn"}, "mrr@20",
                  /*seeds=*/3, options);
}

}  // namespace

Bench quality_ml_1m_bench() {
  return {"quality/ml-1m", "leave-one-out on ML-1M, as published", ml_1m};
}
Bench quality_beauty_bench() {
  return {"quality/beauty", "leave-one-out on Amazon Beauty, as published",
          beauty};
}
Bench quality_diginetica_bench() {
  return {"quality/diginetica", "every prefix of the published test sessions",
          diginetica};
}
Bench quality_online_retail_bench() {
  return {"quality/online-retail", "the next basket of a shop, split by time",
          online_retail};
}

Bench quality_ml_1m_best_bench() {
  return {"quality/ml-1m-best", "a blend on ML-1M, as published", ml_1m_best};
}
Bench quality_beauty_best_bench() {
  return {"quality/beauty-best", "a blend on Amazon Beauty, as published",
          beauty_best};
}
Bench quality_diginetica_best_bench() {
  return {"quality/diginetica-best", "a blend on Diginetica, every prefix",
          diginetica_best};
}

}  // namespace ensue::apps
