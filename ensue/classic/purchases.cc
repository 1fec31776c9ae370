// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/purchases.h"

#include "ensue/artifact/block_configs.h"
#include "ensue/base/error.h"
#include "ensue/base/fields.h"
#include "ensue/base/hash.h"

namespace ensue::classic {
namespace {

using events::Log, events::Millis, events::PurchaseSummary;

// The place of the action in the log; nullopt: every event counts.
std::optional<events::ActionId> find_action(const Log& log,
                                            const std::string& action) {
  if (action.empty()) return std::nullopt;
  const auto place = log.action_names().find(action);
  if (!place) {
    invalid("purchases: the log has no action '" + action + "'");
  }
  return events::ActionId{static_cast<std::uint8_t>(*place)};
}

artifact::Description describe(const Log& log, Millis until,
                               const PurchaseOptions& options, bool spend) {
  artifact::PurchasesConfig config;
  config.action = options.action;
  config.unit_days = options.units.unit_days;
  config.merge_days = options.units.merge_days;
  config.spend = spend;
  artifact::Description out;
  out.model = {"purchases", {}, {}, {{"purchases", write_fields(config)}}};
  out.schema = log.schema();
  out.actions = log.action_names();
  out.data = {{"log", to_hex(log.fingerprint())},
              {"events", log.size()},
              {"until_ms", events::count(until)}};
  return out;
}

}  // namespace

std::vector<PurchaseSummary> summarise_customers(
    const Log& log, Millis now, const PurchaseOptions& options) {
  if (!log.schema().has_clock) {
    invalid("purchases: the log has no clock, only an order");
  }
  const auto action = find_action(log, options.action);
  std::vector<PurchaseSummary> out;
  std::vector<Millis> times;
  std::vector<float> values;
  for (std::uint32_t u = 0; u < log.users(); ++u) {
    const auto history = log.history(events::UserId{u});
    times.clear();
    values.clear();
    for (std::size_t i = 0; i < history.size(); ++i) {
      if (action && history.actions[i] != *action) continue;
      times.push_back(history.times[i]);
      values.push_back(history.values[i]);
    }
    if (const auto summary =
            events::summarise_purchases(times, values, now, options.units)) {
      out.push_back(*summary);
    }
  }
  return out;
}

artifact::Draft fit_purchases(const Log& log, Millis until,
                              const PurchaseOptions& options) {
  const auto customers = summarise_customers(log, until, options);
  const BgNbdFit counts = fit_bg_nbd(customers);
  const GammaGammaFit spend = fit_gamma_gamma(customers);

  artifact::Draft draft(describe(log, until, options, spend.model.fitted()));
  draft.description().metrics = {{"log_likelihood", counts.log_likelihood},
                                 {"customers", customers.size()}};
  const auto add = [&](const char* name, std::vector<double> values) {
    draft.add<double>(artifact::Artifact::tensor_name("heads", 0, name),
                      {static_cast<std::int64_t>(values.size())}, values);
  };
  const artifact::BgNbd& c = counts.model;
  add("counts", {c.r, c.alpha, c.a, c.b});
  if (spend.model.fitted()) {
    add("spend", {spend.model.p, spend.model.q, spend.model.gamma});
  }
  return draft;
}

}  // namespace ensue::classic
