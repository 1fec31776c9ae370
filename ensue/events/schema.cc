// SPDX-License-Identifier: Apache-2.0
#include "ensue/events/schema.h"

#include "ensue/base/error.h"
#include "ensue/base/fields.h"

namespace ensue::events {
namespace {

struct Fields {
  Schema schema;
  void visit(auto&& field) {
    field("has_clock", schema.has_clock, "times are real");
    field("order_within_instant", schema.order_within_instant,
          "the order of events at one time is real");
    field("has_sessions", schema.has_sessions, "session ids were given");
    field("context", schema.context, "named context columns");
  }
};

}  // namespace

JsonObject Schema::to_json() const { return write_fields(Fields{*this}); }

Schema Schema::from_json(const Json& json, std::string_view where) {
  if (!json.is_object()) {
    throw Error(Code::kCorrupt, std::string(where) + ": schema is no object");
  }
  Fields fields;
  read_fields(fields, json.get_object(), where);
  return fields.schema;
}

}  // namespace ensue::events
