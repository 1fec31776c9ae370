// SPDX-License-Identifier: Apache-2.0
#include "ensue/base/time_text.h"
#include "ensue/tasks/profile.h"

namespace ensue::tasks {
namespace {

JsonArray interests_json(const std::vector<Interest>& interests) {
  JsonArray out;
  for (const Interest& one : interests) {
    out.push_back(JsonObject{{"name", one.name},
                             {"events", one.events},
                             {"share", one.share},
                             {"lift", one.lift}});
  }
  return out;
}

JsonObject rhythm_json(const Rhythm& rhythm) {
  JsonObject out{{"purchase_days", rhythm.days},
                 {"weekday", rhythm.weekday},
                 {"weekday_share", rhythm.weekday_share},
                 {"hour", rhythm.hour},
                 {"hour_share", rhythm.hour_share},
                 {"silence_days", rhythm.silence}};
  if (rhythm.due) {
    out["gap_days"] = rhythm.gap;
    out["due"] = time_text(events::count(*rhythm.due)).substr(0, 10);
  }
  return out;
}

}  // namespace

JsonObject to_json(const Profile& profile) {
  JsonArray offers;
  for (const Offer& offer : profile.offers) {
    JsonObject one{{"item", offer.item}};
    if (!offer.title.empty()) one["title"] = offer.title;
    one["score"] = offer.score;
    offers.push_back(std::move(one));
  }
  JsonObject out{{"events", profile.events},
                 {"purchases", profile.purchases},
                 {"spend", profile.spend},
                 {"favourites", interests_json(profile.favourites)},
                 {"long_term", interests_json(profile.long_term)},
                 {"short_term", interests_json(profile.short_term)}};
  if (profile.price) {
    out["price"] = JsonObject{{"band", profile.price->name},
                              {"low", profile.price->low},
                              {"middle", profile.price->middle},
                              {"high", profile.price->high}};
  }
  if (profile.rhythm) out["rhythm"] = rhythm_json(*profile.rhythm);
  if (profile.discount) out["discount"] = to_json(*profile.discount);
  out["offers"] = std::move(offers);
  out["offered_by"] = profile.offered_by;
  if (profile.risk) {
    out["risk"] = JsonObject{{"value", profile.risk->value},
                             {"by", profile.risk->by},
                             {"words", profile.risk->words}};
  }
  return out;
}

}  // namespace ensue::tasks
