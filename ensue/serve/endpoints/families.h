// SPDX-License-Identifier: Apache-2.0
// Whole interfaces of other servers, each a list of endpoints.
#pragma once

#include <string_view>
#include <vector>

#include "ensue/serve/endpoint.h"

namespace ensue::serve {

/// Gorse, Metarank and the Open Inference Protocol, in that order.
std::vector<Endpoint> family_routes();

std::vector<Endpoint> gorse_feedback_routes();
std::vector<Endpoint> gorse_user_routes();
std::vector<Endpoint> gorse_item_routes();
std::vector<Endpoint> gorse_recommend_routes();
std::vector<Endpoint> gorse_health_routes();
std::vector<Endpoint> metarank_routes();
std::vector<Endpoint> inference_routes();

/// @throws Error(kInvalidArgument) when a body has more events than one may.
void check_batch(const Service& service, std::size_t events);

/// A parameter for every {name} of a path, with an example.
/// @param path  lives as long as the program.
std::vector<Parameter> path_parameters(std::string_view path);

}  // namespace ensue::serve
