// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/models.h"

#include <algorithm>
#include <charconv>

#include "ensue/base/error.h"
#include "ensue/base/hash.h"

namespace ensue::serve {

ModelChoice ModelChoice::parse(const std::string& text) {
  ModelChoice out;
  std::string rest = text;
  const std::size_t equals = rest.find('=');
  if (equals != std::string::npos && rest.find('/') > equals) {
    out.name = rest.substr(0, equals);
    rest = rest.substr(equals + 1);
  }
  const std::size_t at = rest.rfind('@');
  if (at != std::string::npos) {
    const char* end = rest.data() + rest.size();
    const auto [stop, error] =
        std::from_chars(rest.data() + at + 1, end, out.share);
    if (error != std::errc() || stop != end || !(out.share >= 0) ||
        out.share > 1e6) {
      invalid("model: '" + text +
              "', expected a share of 0 or more behind the @");
    }
    rest.resize(at);
  }
  out.path = rest;
  if (out.name.empty() || out.path.empty() ||
      out.name.find_first_of("/?#% {}") != std::string::npos) {
    invalid("model: '" + text + "', expected NAME=PATH@SHARE");
  }
  return out;
}

std::uint64_t Models::next_number() {
  const std::lock_guard lock(mutex_);
  return ++number_;
}

std::shared_ptr<const LiveModel> Models::make(const ModelChoice& choice,
                                              const std::string& file) {
  return (approximate_ ? LiveModel::load_approximate : LiveModel::load)(
      {.name = choice.name,
       .path = choice.path,
       .file = file.empty() ? choice.path : file,
       .number = next_number()});
}

void Models::put(std::shared_ptr<const LiveModel> model, double share) {
  const std::lock_guard lock(mutex_);
  auto table = std::make_shared<Table>(*table_);
  const auto there = std::ranges::find_if(*table, [&](const Entry& entry) {
    return entry.model->name() == model->name();
  });
  if (there == table->end()) {
    table->push_back({std::move(model), share});
  } else {
    *there = {std::move(model), share};
  }
  table_ = std::move(table);
}

Models::Table Models::all() const {
  const std::lock_guard lock(mutex_);
  return *table_;
}

std::shared_ptr<const Models::Table> Models::now() const {
  const std::lock_guard lock(mutex_);
  return table_;
}

std::shared_ptr<const LiveModel> Models::find(std::string_view name) const {
  const auto table = now();
  std::string known;
  for (const Entry& entry : *table) {
    if (name.empty() || entry.model->name() == name) return entry.model;
    known += (known.empty() ? "" : ", ") + entry.model->name();
  }
  throw Error(Code::kNotFound,
              "unknown model '" + std::string(name) +
                  "'; known: " + (known.empty() ? "none" : known));
}

std::shared_ptr<const LiveModel> Models::choose(std::string_view user) const {
  const auto table = now();
  double sum = 0;
  for (const Entry& entry : *table) sum += entry.share;
  if (table->empty() || !(sum > 0)) {
    throw Error(Code::kUnavailable, "no model is loaded");
  }
  if (table->size() == 1) return table->front().model;
  // The same salt for ever: a user must not change sides at a restart.
  const std::uint64_t hash = checksum("ensue a/b:" + std::string(user));
  double place = static_cast<double>(hash >> 11) * 0x1.0p-53 * sum;
  for (const Entry& entry : *table) {
    if (place < entry.share) return entry.model;
    place -= entry.share;
  }
  return table->back().model;
}

}  // namespace ensue::serve
