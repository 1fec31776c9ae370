// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/candidates.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/classic/table_blend.h"
#include "ensue/classic/table_refit.h"
#include "ensue/judge/customer_features.h"

namespace ensue::train {
namespace {

using classic::members_of;

constexpr std::string_view kHead = "head", kEmbedding = ":embedding",
                           kShort = ":short";

bool reads_sequence(const std::string& member) {
  return member == kHead || member.ends_with(kEmbedding);
}

bool reads_shorter(const std::string& member) {
  return member.ends_with(kShort);
}

// What a member learns from, by its name; `made` holds it where it is put
// together.
const classic::TablePart& rows_for(const std::string& member,
                                   const CandidateRows& rows,
                                   classic::TablePart& made) {
  if (reads_shorter(member)) return rows.shorter;
  if (!member.ends_with(kEmbedding)) return rows.features;
  made = rows.features;
  for (const events::Column& column : rows.sequence.columns) {
    if (column.name.starts_with("embedding_"))
      made.rows.columns.push_back(column);
  }
  return made;
}

std::string model_of(const std::string& member) {
  for (const std::string_view suffix : {kEmbedding, kShort}) {
    if (member.ends_with(suffix)) {
      return member.substr(0, member.size() - suffix.size());
    }
  }
  return member;
}

std::vector<std::string> head_columns(const CandidateRows& rows) {
  std::vector<std::string> out;
  for (const events::Column& column : rows.sequence.columns) {
    if (column.name.starts_with(kHead)) out.push_back(column.name);
  }
  return out;
}

}  // namespace

classic::TablePart CandidateRows::all() const {
  classic::TablePart out = features;
  judge::append_columns(out.rows, sequence);
  return out;
}

bool wants_sequence(const std::string& name) {
  return std::ranges::any_of(members_of(name), reads_sequence);
}

bool wants_shorter(const std::string& name) {
  return std::ranges::any_of(members_of(name), reads_shorter);
}

artifact::Draft Candidates::fit(const std::string& name) {
  classic::TableFitOptions options = options_;
  options.model = name;
  std::vector<runtime::TableModel> parts;
  for (const std::string& part : members_of(name)) {
    parts.push_back(member(part));
  }
  return classic::draft_of(
      classic::blend_tables(std::move(parts), validation_.all().rows,
                            validation_.features.labels, options),
      options);
}

runtime::TableModel Candidates::member(const std::string& name) {
  if (name == kHead) {
    const auto columns = head_columns(train_);
    if (columns.empty()) {
      invalid("models: 'head', but the sequence model has no head");
    }
    return classic::given_margins(train_.features.labels, columns);
  }
  auto& kept = members_[name];
  if (kept.empty()) kept = fitted(name);
  return classic::renamed(
      runtime::TableModel(artifact::Artifact::from_bytes(kept, name)), name);
}

std::vector<std::byte> Candidates::fitted(const std::string& name) const {
  classic::TableFitOptions options = options_;
  options.model = model_of(name);
  options.calibration = "none";  // the blend's counts
  classic::TablePart train_made, validation_made;
  const auto& train = rows_for(name, train_, train_made);
  const auto& validation = rows_for(name, validation_, validation_made);
  return classic::fit_table(train.rows, train.labels, validation.rows,
                            validation.labels, options)
      .bytes();
}

artifact::Draft Candidates::again(const std::string& name,
                                  runtime::TableModel model,
                                  bool with_test) const {
  std::map<std::string, classic::TablePart> parts;
  const auto rows = [&](const std::string& member) -> const auto& {
    const auto [found, added] = parts.try_emplace(member);
    if (!added) return found->second;
    std::vector<const CandidateRows*> known = {&train_, &validation_};
    if (with_test) known.push_back(&test_);
    for (const CandidateRows* one : known) {
      classic::TablePart made;
      classic::append_rows(found->second, rows_for(member, *one, made));
    }
    return found->second;
  };
  classic::TableFitOptions options = options_;
  options.model = name;
  return classic::refit_table(std::move(model), options, rows,
                              validation_.all().rows);
}

}  // namespace ensue::train
