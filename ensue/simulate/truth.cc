// SPDX-License-Identifier: Apache-2.0
#include "ensue/simulate/internal/truth.h"

#include <string>

#include "ensue/base/fields.h"
#include "ensue/base/file.h"
#include "ensue/base/json.h"
#include "ensue/simulate/internal/text.h"

namespace ensue::simulate {
namespace {

std::string items_csv(const Shop& shop) {
  const Catalogue& items = shop.catalogue();
  Lines lines;
  lines.text() = "item_id,title,title_zh,category,price,available_from\n";
  for (std::uint32_t i = 0; i < items.items(); ++i) {
    lines.id('i', i).field(items.title(i)).field(items.title_zh(i));
    lines.field(items.category_name(items.category(i)));
    lines.cents(items.price_cents(i));
    lines.field(shop.calendar().date(items.arrival_week(i) * 7)).end();
  }
  return std::move(lines.text());
}

std::string items_truth_csv(const Shop& shop) {
  const Catalogue& items = shop.catalogue();
  Lines lines;
  lines.text() = "item_id,line,style,place,entry_weight,arrival_week\n";
  for (std::uint32_t i = 0; i < items.items(); ++i) {
    const int line = items.line(i);
    lines.id('i', i).field(line).field(items.style_name(items.style(i)));
    lines.field(i - items.line_begin(line)).real(items.entry_weight(i));
    lines.field(items.arrival_week(i)).end();
  }
  return std::move(lines.text());
}

// `to` is the first day after it.
std::string promotions_csv(const Shop& shop) {
  Lines lines;
  lines.text() = "promotion_id,category,from,to,discount\n";
  int number = 0;
  for (const Promotion& p : shop.promotions()) {
    lines.field("p" + std::to_string(++number));
    lines.field(shop.catalogue().category_name(p.category));
    lines.field(shop.calendar().date(p.first_week * 7));
    lines.field(shop.calendar().date((p.first_week + p.weeks) * 7));
    lines.real(p.discount).end();
  }
  return std::move(lines.text());
}

JsonArray segments_json() {
  JsonArray out;
  for (const Segment& s : kSegments) {
    JsonArray responses;
    for (const double share : s.response) responses.emplace_back(share);
    out.push_back(JsonObject{{"name", s.name},
                             {"share", s.share},
                             {"visits_per_day", s.visits_per_day},
                             {"leaves_after_a_session", s.leave},
                             {"cart_given_view", s.cart},
                             {"purchase_given_cart", s.buy},
                             {"responses", std::move(responses)}});
  }
  return out;
}

JsonObject campaign_json(const Shop& shop) {
  const CampaignEffects effects(shop);
  JsonArray kinds;
  for (int k = 0; k < kKinds; ++k) {
    const auto s = static_cast<std::size_t>(k / 3);
    const Response& r = kResponses[static_cast<std::size_t>(k % 3)];
    kinds.push_back(JsonObject{{"segment", kSegments[s].name},
                               {"response", r.name},
                               {"visits_times", r.visits},
                               {"purchase_given_cart_plus", r.buy},
                               {"effect", effects.of(k / 3, k % 3)}});
  }
  return {{"from", shop.calendar().date(shop.campaign().first)},
          {"to", shop.calendar().date(shop.campaign().last)},
          {"kinds", std::move(kinds)}};
}

JsonArray promotions_json(const Shop& shop) {
  JsonArray out;
  for (const Promotion& p : shop.promotions()) {
    out.push_back(
        JsonObject{{"category", shop.catalogue().category_name(p.category)},
                   {"first_week", p.first_week},
                   {"weeks", p.weeks},
                   {"lift", p.lift},
                   {"discount", p.discount}});
  }
  return out;
}

JsonArray categories_json(const Shop& shop) {
  JsonArray out;
  for (int c = 0; c < shop.catalogue().categories(); ++c) {
    out.push_back(JsonObject{{"name", shop.catalogue().category_name(c)},
                             {"refill_after_days", shop.cycle(c)}});
  }
  return out;
}

JsonArray row(std::span<const double> values) {
  JsonArray out;
  for (const double value : values) out.emplace_back(value);
  return out;
}

// P(first category) in every week, and P(product line) in every category.
JsonArray tastes_json(const Shop& shop) {
  JsonArray out;
  for (int g = 0; g < shop.options().tastes; ++g) {
    JsonArray weeks, styles;
    for (int w = 0; w < shop.calendar().weeks(); ++w) {
      weeks.push_back(row(shop.missions(g, w)));
    }
    for (int c = 0; c < shop.catalogue().categories(); ++c) {
      styles.push_back(row(shop.styles(g, c)));
    }
    out.push_back(JsonObject{{"category_by_week", std::move(weeks)},
                             {"line_by_category", std::move(styles)}});
  }
  return out;
}

}  // namespace

double effect_of(const Shop& shop, const CampaignEffects& effects,
                 const Trace& trace) {
  const Person& person = trace.person;
  const bool gone =
      trace.left && shop.calendar().day_of(trace.events.back().second) <
                        shop.campaign().first;
  return !person.in_campaign || gone
             ? 0
             : effects.of(person.segment, person.response);
}

std::uint64_t write_items(const Shop& shop,
                          const std::filesystem::path& folder) {
  std::uint64_t bytes = 0;
  const auto put = [&](const char* name, const std::string& text) {
    write_file(folder / name, text);
    bytes += text.size();
  };
  put("items.csv", items_csv(shop));
  put("promotions.csv", promotions_csv(shop));
  put("truth/items_truth.csv", items_truth_csv(shop));
  return bytes;
}

void write_parameters(const Shop& shop, const std::filesystem::path& folder) {
  JsonObject out;
  out["options"] = write_fields(shop.options());
  out["segments"] = segments_json();
  out["campaign"] = campaign_json(shop);
  out["promotions"] = promotions_json(shop);
  out["steps_along_a_line"] = row(kSteps);
  out["refill_due"] = "0.8 to 1.6 cycles after the purchase";
  out["cart_given_refill"] = kRefillCart;
  out["purchase_given_refill"] = kRefillBuy;
  out["bot_visits_per_day"] = kBotVisits;
  out["bot_more"] = kBotMore;
  out["categories"] = categories_json(shop);
  out["tastes"] = tastes_json(shop);
  write_file(folder / "truth/truth.json", to_pretty_text(out));
}

}  // namespace ensue::simulate
