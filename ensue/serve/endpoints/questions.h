// SPDX-License-Identifier: Apache-2.0
// Questions as they come over HTTP, and answers as they leave.
#pragma once

#include "ensue/serve/ask.h"
#include "ensue/serve/http.h"
#include "ensue/serve/service.h"

namespace ensue::serve {

/// From the query of a GET: user, k, exclude_seen, exclude, only, items, model,
/// probability, explore; names that may repeat stand several times.
/// @throws Error(kInvalidArgument) naming the parameter.
Question question_of_query(const Service& service, const Request& request);

/// From a JSON object with the same names; lists are arrays, `session` an array
/// of events without user.
/// @throws Error(kInvalidArgument) naming the field; unknown fields are
/// refused.
Question question_of_body(const Service& service, const Request& request);

Json answer_json(const Question& question, const Service::Answered& answered);

/// A JSON object of the body. @throws Error(kInvalidArgument).
JsonObject object_of(const Request& request);

}  // namespace ensue::serve
