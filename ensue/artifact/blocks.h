// SPDX-License-Identifier: Apache-2.0
// The catalogue of block descriptors: what each block is, who trains it, and
// what it remembers of a user.
#pragma once

#include <string_view>

#include "ensue/base/catalog.h"

namespace ensue::artifact {

enum class Role { kInput, kLayer, kHead };
enum class Trainer { kNn, kClassic, kNone };

/// What answering must keep of one user so that one more event costs one step.
enum class Memory {
  kNone,       // the event alone
  kExact,      // a hidden state of fixed size, from the first event on
  kWindowed,   // the last `window` events, relative positions
  kReencoded,  // positions counted from a start that moves by half windows
};

struct BlockDescriptor {
  std::string_view name;
  Role role;
  Trainer trainer;
  Memory memory;
  std::string_view summary;  // one line for `ensue models` and the docs
  bool needs_clock = false;  // times must be times, not places in a log
};

const Catalog<BlockDescriptor>& blocks();

std::string_view name_of(Role role);
std::string_view name_of(Trainer trainer);
std::string_view name_of(Memory memory);

}  // namespace ensue::artifact
