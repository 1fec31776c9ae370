// SPDX-License-Identifier: Apache-2.0
#include <malloc.h>

#include "bench/peers/peers.h"

namespace ensue::peers {

void keep_memory() {
  ::mallopt(M_MMAP_MAX, 0);
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  ::mallopt(M_TOP_PAD, 64 << 20);
}

}  // namespace ensue::peers
