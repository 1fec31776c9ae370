// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue-bench/bench.h"

namespace ensue::apps {

Bench customers_cdnow_bench();
Bench customers_coupons_bench();
Bench customers_features_bench();
Bench customers_heads_bench();
Bench customers_next_action_bench();
Bench customers_retention_bench();
Bench customers_intent_bench();
Bench customers_latency_bench();
Bench customers_reviews_bench();
Bench customers_response_bench();
Bench customers_search_bench();
Bench customers_segments_bench();
Bench customers_simulated_bench();
Bench evaluate_ml_1m_bench();
Bench import_bench();
Bench quality_augmentation_bench();
Bench quality_beauty_bench();
Bench quality_beauty_best_bench();
Bench quality_cold_start_bench();
Bench quality_diginetica_best_bench();
Bench quality_ml_1m_best_bench();
Bench quality_diginetica_bench();
Bench quality_ml_1m_bench();
Bench quality_ml_1m_time_bench();
Bench quality_futures_bench();
Bench quality_online_retail_bench();
Bench quality_pretrain_bench();
Bench quality_update_bench();
Bench serve_batch_bench();
Bench serve_history_bench();
Bench serve_http_bench();
Bench serve_ingest_bench();
Bench serve_long_history_bench();
Bench serve_soak_bench();
Bench serve_start_bench();
Bench serve_step_bench();
Bench serve_users_bench();
Bench serve_crashes_bench();
Bench simulate_bench();
Bench train_gru4rec_bench();
Bench train_hstu_bench();
Bench train_million_items_bench();
Bench train_sasrec_bce_bench();
Bench train_sasrec_softmax_bench();
Bench train_scaling_bench();
Bench train_wide_catalogue_bench();

const Catalog<Bench>& benches() {
  static const Catalog<Bench> list(
      "benchmark",
      {
          quality_ml_1m_bench(),        quality_beauty_bench(),
          quality_diginetica_bench(),   quality_online_retail_bench(),
          quality_ml_1m_best_bench(),   quality_ml_1m_time_bench(),
          quality_beauty_best_bench(),  quality_diginetica_best_bench(),
          quality_futures_bench(),      quality_pretrain_bench(),
          quality_update_bench(),       quality_augmentation_bench(),
          quality_cold_start_bench(),   import_bench(),
          serve_crashes_bench(),        simulate_bench(),
          customers_features_bench(),   customers_retention_bench(),
          evaluate_ml_1m_bench(),       serve_step_bench(),
          serve_history_bench(),        serve_long_history_bench(),
          serve_batch_bench(),          serve_http_bench(),
          serve_ingest_bench(),         serve_start_bench(),
          serve_users_bench(),          serve_soak_bench(),
          train_sasrec_bce_bench(),     train_sasrec_softmax_bench(),
          train_wide_catalogue_bench(), train_gru4rec_bench(),
          train_hstu_bench(),           train_million_items_bench(),
          train_scaling_bench(),        customers_cdnow_bench(),
          customers_intent_bench(),     customers_reviews_bench(),
          customers_latency_bench(),    customers_response_bench(),
          customers_search_bench(),     customers_simulated_bench(),
          customers_heads_bench(),      customers_next_action_bench(),
          customers_segments_bench(),   customers_coupons_bench(),
      });
  return list;
}

}  // namespace ensue::apps
