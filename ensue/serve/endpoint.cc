// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/endpoint.h"

namespace ensue::serve {

std::string_view name_of(Scope scope) {
  switch (scope) {
    case Scope::kNone:
      return "none";
    case Scope::kIngest:
      return "ingest";
    case Scope::kRead:
      return "read";
    case Scope::kAdmin:
      return "admin";
  }
  return "none";
}

}  // namespace ensue::serve
