// SPDX-License-Identifier: Apache-2.0
// Every endpoint of the server, and which one a request means.
#pragma once

#include <string>
#include <vector>

#include "ensue/serve/endpoint.h"

namespace ensue::serve {

/// All of them, in the order of the documents.
const std::vector<Endpoint>& routes();

/// The endpoint that a request means; fills its path_values (decoded). A
/// trailing slash does not matter. Fixed pieces of a path win over {names}.
struct Match {
  const Endpoint* endpoint = nullptr;
  std::string allowed = {};  // methods of that path, when no endpoint fits
};
/// @throws Error(kInvalidArgument) on a broken escape in the path.
Match find_route(Request& request);

}  // namespace ensue::serve
