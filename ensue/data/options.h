// SPDX-License-Identifier: Apache-2.0
// What a user says about a log: the sections [data], [columns], [clean],
// [missing] of the settings.
#pragma once

#include <string>
#include <vector>

namespace ensue::data {

/// [data]
struct SourceOptions {
  std::vector<std::string> files;   // globs allowed; .gz and .zst too
  std::string sql;                  // a SELECT, instead of files
  std::string preset;               // a known layout; empty: [columns] say it
  std::string items, users;         // optional tables about items and users
  std::string dataset = "dataset";  // the folder that import writes
  std::string memory = "";          // limit such as 1GB; empty: two thirds
  int threads = 0;                  // 0: all cores
  void visit(auto&& field) {
    field("files", files, "event files; globs, .gz and .zst are fine");
    field("sql", sql, "a SELECT that gives the events, instead of files");
    field("preset", preset, "a known layout, see ensue import --presets");
    field("items", items, "a table about items");
    field("users", users, "a table about users");
    field("dataset", dataset, "folder of the cleaned dataset");
    field("memory", memory, "memory limit, such as 1GB; more goes to disk");
    field("threads", threads, "cores used; 0: all");
  }
};

/// [columns]: the source's column for each role; empty: there is none.
struct ColumnOptions {
  std::string user, item, time, action, value, text, session, event_id;
  std::vector<std::string> context;
  /// How `time` is written: auto, seconds, milliseconds, microseconds, order,
  /// or a strptime format such as %d/%m/%Y %H:%M.
  std::string time_format = "auto";
  /// The order of one user's events at one time is real.
  bool order_within_instant = false;
  /// Action of every event when there is no action column.
  std::string default_action = "view";
  void visit(auto&& field) {
    field("user", user, "who");
    field("item", item, "what");
    field("time", time, "when; empty: the order of the rows");
    field("action", action, "view, cart, purchase, …");
    field("value", value, "a number: rating, amount, quantity");
    field("text", text, "a query or a review");
    field("session", session, "session id");
    field("event_id", event_id, "id of the event; repeats are dropped");
    field("context", context, "further columns to keep");
    field("time_format", time_format,
          "auto, seconds, milliseconds, microseconds, order or a format");
    field("order_within_instant", order_within_instant,
          "the order of events at one time is real");
    field("default_action", default_action, "action when there is no column");
  }
};

}  // namespace ensue::data
