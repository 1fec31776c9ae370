// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/formats/format.h"
#include "ensue/serve/formats/parsers.h"

namespace ensue::serve {

const Catalog<FormatEntry>& formats() {
  static const Catalog<FormatEntry> list(
      "format",
      {
          {"events", "user, item, action, time, value, text, session, …",
           parse_events},
          {"ga4", "Google Analytics 4: export rows, Measurement Protocol",
           parse_ga4},
          {"snowplow", "Snowplow e-commerce: enriched events, tracker payloads",
           parse_snowplow},
          {"segment", "Segment e-commerce: track and identify calls, batches",
           parse_segment},
          {"personalize", "Amazon Personalize: PutEvents, PutItems, PutUsers",
           parse_personalize},
          {"otto", "OTTO sessions: {session, events: [{aid, ts, type}]}",
           parse_otto},
          {"recbole", "RecBole atomic files (.inter, .item, .user), tabs",
           parse_recbole},
          {"gorse", "Gorse: feedback, items and users", parse_gorse},
          {"metarank", "Metarank: item, user, ranking and interaction events",
           parse_metarank},
      });
  return list;
}

}  // namespace ensue::serve
