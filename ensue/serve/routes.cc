// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/routes.h"

#include "ensue/serve/endpoints/endpoints.h"
#include "ensue/serve/endpoints/families.h"
#include "ensue/serve/route_table.h"

namespace ensue::serve {

namespace {

std::vector<Endpoint> all_routes() {
  std::vector<Endpoint> out = {
      post_events(), export_events(), get_recommend(),    post_recommend(),
      post_search(), post_predict(),  get_user(),         delete_user(),
      put_items(),   get_item(),      delete_item(),      list_items(),
      list_models(), load_model(),    explain_item(),     live(),
      ready(),       metrics_text(),  openapi_document(), docs_page(),
  };
  for (Endpoint& endpoint : family_routes()) out.push_back(std::move(endpoint));
  return out;
}

}  // namespace

const std::vector<Endpoint>& routes() {
  static const std::vector<Endpoint> list = all_routes();
  return list;
}

Match find_route(Request& request) {
  static const RouteTable table(routes());
  return table.find(request);
}

}  // namespace ensue::serve
