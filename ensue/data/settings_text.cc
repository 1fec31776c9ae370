// SPDX-License-Identifier: Apache-2.0
// A guess as an ensue.toml that people can correct.
#include <algorithm>
#include <filesystem>

#include "ensue/data/guess.h"

namespace ensue::data {
namespace {

std::string toml(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string toml(const std::vector<std::string>& list) {
  std::string out = "[";
  for (const std::string& text : list) {
    out += (out.size() > 1 ? ", " : "") + toml(text);
  }
  return out + "]";
}

class Text {
 public:
  void comment(const std::string& text) { out_ += "# " + text + "\n"; }
  void section(const std::string& name) { out_ += "\n[" + name + "]\n"; }
  void key(const std::string& name, const std::string& value) {
    out_ += name + " = " + value + "\n";
  }
  void hint(const std::string& name, const std::string& value) {
    out_ += "# " + name + " = " + value + "\n";
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

std::string reason(const Guess& guess, const std::string& role) {
  for (const auto& [name, why] : guess.reasons) {
    if (name == role) return why;
  }
  return "";
}

void role(Text& text, const Guess& guess, const std::string& name,
          const std::string& column) {
  if (column.empty()) return;
  text.comment(name + ": " + reason(guess, name));
  text.key(name, toml(column));
}

void write_data(Text& text, const Guess& guess) {
  text.section("data");
  text.key("files", toml(guess.files));
  if (guess.preset != nullptr) {
    text.comment("preset: " + reason(guess, "preset") + ": " +
                 guess.preset->value("summary"));
    text.key("preset", toml(guess.preset->name));
  }
  if (!guess.items.empty()) {
    text.comment("items: beside the events, with the same item ids");
    text.key("items", toml(guess.items));
  }
  if (!guess.users.empty()) {
    text.comment("users: beside the events, with the same user ids");
    text.key("users", toml(guess.users));
  }
  text.key("dataset", toml("dataset"));
  text.hint("memory", toml("1GB"));
}

void write_columns(Text& text, const Guess& guess) {
  const ColumnOptions& c = guess.columns;
  text.section("columns");
  if (guess.preset != nullptr) {
    text.comment("the preset says what the columns are");
    return;
  }
  role(text, guess, "user", c.user);
  role(text, guess, "item", c.item);
  role(text, guess, "time", c.time);
  if (!c.time.empty()) text.key("time_format", toml(c.time_format));
  role(text, guess, "action", c.action);
  role(text, guess, "value", c.value);
  role(text, guess, "text", c.text);
  role(text, guess, "session", c.session);
  role(text, guess, "event_id", c.event_id);
  if (!c.context.empty()) {
    text.comment("context: columns without a role, kept as they are");
    text.key("context", toml(c.context));
  }
  if (c.action.empty()) {
    text.comment("default_action: no column says what was done");
    text.key("default_action", toml(c.default_action));
  }
  if (guess.has_clock) {
    text.comment(
        "order_within_instant: events of one user at one time are a basket");
    text.key("order_within_instant", "false");
  }
}

void write_preset_section(Text& text, const Guess& guess,
                          const std::string& section) {
  if (guess.preset == nullptr) return;
  const JsonObject defaults = guess.preset->defaults();
  const Json* found = defaults.if_contains(section);
  if (found == nullptr) return;
  for (const auto& [name, value] : found->get_object()) {
    const std::string plain(value.get_string());
    const bool bare =
        plain == "true" || plain == "false" ||
        plain.find_first_not_of("0123456789.-") == std::string::npos;
    text.key(std::string(name), bare ? plain : toml(plain));
  }
}

void write_split(Text& text, const Guess& guess) {
  text.section("split");
  text.comment(guess.split == "time"
                   ? "kind: the log has a clock, so the future is held out"
                   : "kind: the log has no clock that all users share");
  if (guess.preset == nullptr) {
    text.key("kind", toml(guess.split));
  } else {
    write_preset_section(text, guess, "split");
  }
  if (guess.test_users > 0) {
    text.comment("test_users: the sessions of the test file");
    text.key("test_users", std::to_string(guess.test_users));
  }
}

}  // namespace

std::string settings_text(const Guess& guess) {
  Text text;
  std::string names;
  for (const std::string& file : guess.files) {
    names += (names.empty() ? "" : ", ") +
             std::filesystem::path(file).filename().string();
  }
  text.comment("Guessed by ensue init from " + names + ".");
  text.comment(
      "Every guess says why; change what is wrong, then: ensue import");
  for (const std::string& doubt : guess.doubts) {
    text.comment("To check: " + doubt + ".");
  }
  write_data(text, guess);
  write_columns(text, guess);
  text.section("clean");
  write_preset_section(text, guess, "clean");
  text.hint("time_from", toml("1990-01-01"));
  text.hint("time_to", toml("2100-01-01"));
  text.section("missing");
  text.hint("columns", "[" + toml("value=median") + "]");
  write_split(text, guess);
  text.section("model");
  text.key("name", toml("gru"));
  if (guess.split == "time") {
    text.comment("repeats: people come back to what they took before");
    text.key("repeats", "500");
  }
  text.section("train");
  text.key("epochs", "30");
  return text.take();
}

}  // namespace ensue::data
