// SPDX-License-Identifier: Apache-2.0
// The cores of the machine, shared out in one place.
#pragma once

#include <cstddef>
#include <functional>

namespace ensue {

/// Cores this process may use (its affinity mask), at least 1; or what
/// set_threads() said.
int threads() noexcept;

/// Limits parallel_for(); 0 means every core. Call before work starts.
void set_threads(int count) noexcept;

/// Calls `body(begin, end)` over disjoint pieces of [0, size), each at most
/// `grain` long, on threads() threads. Pieces are handed out in order, so
/// which thread runs one is not defined: results must not depend on it. The
/// first exception is rethrown here after all threads stopped. Nested calls
/// run on the calling thread alone.
void parallel_for(std::size_t size, std::size_t grain,
                  const std::function<void(std::size_t, std::size_t)>& body);

}  // namespace ensue
