// SPDX-License-Identifier: Apache-2.0
#include "ensue/train/candidates.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/classic/table_blend.h"
#include "ensue/judge/customer_features.h"

namespace ensue::train {
namespace {

using classic::members_of;

constexpr std::string_view kHead = "head", kEmbedding = ":embedding";

bool reads_sequence(const std::string& member) {
  return member == kHead || member.ends_with(kEmbedding);
}

events::Table with_embedding(const CandidateRows& rows) {
  events::Table out = rows.features.rows;
  for (const events::Column& column : rows.sequence.columns) {
    if (column.name.starts_with("embedding_")) out.columns.push_back(column);
  }
  return out;
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

artifact::Draft Candidates::fit(const std::string& name) {
  classic::TableFitOptions options = options_;
  options.model = name;
  if (!wants_sequence(name)) {
    return classic::fit_table(train_.features.rows, train_.features.labels,
                              validation_.features.rows,
                              validation_.features.labels, options);
  }
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
  return runtime::TableModel(artifact::Artifact::from_bytes(kept, name));
}

std::vector<std::byte> Candidates::fitted(const std::string& name) const {
  const bool embedding = name.ends_with(kEmbedding);
  classic::TableFitOptions options = options_;
  options.model =
      embedding ? name.substr(0, name.size() - kEmbedding.size()) : name;
  options.calibration = "none";  // the blend's counts
  const auto columns = [&](const CandidateRows& rows) {
    return embedding ? with_embedding(rows) : rows.features.rows;
  };
  return classic::fit_table(columns(train_), train_.features.labels,
                            columns(validation_), validation_.features.labels,
                            options)
      .bytes();
}

}  // namespace ensue::train
