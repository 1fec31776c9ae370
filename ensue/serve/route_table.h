// SPDX-License-Identifier: Apache-2.0
// Finds the endpoint of a path in steps of its pieces.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ensue/serve/routes.h"

namespace ensue::serve {

/// A tree of path pieces. Immutable; the endpoints must outlive it.
class RouteTable {
 public:
  /// @throws Error(kInvalidArgument) when two endpoints mean the same request.
  explicit RouteTable(const std::vector<Endpoint>& endpoints);
  Match find(Request& request) const;

 private:
  struct Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> fixed;
    std::unique_ptr<Node> any;
    std::array<const Endpoint*, 5> by_method{};
  };
  void add(const Endpoint& endpoint);
  const Node* walk(const Node& node, std::span<const std::string_view> rest,
                   std::vector<std::string_view>& values) const;
  Node root_;
};

}  // namespace ensue::serve
