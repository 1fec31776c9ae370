// SPDX-License-Identifier: Apache-2.0
// "METHOD target", a line feed, a body: every endpoint answers it or refuses it
// with an Error, whatever was said before.
#include <string>
#include <string_view>

#include "ensue/base/error.h"
#include "ensue/serve/route_table.h"
#include "ensue/serve/testing.h"

namespace {

using namespace ensue::serve;

void answer(Service& service, Request& request) {
  const Match match = find_route(request);
  if (match.endpoint == nullptr) return;
  // Downloads would fill a disk at this pace; their parameters are numbers.
  if (match.endpoint->path == "/v1/events/export") return;
  match.endpoint->handle(service, request);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data,
                                      std::size_t size) {
  // Forgets now and then, so that inputs stay as quick as the first.
  static std::unique_ptr<testing::Shop> shop;
  static int asked = 0;
  if (asked++ % 5000 == 0) shop = std::make_unique<testing::Shop>();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t space = text.find(' ');
  const std::size_t line = text.find('\n');
  if (space == text.npos || line == text.npos || line < space) return 0;
  const auto method = method_of(text.substr(0, space));
  if (!method) return 0;
  Request request{.method = *method};
  try {
    read_target(text.substr(space + 1, line - space - 1), request);
    request.body = text.substr(line + 1);
    answer(shop->service, request);
  } catch (const ensue::Error& error) {
    if (std::string_view(error.what()).find('\n') != std::string_view::npos) {
      __builtin_trap();
    }
  }
  return 0;
}
