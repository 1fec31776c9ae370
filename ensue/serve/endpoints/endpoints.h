// SPDX-License-Identifier: Apache-2.0
// One function per endpoint, one file per function or family; routes.cc lists
// them.
#pragma once

#include "ensue/serve/endpoint.h"

namespace ensue::serve {

Endpoint post_events();
Endpoint export_events();
Endpoint get_recommend();
Endpoint post_recommend();
Endpoint post_predict();
Endpoint post_search();
Endpoint get_user();
Endpoint delete_user();
Endpoint put_items();
Endpoint get_item();
Endpoint delete_item();
Endpoint list_items();
Endpoint list_models();
Endpoint load_model();
Endpoint explain_item();
Endpoint live();
Endpoint ready();
Endpoint metrics_text();
Endpoint openapi_document();
Endpoint docs_page();

}  // namespace ensue::serve
