// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/clean.h"

#include <numeric>

namespace ensue::data {
namespace {

// The text of a field, or the reason why there is none.
std::uint64_t count_of(const JsonObject& json, std::string_view key,
                       std::string_view where) {
  const Json* found = json.if_contains(key);
  boost::json::error_code error;
  const std::uint64_t out =
      found == nullptr ? 0 : found->to_number<std::uint64_t>(error);
  if (found == nullptr || error) {
    throw Error(Code::kCorrupt,
                std::string(where) + ": no count '" + std::string(key) + "'");
  }
  return out;
}

JsonArray samples_json(const std::vector<SampleRow>& samples) {
  JsonArray out;
  for (const SampleRow& s : samples) {
    out.push_back(
        JsonObject{{"file", s.file}, {"line", s.line}, {"row", s.content}});
  }
  return out;
}

}  // namespace

const Catalog<CleaningRule>& cleaning_rules() {
  static const Catalog<CleaningRule> list(
      "cleaning rule",
      {
          {"unreadable", "the line does not split into the columns"},
          {"missing_item", "no item"},
          {"bad_time", "the time is missing or no time"},
          {"time_bounds", "the time lies outside [clean].time_from/time_to"},
          {"bad_value", "the value is no number"},
          {"impossible_value", "the value cannot be"},
          {"price", "a zero or negative price"},
          {"not_a_product", "the item code is no product (postage, fees, …)"},
          {"repeated_event_id", "an event_id that stood before"},
          {"duplicate", "an exact repetition of a row"},
          {"cancelled", "taken back later"},
          {"cancellation", "takes something back that is in the log"},
          {"cancellation_unpaired", "takes something back that is not there"},
          {"outlier", "a value far outside the others"},
          {"bot", "a user who acts faster than people do"},
          {"missing_value", "a missing number, and [missing] says drop"},
          {"no_user", "no user: set aside, kept for demand"},
      });
  return list;
}

std::uint64_t CleaningReport::removed() const noexcept {
  return std::accumulate(rules.begin(), rules.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const RuleCount& r) {
                           return sum + (r.rule == "no_user" ? 0 : r.rows);
                         });
}

JsonObject CleaningReport::to_json() const {
  JsonArray list;
  for (const RuleCount& r : rules) {
    const CleaningRule& rule = cleaning_rules().find(r.rule);
    list.push_back(JsonObject{{"rule", r.rule},
                              {"means", rule.summary},
                              {"rows", r.rows},
                              {"samples", samples_json(r.samples)}});
  }
  JsonArray said;
  for (const std::string& note : notes) said.emplace_back(note);
  return {{"rows", rows},
          {"kept", kept},
          {"removed", removed()},
          {"aside", aside},
          {"rules", std::move(list)},
          {"notes", std::move(said)}};
}

CleaningReport CleaningReport::from_json(const Json& json,
                                         std::string_view where) {
  const auto corrupt = [&](const char* what) {
    throw Error(Code::kCorrupt, std::string(where) + ": " + what);
  };
  if (!json.is_object()) corrupt("is no object");
  const JsonObject& in = json.get_object();
  CleaningReport out;
  out.rows = count_of(in, "rows", where);
  out.kept = count_of(in, "kept", where);
  out.aside = count_of(in, "aside", where);
  const Json* rules = in.if_contains("rules");
  if (rules == nullptr || !rules->is_array()) corrupt("no list 'rules'");
  try {
    for (const Json& entry : rules->get_array()) {
      RuleCount r;
      r.rule = std::string(entry.at("rule").as_string());
      r.rows = count_of(entry.as_object(), "rows", where);
      for (const Json& s : entry.at("samples").as_array()) {
        r.samples.push_back({std::string(s.at("file").as_string()),
                             count_of(s.as_object(), "line", where),
                             std::string(s.at("row").as_string())});
      }
      out.rules.push_back(std::move(r));
    }
    for (const Json& note : in.at("notes").as_array()) {
      out.notes.emplace_back(note.as_string());
    }
  } catch (const std::exception& error) {
    corrupt(error.what());
  }
  return out;
}

}  // namespace ensue::data
