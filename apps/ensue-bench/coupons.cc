// SPDX-License-Identifier: Apache-2.0
#include "apps/ensue-bench/coupons.h"

#include <string>

#include "ensue/data/import.h"

namespace ensue::apps {
namespace {

namespace fs = std::filesystem;

// A file, plain or compressed, as SQL reads it.
std::string table(const fs::path& folder, const std::string& name) {
  std::string file = (folder / (name + ".csv")).string();
  if (!fs::exists(file)) file += ".zst";
  return "read_csv('" + file + "')";
}

std::string events_sql(const fs::path& folder) {
  return "SELECT CAST(t.household_id AS VARCHAR) AS \"user\", "
         "CAST(t.product_id AS VARCHAR) AS item, 'purchase' AS action, "
         "CAST(t.transaction_timestamp AS TIMESTAMP) AS time, "
         "t.sales_value AS value, "
         "t.retail_disc + t.coupon_disc + t.coupon_match_disc AS discount, "
         "p.department AS department FROM " +
         table(folder, "transactions_sample") + " t LEFT JOIN " +
         table(folder, "products") +
         " p ON p.product_id = t.product_id UNION ALL "
         "SELECT CAST(household_id AS VARCHAR), 'coupon ' || coupon_upc, "
         "'redeem', CAST(redemption_date AS TIMESTAMP), NULL, NULL, NULL "
         "FROM " +
         table(folder, "coupon_redemptions") +
         " UNION ALL SELECT CAST(c.household_id AS VARCHAR), 'letter', "
         "'letter ' || lower(right(d.campaign_type, 1)), "
         "CAST(d.start_date AS TIMESTAMP) - INTERVAL 12 HOUR, NULL, NULL, NULL "
         "FROM " +
         table(folder, "campaigns") + " c JOIN " +
         table(folder, "campaign_descriptions") + " d USING (campaign_id)";
}

std::string labels_sql(const fs::path& folder) {
  return "SELECT CAST(c.household_id AS VARCHAR) AS \"user\", "
         "CAST(d.start_date AS TIMESTAMP) AS time, "
         "CAST(count(r.redemption_date) > 0 AS INTEGER) AS label FROM " +
         table(folder, "campaigns") + " c JOIN " +
         table(folder, "campaign_descriptions") +
         " d USING (campaign_id) LEFT JOIN " +
         table(folder, "coupon_redemptions") +
         " r ON r.household_id = c.household_id "
         "AND r.campaign_id = c.campaign_id "
         "AND r.redemption_date BETWEEN d.start_date AND d.end_date "
         "WHERE d.start_date >= DATE '2017-01-01' "
         "AND d.end_date <= DATE '2017-12-31' "
         "GROUP BY c.household_id, d.start_date ORDER BY 2, 1";
}

}  // namespace

data::Dataset import_coupons(const fs::path& folder, const fs::path& dataset) {
  data::ImportRequest request;
  request.source.sql = events_sql(folder);
  request.source.dataset = dataset.string();
  request.columns.user = "user";
  request.columns.item = "item";
  request.columns.action = "action";
  request.columns.time = "time";
  request.columns.value = "value";
  request.columns.context = {"discount", "department"};
  return data::Dataset::open(data::import_log(request).dataset);
}

data::LabelTable coupon_labels(const fs::path& folder,
                               const data::Dataset& dataset,
                               const events::Log& log) {
  return data::read_labels(dataset.folder(), log,
                           {.label = labels_sql(folder), .kind = "binary"});
}

}  // namespace ensue::apps
