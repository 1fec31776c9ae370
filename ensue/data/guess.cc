// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/guess.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "ensue/base/error.h"
#include "ensue/data/internal/duckdb.h"
#include "ensue/data/internal/roles.h"
#include "ensue/data/internal/source.h"
#include "ensue/data/internal/when.h"

namespace ensue::data {
namespace {

namespace fs = std::filesystem;

struct Pick {
  std::size_t column = 0;
  int name = 0;
};

class Guesser {
 public:
  explicit Guesser(Guess& out) : out_(out) {
    for (std::size_t c = 0; c < out.layout.columns.size(); ++c) {
      looks_.push_back(look_at_column(out.layout.sample, c));
    }
  }

  void run() {
    if (out_.layout.header) {
      by_name();
    } else {
      by_place();
    }
    refuse_no_events();
    guess_action();
    guess_context();
    guess_time_kind();
  }

 private:
  const std::string& name(std::size_t column) const {
    return out_.layout.columns[column];
  }

  std::optional<Pick> best(std::string_view role) const {
    std::optional<Pick> out;
    for (std::size_t c = 0; c < looks_.size(); ++c) {
      const int fit = name_fits(role, name(c));
      if (fit == 0 || used_.contains(c) || !values_fit(role, looks_[c], fit)) {
        continue;
      }
      if (!out || fit > out->name) out = Pick{c, fit};
    }
    return out;
  }

  void take(std::string_view role, std::size_t column, std::string& target,
            const std::string& reason) {
    used_.insert(column);
    target = name(column);
    out_.reasons.emplace_back(role, reason + "; " + describe(column));
  }

  std::string describe(std::size_t column) const {
    const ColumnLook& look = looks_[column];
    std::string out = std::to_string(look.distinct) + " different values in " +
                      std::to_string(look.filled) + " rows";
    if (!out_.layout.sample.empty() && column < out_.layout.sample[0].size()) {
      std::string first = out_.layout.sample[0][column].substr(0, 40);
      std::replace(first.begin(), first.end(), '\n', ' ');
      std::replace(first.begin(), first.end(), '\r', ' ');
      out += ", the first is '" + first + "'";
    }
    return out;
  }

  void take_best(std::string_view role, std::string& target) {
    if (const auto pick = best(role)) {
      take(role, pick->column, target,
           pick->name > kPartOfName ? "the name is a word for it"
                                    : "the name has a word for it");
    }
  }

  void by_name() {
    ColumnOptions& c = out_.columns;
    take_best("user", c.user);
    take_best("item", c.item);
    take_best("time", c.time);
    if (c.time.empty()) take_unnamed_time();
    take_best("event_id", c.event_id);
    take_best("session", c.session);
    if (c.user.empty() && !c.session.empty()) {
      c.user = std::exchange(c.session, "");
      for (auto& [role, reason] : out_.reasons) {
        if (role == "session") {
          role = "user", reason = "no column says who, so each session is one";
        }
      }
    }
    take_best("action", c.action);
    take_best("value", c.value);
    take_best("text", c.text);
    if (c.time.empty()) take_order();
  }

  // A column that is plainly a time, whatever it is called.
  void take_unnamed_time() {
    for (std::size_t c = 0; c < looks_.size(); ++c) {
      if (used_.contains(c)) continue;
      if (looks_[c].times >= 0.9 || looks_like_unix_times(looks_[c])) {
        take("time", c, out_.columns.time, "its values are times");
        return;
      }
    }
  }

  void take_order() {
    if (const auto pick = best("order")) {
      take("time", pick->column, out_.columns.time,
           "no times, but the name says that it is the order");
      out_.columns.time_format = "order";
    }
  }

  // Without names: times by their look, few words as actions, then who before
  // what, as logs are written.
  void by_place() {
    take_unnamed_time();
    for (std::size_t c = 0; c < looks_.size(); ++c) {
      const ColumnLook& look = looks_[c];
      if (used_.contains(c) || look.numbers > 0.05 || look.distinct > 40 ||
          look.distinct * 4 > look.filled || !out_.columns.action.empty()) {
        continue;
      }
      take("action", c, out_.columns.action, "few different words");
    }
    std::vector<std::size_t> ids;
    for (std::size_t c = 0; c < looks_.size(); ++c) {
      if (!used_.contains(c) && values_fit("user", looks_[c])) ids.push_back(c);
    }
    if (ids.size() < 2) return;
    take("user", ids[0], out_.columns.user, "the first column of ids");
    take("item", ids[1], out_.columns.item, "the second column of ids");
    for (std::size_t c = 0; c < looks_.size(); ++c) {
      if (used_.contains(c) || !values_fit("value", looks_[c])) continue;
      take("value", c, out_.columns.value, "the first numbers that are left");
      break;
    }
    out_.doubts.push_back(
        "the file has no header: check who, what and when below");
  }

  std::string known_columns() const {
    std::string out;
    for (const std::string& column : out_.layout.columns) {
      if (out.size() > 120) return out + ", …";
      out += (out.empty() ? "" : ", ") + column;
    }
    return out;
  }

  void refuse_no_events() const {
    const ColumnOptions& c = out_.columns;
    const std::string head = out_.files[0] + ": holds no events: ";
    const std::string tail = " among " + known_columns() +
                             "; if one does, set it under [columns] and import";
    if (c.user.empty()) invalid(head + "no column says who acted" + tail);
    if (c.item.empty() && c.time.empty()) {
      invalid(head + "no column says what was acted on, or when" + tail);
    }
    if (!out_.layout.header && c.time.empty() && looks_.size() > 3) {
      invalid(head + "no column says when" + tail);
    }
  }

  // Without a column of actions the value tells what the events are.
  void guess_action() {
    ColumnOptions& c = out_.columns;
    if (!c.action.empty()) return;
    const bool rating = name_fits("rating", c.value) > 0;
    c.default_action = rating ? "rate" : c.value.empty() ? "view" : "purchase";
    if (c.item.empty()) {
      out_.doubts.push_back(
          "no column says what was acted on: models of the next item have "
          "nothing to learn");
    }
  }

  // Short columns that are left are kept; long ones cost more than they tell.
  void guess_context() {
    for (std::size_t c = 0; c < looks_.size(); ++c) {
      if (used_.contains(c) || looks_[c].length > 40 || looks_[c].filled == 0 ||
          out_.columns.context.size() >= 12) {
        continue;
      }
      out_.columns.context.push_back(name(c));
    }
  }

  void guess_time_kind() {
    const ColumnOptions& c = out_.columns;
    out_.has_clock = !c.time.empty() && c.time_format != "order";
    if (!out_.has_clock) {
      out_.split = "leave-one-out";
      if (c.time.empty()) {
        out_.doubts.push_back(
            "no column says when: the order of the rows is taken for the "
            "order of the events");
      }
      return;
    }
    std::vector<std::string> sample;
    const auto at = std::find(out_.layout.columns.begin(),
                              out_.layout.columns.end(), c.time) -
                    out_.layout.columns.begin();
    for (const auto& row : out_.layout.sample) {
      sample.push_back(row[static_cast<std::size_t>(at)]);
    }
    const TimeReader reader("auto", sample);
    out_.has_clock = reader.has_clock();
    for (auto& [role, reason] : out_.reasons) {
      if (role == "time") reason += "; read as " + reader.describe();
    }
    if (reader.needs_day_month()) {
      out_.doubts.push_back(
          "dates such as 3/4/2024 do not say which is the day; import looks at "
          "all of them, columns.time_format settles it");
    }
  }

  Guess& out_;
  std::vector<ColumnLook> looks_;
  std::set<std::size_t> used_;
};

// items.csv or products.parquet beside the events, with the events' item ids.
std::string side_table(const Guess& guess, const std::string& role,
                       std::initializer_list<const char*> stems) {
  const fs::path folder = fs::path(guess.files[0]).parent_path();
  const std::string& key =
      role == "item" ? guess.columns.item : guess.columns.user;
  for (const char* stem : stems) {
    for (const char* ending :
         {".csv", ".parquet", ".tsv", ".csv.zst", ".csv.gz"}) {
      const fs::path file = folder / (std::string(stem) + ending);
      if (!fs::exists(file) || key.empty()) continue;
      const Layout layout = look_at(file.string());
      const auto& columns = layout.columns;
      if (std::find(columns.begin(), columns.end(), key) != columns.end()) {
        return file.string();
      }
    }
  }
  return {};
}

// Sessions of the files that a preset reads last.
int count_last_lines(const Guess& guess) {
  const std::string last = guess.preset->value("last");
  std::vector<std::string> files;
  for (const std::string& file : guess.files) {
    if (!last.empty() &&
        fs::path(file).filename().string().find(last) != std::string::npos) {
      files.push_back(file);
    }
  }
  if (files.empty() || files.size() == guess.files.size()) return 0;
  Connection connection;
  return std::stoi(
      connection.value("SELECT count(line) FROM " + lines_sql(files))
          .value_or("0"));
}

void use_preset(Guess& out) {
  const JsonObject defaults = out.preset->defaults();
  if (const Json* split = defaults.if_contains("split")) {
    out.split = split->at("kind").as_string();
  }
  out.has_clock = out.split == "time";
  out.test_users = count_last_lines(out);
  std::string recognised = "its columns are those of this layout";
  if (out.preset->value("header") == "none") {
    recognised = "its lines look like this layout";
  }
  out.reasons.emplace_back("preset", recognised);
}

}  // namespace

Guess guess(const std::vector<std::string>& files) {
  Guess out;
  out.files = expand(files);
  if (out.files.empty()) invalid("init: name at least one file");
  out.layout = look_at(out.files[0]);
  out.preset = recognise(out.layout);
  if (out.preset != nullptr) {
    use_preset(out);
    return out;
  }
  if (out.layout.format == Format::kText) {
    invalid(out.files[0] +
            ": no delimiter splits its lines into the same number of fields "
            "(tried , ; tab | :: and blank); expected CSV, JSON lines or "
            "Parquet");
  }
  Guesser(out).run();
  out.items = side_table(out, "item", {"items", "products", "item", "product"});
  out.users = side_table(out, "user", {"users", "customers", "user"});
  return out;
}

}  // namespace ensue::data
