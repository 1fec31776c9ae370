// SPDX-License-Identifier: Apache-2.0
// Test code, a program: writes to a store until it is killed.
//   store_writer FOLDER always|everysec FIRST
// Each call stores two events of every one of three users and is then told on
// standard output, a line with its number.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "ensue/store/rocks_store.h"
#include "ensue/store/testing.h"

int main(int argc, char** argv) {
  using namespace ensue::store;
  if (argc != 4) return 2;
  const auto store = open_rocks(
      argv[1], {.retention = {.events_per_user = 0},
                .sync = std::string(argv[2]) == "always" ? Sync::kAlways
                                                         : Sync::kEverySec,
                .cache_bytes = 4 << 20});
  for (int number = std::atoi(argv[3]);; ++number) {
    std::vector<Event> events;
    for (int i = 0; i < 6; ++i) {
      events.push_back(
          view("user" + std::to_string(i % 3), std::to_string(number), number));
      events.back().event_id = std::to_string(number * 6 + i);
    }
    store->append(events, ensue::events::Millis{number});
    const std::string line = std::to_string(number) + "\n";
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) return 1;
  }
}
