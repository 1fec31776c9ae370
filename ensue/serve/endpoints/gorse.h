// SPDX-License-Identifier: Apache-2.0
// Gorse's REST interface, as its clients know it (Gorse 0.5), one family of
// routes per source. Field names and shapes are Gorse's; errors are plain text.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "ensue/serve/endpoints/families.h"
#include "ensue/serve/service.h"

namespace ensue::serve {

/// Gorse keeps one row per (type, user, item); here every event is kept, and
/// the row is what they come to: values added up, time and comment the latest.
struct GorseRow {
  std::string type, user, item;
  double value = 0;
  events::Millis time{0};
  std::string comment;
  Json labels;  // null: none

  Json json() const;
};

/// The context column of an event that was PUT: what is not later than its
/// number (milliseconds) no longer counts for the row's value.
inline constexpr std::string_view kPutColumn = "gorse_put";

/// Rows of a user's events that have an item, by type, then item.
/// @param events  in the order of the store.
std::vector<GorseRow> gorse_rows(const std::string& user,
                                 std::span<const store::Event> events);

/// Whether a document stands for an item that was dropped: models know it
/// still, and must not show it.
bool is_dropped(const std::string& document);

/// {"RowAffected": n}
Response row_affected(std::size_t rows);
/// A plain text of Gorse's kind.
Response gorse_missing(std::string_view what);
/// The cursor of the query, "" when absent; gorsejs writes it "Cursor".
std::string gorse_cursor(const Request& request);
/// n of the query: 10 when absent; more than 10,000 are 10,000.
std::size_t gorse_count(const Request& request, std::string_view name,
                        std::int64_t otherwise);

/// Where a listing goes on: behind which users of the store, and behind how
/// many rows of the next one.
struct Place {
  std::string users;  // the store's cursor, any bytes
  std::size_t rows = 0;

  /// @throws Error(kInvalidArgument) unless text() made it; "" is the start.
  static Place read(const std::string& text);
  /// The store's cursor in hexadecimal, '.', the rows.
  std::string text() const;
};

/// A path as Gorse's metrics name it.
template <std::size_t kSize>
struct ApiName {
  constexpr ApiName(const char (&from)[kSize]) {  // NOLINT: meant to convert
    std::copy_n(from, kSize, text);
  }
  char text[kSize];
};

/// A handler that is timed in gorse_server_rest_api_request_seconds{api}.
template <ApiName kApi, Handler kHandle>
Response timed(Service& service, const Request& request) {
  struct Timer {
    prometheus::Histogram& seconds;
    std::chrono::steady_clock::time_point since =
        std::chrono::steady_clock::now();
    ~Timer() {
      seconds.Observe(std::chrono::duration<double>(
                          std::chrono::steady_clock::now() - since)
                          .count());
    }
  } timer{service.metrics().seconds("gorse_server_rest_api_request_seconds",
                                    "Time of a request by path",
                                    {{"api", kApi.text}})};
  return kHandle(service, request);
}

/// An endpoint of the family: its path is also its name in the metrics.
template <ApiName kApi, Handler kHandle>
Endpoint gorse_endpoint(Method method, Scope scope, std::string_view summary) {
  static constexpr ApiName kPath = kApi;
  return {.method = method,
          .path = {kPath.text, sizeof(kPath.text) - 1},
          .scope = scope,
          .group = "gorse",
          .summary = summary,
          .parameters = path_parameters({kPath.text, sizeof(kPath.text) - 1}),
          .handle = timed<kApi, kHandle>,
          .errors = ErrorStyle::kPlainText};
}

}  // namespace ensue::serve
