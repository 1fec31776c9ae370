// SPDX-License-Identifier: Apache-2.0
// Questions about what a customer will have done some days from now.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ensue/base/catalog.h"
#include "ensue/events/history.h"
#include "ensue/features/columns.h"
#include "ensue/features/past.h"
#include "ensue/runtime/table_model.h"

namespace ensue::tasks {

/// [task]: which question, asked how.
struct CustomerTaskOptions {
  std::string name = "retention";
  int horizon_days = 90;
  /// What the shop is after; empty: the log's main action.
  std::string action;
  /// value: the money of an event, a column or a product such as "price*value".
  std::string amount = "value";
  /// propensity: which items. "category=mugs" (a column of the item table has
  /// the value), "title~christmas" (a text has the word), "item=85123A".
  std::string items;
  void visit(auto&& field) {
    field("name", name, "retention, active, purchases, value or propensity");
    field("horizon_days", horizon_days, "days that the question looks ahead");
    field("action", action, "what the shop is after; empty: its main action");
    field("amount", amount, "value: money of an event, a column or a product");
    field("items", items, "propensity: column=value, column~word, item=name");
  }
};

/// The events of a customer on both sides of an instant t, those of the aim
/// marked.
struct Around {
  events::History before;  // strictly before t
  events::History within;  // [t, t + horizon)
  const features::ActionRef* aim = nullptr;
  const features::EventColumn* amount = nullptr;  // where the task has one
  const std::vector<bool>* items = nullptr;       // likewise: a bit per item

  /// Of events of the customer: is it what the shop is after?
  bool is_aim(const events::History& side, std::size_t i) const noexcept;
};

/// One declared question. A label is made of `within` alone; who is asked is
/// decided by `before` alone.
struct CustomerTask {
  std::string_view name;
  std::string_view question;
  runtime::TableLabel kind = runtime::TableLabel::kBinary;
  enum class Needs : std::uint8_t {
    kNothing,
    kAmount,
    kItems
  } needs = Needs::kNothing;
  double (*label)(const Around& around) = nullptr;
};

/// One file each; to add one: a file and a line.
const Catalog<CustomerTask>& customer_tasks();

/// A task with its names looked up in a log or a model.
class CustomerLabel {
 public:
  /// @throws Error(kNotFound) for an unknown task, Error(kInvalidArgument) for
  ///   an option out of range, a column or an action that is not there.
  CustomerLabel(const CustomerTaskOptions& options,
                const features::Names& names, const events::Vocabulary& items);

  const CustomerTask& task() const noexcept { return task_; }
  std::int64_t horizon_ms() const noexcept { return horizon_ms_; }
  /// The label of a customer with these events, as of `at`; nullopt: is not
  /// asked, having never done what the shop is after.
  std::optional<double> of(const events::History& all, events::Millis at) const;

 private:
  CustomerTask task_;
  std::int64_t horizon_ms_;
  features::ActionRef aim_;
  std::optional<features::EventColumn> amount_;
  std::vector<bool> items_;
};

}  // namespace ensue::tasks
