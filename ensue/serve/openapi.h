// SPDX-License-Identifier: Apache-2.0
// The interface written down, from the descriptions of the endpoints.
#pragma once

#include <string>
#include <vector>

#include "ensue/serve/routes.h"

namespace ensue::serve {

/// An OpenAPI 3.0 document. Schemas of bodies and answers are those of their
/// examples.
JsonObject openapi(const std::vector<Endpoint>& endpoints);

/// A page without scripts: every endpoint with its parameters, an example that
/// can be pasted into a terminal, and what it answers.
std::string docs_html(const std::vector<Endpoint>& endpoints);

}  // namespace ensue::serve
