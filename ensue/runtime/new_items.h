// SPDX-License-Identifier: Apache-2.0
// Items that came after training.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ensue/artifact/artifact.h"
#include "ensue/events/table.h"

namespace ensue::runtime {

/// Whether a model makes item vectors from columns (block item_content) and
/// scores with them.
bool takes_new_items(const artifact::Artifact& artifact);

/// What columns alone say of items: one vector per row of `table`, before the
/// input's scale: [rows, width].
/// @throws Error(kInvalidArgument) when the model makes none or the table lacks
///   a column; Error(kCorrupt) when a tensor does not fit.
std::vector<float> content_vectors(const artifact::Artifact& artifact,
                                   const events::Table& table);

struct NewItems {
  std::vector<std::string> names;
  events::Table table;  // row i describes names[i]
};

/// The rows of `table` (row i describes name i of `names`) whose item the model
/// does not know, in their order.
NewItems unknown_items(const artifact::Artifact& artifact,
                       const events::Vocabulary& names,
                       const events::Table& table);

/// The same model with more items behind those it knows: their vectors come
/// from their columns alone, nothing is trained, and all
/// that was known keeps its place and its scores. Costs a copy of the artifact.
/// Its item table keeps its columns; what `items` lacks of them is missing.
/// @throws Error(kInvalidArgument) as above, and naming an item that is known
///   already or stands twice, or a column of another type.
std::shared_ptr<const artifact::Artifact> with_items(
    const artifact::Artifact& artifact, const NewItems& items);
/// The same, ready to be written.
artifact::Draft draft_with_items(const artifact::Artifact& artifact,
                                 const NewItems& items);

}  // namespace ensue::runtime
