// SPDX-License-Identifier: Apache-2.0
// /api/feedback: what users did, in Gorse's words.
#include <map>
#include <set>

#include "ensue/serve/endpoints/gorse.h"
#include "ensue/serve/formats/gorse.h"

namespace ensue::serve {
namespace {

std::vector<store::Event> read_feedback(Service& service,
                                        const Request& request) {
  std::vector<store::Event> out;
  each_row(request.body, [&](const Row& row) {
    out.push_back(gorse_feedback(row, row.object(), service.now()));
  });
  check_batch(service, out.size());
  return out;
}

// Items come into being by themselves: their documents are empty ones.
void make_items(Service& service, std::span<const store::Event> events) {
  std::set<std::string_view> names;
  for (const store::Event& event : events) names.insert(event.item);
  std::vector<store::Document> fresh;
  for (const std::string_view name : names) {
    const auto document = service.store().document(store::Kind::kItem, name);
    if (!document) fresh.push_back({std::string(name), "{}"});
    if (document && is_dropped(*document)) {
      const store::Document back{std::string(name),
                                 R"({"hidden":null,"dropped":null})"};
      service.put_items(std::span(&back, 1));
    }
  }
  // No model has to know: there is nothing in them.
  if (!fresh.empty()) service.store().put(store::Kind::kItem, fresh);
}

Response store_all(Service& service, std::span<const store::Event> events) {
  if (!events.empty()) {
    service.ingest(events);
    make_items(service, events);
  }
  return row_affected(events.size());
}

Response insert(Service& service, const Request& request) {
  return store_all(service, read_feedback(service, request));
}

using Key = std::tuple<std::string, std::string, std::string>;

// How far each row reaches that is there: what a PUT has to cover.
std::map<Key, double> reaches(Service& service,
                              std::span<const store::Event> events) {
  std::map<Key, double> out;
  std::set<std::string> users;
  for (const store::Event& event : events) users.insert(event.user);
  for (const std::string& user : users) {
    for (const store::Event& event : service.store().user(user).events) {
      double& reach = out[{event.action, user, event.item}];
      reach = std::max(reach, static_cast<double>(count(event.time)));
      for (const auto& [name, value] : event.context) {
        // Of two PUTs that would cover the same, the later wins.
        const auto* covers = std::get_if<double>(&value);
        if (name == kPutColumn && covers != nullptr) {
          reach = std::max(reach, *covers + 1);
        }
      }
    }
  }
  return out;
}

Response overwrite(Service& service, const Request& request) {
  std::vector<store::Event> events = read_feedback(service, request);
  auto reach = reaches(service, events);
  for (store::Event& event : events) {
    double& covers = reach[{event.action, event.user, event.item}];
    covers = std::max(covers, static_cast<double>(count(event.time)));
    event.context.emplace_back(kPutColumn, covers);
  }
  return store_all(service, events);
}

Response list_of(const std::vector<GorseRow>& rows, std::string_view type,
                 std::string_view item) {
  JsonArray out;
  for (const GorseRow& row : rows) {
    if ((type.empty() || row.type == type) &&
        (item.empty() || row.item == item)) {
      out.push_back(row.json());
    }
  }
  return Response::json(out);
}

std::vector<GorseRow> rows_of(Service& service, const std::string& user) {
  return gorse_rows(user, service.store().user(user).events);
}

Response of_pair(Service& service, const Request& request) {
  return list_of(rows_of(service, request.in_path("user")), "",
                 request.in_path("item"));
}

Response of_triple(Service& service, const Request& request) {
  for (const GorseRow& row : rows_of(service, request.in_path("user"))) {
    if (row.type == request.in_path("type") &&
        row.item == request.in_path("item")) {
      return Response::json(row.json());
    }
  }
  return gorse_missing("feedback");
}

// How many rows go, not how many events.
Response drop(Service& service, const Request& request,
              const std::string& type) {
  const std::string& user = request.in_path("user");
  const std::string& item = request.in_path("item");
  const auto meant = [&](const auto& action, const auto& name) {
    return name == item && (type.empty() || action == type);
  };
  std::size_t rows = 0;
  for (const GorseRow& row : rows_of(service, user)) {
    rows += meant(row.type, row.item);
  }
  if (rows > 0) {
    service.remove_events(user, [&](const store::Event& event) {
      return meant(event.action, event.item);
    });
  }
  return row_affected(rows);
}

Response drop_pair(Service& service, const Request& request) {
  return drop(service, request, "");
}

Response drop_triple(Service& service, const Request& request) {
  return drop(service, request, request.in_path("type"));
}

Response of_user(Service& service, const Request& request) {
  return list_of(rows_of(service, request.in_path("user")), "", "");
}

Response of_user_by_type(Service& service, const Request& request) {
  return list_of(rows_of(service, request.in_path("user")),
                 request.in_path("type"), "");
}

// Reads every user: nothing is kept by item.
Response of_item(Service& service, const Request& request,
                 std::string_view type) {
  const std::string& item = request.in_path("item");
  JsonArray out;
  std::string cursor;
  do {
    const auto page = service.store().users(cursor, 1000);
    for (const std::string& user : page.names) {
      for (const GorseRow& row : rows_of(service, user)) {
        if (row.item == item && (type.empty() || row.type == type)) {
          out.push_back(row.json());
        }
      }
    }
    cursor = page.cursor;
  } while (!cursor.empty());
  return Response::json(out);
}

Response of_item_any(Service& service, const Request& request) {
  return of_item(service, request, "");
}

Response of_item_by_type(Service& service, const Request& request) {
  return of_item(service, request, request.in_path("type"));
}

Response list(Service& service, const Request& request, std::string_view type) {
  const std::size_t n = gorse_count(request, "n", 10);
  Place place = Place::read(gorse_cursor(request));
  JsonArray out;
  std::string next;
  while (out.size() < n) {
    // One user at a time, so that the place behind each is known.
    const auto page = service.store().users(place.users, 1);
    if (page.names.empty()) {
      next.clear();
      break;
    }
    auto rows = rows_of(service, page.names[0]);
    std::erase_if(rows, [&](const GorseRow& row) {
      return !type.empty() && row.type != type;
    });
    while (place.rows < rows.size() && out.size() < n) {
      out.push_back(rows[place.rows++].json());
    }
    if (place.rows < rows.size()) {
      next = place.text();
      break;
    }
    place = {page.cursor, 0};
    next = page.cursor.empty() ? "" : place.text();
    if (next.empty()) break;
  }
  return Response::json(JsonObject{{"Cursor", next}, {"Feedback", out}});
}

Response list_any(Service& service, const Request& request) {
  return list(service, request, "");
}

Response list_type(Service& service, const Request& request) {
  return list(service, request, request.in_path("type"));
}

}  // namespace

std::vector<Endpoint> gorse_feedback_routes() {
  using enum Method;
  constexpr Scope kWrite = Scope::kIngest, kRead = Scope::kRead;
  std::vector<Endpoint> out = {
      gorse_endpoint<"/api/feedback", insert>(
          kPost, kWrite,
          "Store feedback; its Value is added to that of the same type, user "
          "and item."),
      gorse_endpoint<"/api/feedback", overwrite>(
          kPut, kWrite,
          "Store feedback; its Value takes the place of that of the same type, "
          "user and item."),
      gorse_endpoint<"/api/feedback", list_any>(kGet, kRead,
                                                "All feedback, page by page."),
      gorse_endpoint<"/api/feedback/{type}", list_type>(
          kGet, kRead, "All feedback of a type, page by page."),
      gorse_endpoint<"/api/feedback/{type}/{user}/{item}", of_triple>(
          kGet, kRead, "What the feedback of a user on an item comes to."),
      gorse_endpoint<"/api/feedback/{type}/{user}/{item}", drop_triple>(
          kDelete, kWrite, "Take back feedback of a type."),
      gorse_endpoint<"/api/feedback/{user}/{item}", of_pair>(
          kGet, kRead, "Feedback of a user on an item, by type."),
      gorse_endpoint<"/api/feedback/{user}/{item}", drop_pair>(
          kDelete, kWrite, "Take back all feedback of a user on an item."),
      gorse_endpoint<"/api/user/{user}/feedback", of_user>(
          kGet, kRead, "All feedback of a user."),
      gorse_endpoint<"/api/user/{user}/feedback/{type}", of_user_by_type>(
          kGet, kRead, "Feedback of a user, of one type."),
      gorse_endpoint<"/api/item/{item}/feedback", of_item_any>(
          kGet, kRead, "All feedback on an item; reads every user."),
      gorse_endpoint<"/api/item/{item}/feedback/{type}", of_item_by_type>(
          kGet, kRead, "Feedback on an item, of one type; reads every user."),
  };
  for (Endpoint& endpoint : out) {
    endpoint.slow = endpoint.path.starts_with("/api/item/");
    if (endpoint.method == kPost || endpoint.method == kPut) {
      endpoint.body_example =
          R"([{"FeedbackType":"view","UserId":"ann","ItemId":"mug-blue",)"
          R"("Timestamp":"2026-03-01T10:00:00Z"}])";
      endpoint.answer_example = R"({"RowAffected":1})";
    }
  }
  return out;
}

}  // namespace ensue::serve
