// SPDX-License-Identifier: Apache-2.0
#include "ensue/data/internal/roles.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <set>

#include "ensue/data/layout.h"

namespace ensue::data {
namespace {

struct RoleWords {
  std::string_view role;
  std::vector<std::string_view> words;  // best first
};

// Lower case, without blanks, underscores and the like.
const std::vector<RoleWords>& vocabulary() {
  static const std::vector<RoleWords> list = {
      {"user", {"userid",       "user",         "customerid",    "customer",
                "clientid",     "client",       "memberid",      "member",
                "visitorid",    "visitor",      "householdid",   "household",
                "householdkey", "uid",          "accountid",     "account",
                "buyerid",      "buyer",        "shopperid",     "shopper",
                "reviewerid",   "reviewer",     "personid",      "person",
                "kundenid",     "kundennummer", "kunde",         "kundennr",
                "clienteid",    "cliente",      "utilisateur",   "usuarioid",
                "usuario",      "utente",       "fullvisitorid", "userpseudoid",
                "anonymousid",  "deviceid",     "cookieid",      "sasuser",
                "用户",         "用户id",       "会员",          "客户",
                "顾客",         "ユーザー",     "会員",          "고객",
                "клиент",       "пользователь"}},
      {"item",
       {"itemid",        "item",          "productid",  "product",   "sku",
        "stockcode",     "asin",          "parentasin", "articleid", "article",
        "artikelnummer", "artikel",       "artikelnr",  "movieid",   "movie",
        "filmid",        "film",          "trackid",    "track",     "songid",
        "song",          "goodsid",       "goods",      "bookid",    "isbn",
        "contentid",     "listingid",     "videoid",    "aid",       "iid",
        "clothingid",    "clothingmodel", "productoid", "producto",  "produit",
        "articulo",      "prodotto",      "couponupc",  "upc",       "ean",
        "商品",          "商品id",        "产品",       "物品",      "상품",
        "товар"}},
      {"time",
       {"timestamp",
        "eventtime",
        "time",
        "datetime",
        "ts",
        "invoicetime",
        "invoicedate",
        "orderdate",
        "purchasedate",
        "eventdate",
        "transactiontimestamp",
        "transactiondate",
        "redemptiondate",
        "date",
        "createdat",
        "created",
        "reviewtime",
        "unixreviewtime",
        "eventtimestamp",
        "unixtime",
        "zeitpunkt",
        "datum",
        "zeit",
        "fecha",
        "hora",
        "heure",
        "datetemps",
        "时间",
        "时间戳",
        "日期",
        "日時",
        "日付",
        "시간",
        "дата",
        "время"}},
      {"order",
       {"pos", "position", "order", "seq", "sequence", "rank", "step"}},
      {"action",
       {"action",  "actiontype", "event",     "eventtype",    "eventname",
        "type",    "behavior",   "behaviour", "behaviortype", "behaviourtype",
        "verb",    "activity",   "aktion",    "ereignis",     "evento",
        "accion",  "行为",       "行为类型",  "操作",         "動作",
        "действие"}},
      {"value",
       {"rating",  "value",     "amount",   "salesvalue", "revenue", "total",
        "dollars", "spend",     "sales",    "score",      "stars",   "overall",
        "price",   "unitprice", "quantity", "qty",        "betrag",  "umsatz",
        "preis",   "importe",   "precio",   "montant",    "prix",    "金额",
        "评分",    "价格",      "数量",     "金額",       "сумма"}},
      {"rating", {"rating", "score", "stars", "overall", "bewertung", "评分"}},
      {"text",
       {"text", "query", "reviewtext", "review", "search", "searchterm",
        "comment", "searchquery", "bewertung", "搜索", "评论"}},
      {"session",
       {"sessionid", "session", "basketid", "basket", "invoice", "invoiceno",
        "invoiceid", "orderid", "transactionid", "receiptid", "visitid",
        "gasessionid", "warenkorb", "bestellung", "pedido", "commande", "会话",
        "订单", "订单id"}},
      {"event_id",
       {"eventid", "messageid", "eventuuid", "uuid", "insertid", "rowid"}},
  };
  return list;
}

// "user_id:token" and "User ID" both become "userid".
std::string plain(std::string_view name) {
  if (const auto colon = name.rfind(':');
      colon != std::string_view::npos && colon > 0) {
    name = name.substr(0, colon);
  }
  std::string out;
  for (const char c : name) {
    const auto u = static_cast<unsigned char>(c);
    if (u >= 0x80 || std::isalnum(u)) {
      out += static_cast<char>(u < 0x80 ? std::tolower(u) : u);
    }
  }
  return out;
}

double as_number(const std::string& text) {
  double out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

bool is_missing(const std::string& cell) {
  return cell.empty() || cell == "NA" || cell == "NULL" || cell == "null" ||
         cell == "\\N" || cell == "nan" || cell == "NaN";
}

}  // namespace

ColumnLook look_at_column(const std::vector<std::vector<std::string>>& sample,
                          std::size_t column) {
  ColumnLook out;
  std::set<std::string_view> distinct;
  std::size_t numbers = 0, integers = 0, times = 0, bytes = 0;
  double previous = -INFINITY;
  out.rising = true;
  out.low = INFINITY, out.high = -INFINITY;
  for (const auto& row : sample) {
    if (column >= row.size() || is_missing(row[column])) continue;
    const std::string& cell = row[column];
    ++out.filled;
    distinct.insert(cell);
    bytes += cell.size();
    if (looks_like_number(cell)) {
      const double n = as_number(cell);
      ++numbers;
      integers += n == std::floor(n);
      out.rising = out.rising && n >= previous;
      previous = n;
      out.low = std::min(out.low, n);
      out.high = std::max(out.high, n);
    } else {
      times += looks_like_time(cell);
    }
  }
  const double filled =
      static_cast<double>(std::max<std::size_t>(1, out.filled));
  out.distinct = distinct.size();
  out.numbers = static_cast<double>(numbers) / filled;
  out.integers = static_cast<double>(integers) / filled;
  out.times = static_cast<double>(times) / filled;
  out.length = static_cast<double>(bytes) / filled;
  out.rising = out.rising && numbers > 0;
  return out;
}

int name_fits(std::string_view role, std::string_view column) {
  const std::string name = plain(column);
  for (const RoleWords& entry : vocabulary()) {
    if (entry.role != role) continue;
    int score = 100;
    for (const std::string_view word : entry.words) {
      if (name == word) return score;
      score -= score > 60 ? 1 : 0;
    }
    for (const std::string_view word : entry.words) {
      if (word.size() >= 4 && name.find(word) != std::string::npos)
        return kPartOfName;
    }
  }
  return 0;
}

bool looks_like_unix_times(const ColumnLook& look) {
  if (look.numbers < 0.95 || look.filled == 0) return false;
  for (const double unit : {1.0, 1e3, 1e6, 1e9}) {
    if (look.low >= 631152000 * unit && look.high < 4102444800 * unit) {
      return true;
    }
  }
  return false;
}

bool values_fit(std::string_view role, const ColumnLook& look, int name) {
  if (look.filled == 0) return role == "text" || role == "event_id";
  const bool time = look.times >= 0.9 || looks_like_unix_times(look);
  const bool date_digits =
      look.integers >= 0.95 && look.low >= 19000101 && look.high <= 21001231;
  const bool whole = look.numbers < 0.05 || look.integers >= look.numbers;
  if (role == "time") return time || date_digits || look.times >= 0.5;
  if (role == "order") return look.integers >= 0.95;
  if (role == "value") return look.numbers >= 0.9;
  if (role == "action") {
    return look.distinct <= 40 && (look.numbers < 0.05 || look.distinct <= 8);
  }
  if (role == "text") return look.numbers < 0.5;
  if (role == "user" || role == "item" || role == "session") {
    return whole && look.times < 0.5 && look.length < 80 &&
           (look.distinct > 2 || look.filled < 20 || name > kPartOfName);
  }
  return true;
}

}  // namespace ensue::data
