// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/route_table.h"

namespace ensue::serve {
namespace {

std::vector<std::string_view> pieces_of(std::string_view path) {
  std::vector<std::string_view> out;
  while (!path.empty()) {
    if (path.front() == '/') path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end > 0) out.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return out;
}

bool is_name(std::string_view piece) { return piece.starts_with('{'); }

}  // namespace

RouteTable::RouteTable(const std::vector<Endpoint>& endpoints) {
  for (const Endpoint& endpoint : endpoints) add(endpoint);
}

void RouteTable::add(const Endpoint& endpoint) {
  Node* node = &root_;
  for (const std::string_view piece : pieces_of(endpoint.path)) {
    auto& next = is_name(piece) ? node->any : node->fixed[std::string(piece)];
    if (next == nullptr) next = std::make_unique<Node>();
    node = next.get();
  }
  auto& place = node->by_method[static_cast<std::size_t>(endpoint.method)];
  if (place != nullptr) {
    invalid("route: " + std::string(name_of(endpoint.method)) + " " +
            std::string(endpoint.path) + " stands twice");
  }
  place = &endpoint;
}

const RouteTable::Node* RouteTable::walk(
    const Node& node, std::span<const std::string_view> rest,
    std::vector<std::string_view>& values) const {
  if (rest.empty()) {
    for (const Endpoint* endpoint : node.by_method) {
      if (endpoint != nullptr) return &node;
    }
    return nullptr;
  }
  const auto fixed = node.fixed.find(rest[0]);
  if (fixed != node.fixed.end()) {
    const Node* hit = walk(*fixed->second, rest.subspan(1), values);
    if (hit != nullptr) return hit;
  }
  if (node.any == nullptr) return nullptr;
  values.push_back(rest[0]);
  const Node* hit = walk(*node.any, rest.subspan(1), values);
  if (hit == nullptr) values.pop_back();
  return hit;
}

Match RouteTable::find(Request& request) const {
  const auto pieces = pieces_of(request.path);
  std::vector<std::string_view> values;
  const Node* node = walk(root_, pieces, values);
  if (node == nullptr) return {};
  Match out;
  out.endpoint = node->by_method[static_cast<std::size_t>(request.method)];
  if (out.endpoint == nullptr) {
    for (const Endpoint* endpoint : node->by_method) {
      if (endpoint == nullptr) continue;
      out.allowed += (out.allowed.empty() ? "" : ", ") +
                     std::string(name_of(endpoint->method));
    }
    return out;
  }
  std::size_t next = 0;
  for (const std::string_view piece : pieces_of(out.endpoint->path)) {
    if (!is_name(piece)) continue;
    request.path_values.emplace_back(piece.substr(1, piece.size() - 2),
                                     decode_piece(values[next++]));
  }
  return out;
}

}  // namespace ensue::serve
