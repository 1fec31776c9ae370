// SPDX-License-Identifier: Apache-2.0
#include "ensue/store/redis_store.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <thread>
#include <utility>

#include "ensue/base/error.h"
#include "ensue/store/internal/redis_forms.h"
#include "ensue/store/internal/redis_link.h"
#include "ensue/store/internal/redis_scripts.h"
#include "ensue/store/retention.h"

namespace ensue::store {
namespace {

constexpr std::size_t kUsersAtOnce = 256;

std::int64_t number_of(const Reply& reply, std::int64_t otherwise) {
  if (reply.type == Reply::kNumber) return reply.number;
  std::int64_t value = otherwise;
  if (reply.type == Reply::kText) {
    std::from_chars(reply.text.data(), reply.text.data() + reply.text.size(),
                    value);
  }
  return value;
}

std::string letter(Kind kind) { return kind == Kind::kItem ? "i" : "u"; }

class Redis final : public EventStore {
 public:
  explicit Redis(RedisOptions options)
      : options_(std::move(options)),
        link_(options_.address, options_.password, options_.timeout) {}

  Appended append(std::span<const Event> events, events::Millis now) override;
  UserEvents user(std::string_view user) const override;
  std::uint64_t version(std::string_view user) const override;
  bool shared() const noexcept override { return true; }
  bool erase(std::string_view user) override;
  std::size_t remove(std::string_view user,
                     const std::function<bool(const Event&)>& gone) override;
  Page users(std::string_view cursor, std::size_t limit) const override;
  std::uint64_t read_since(
      std::uint64_t since,
      const std::function<void(const Event&)>& take) override;
  void keep(const Answer& answer) override;
  std::optional<Answer> answer(std::string_view user,
                               std::string_view id) const override;
  std::vector<Answer> answers(std::string_view user,
                              events::Millis since) const override;
  void put(Kind kind, std::span<const Document> documents) override;
  std::optional<std::string> document(Kind kind,
                                      std::string_view id) const override;
  bool drop(Kind kind, std::string_view id) override;
  std::vector<Document> documents(Kind kind, std::string_view cursor,
                                  std::size_t limit) const override;
  std::vector<std::string> prune(events::Millis now) override;
  Size size() const override;

 private:
  std::string key(std::string_view name) const {
    return options_.prefix + std::string(name);
  }
  std::string key(std::string_view letter, std::string_view name) const {
    return key(letter) + std::string(name);
  }
  std::vector<std::string> names(const std::string& set,
                                 std::string_view cursor,
                                 std::size_t limit) const;
  // As they arrived, and the version.
  std::vector<Arrived> record(std::string_view user,
                              std::string& version) const;
  void each_record(const std::function<void(const std::string& user,
                                            std::vector<Arrived>)>& take) const;
  std::int64_t oldest_answer(const Reply& horizon) const;
  void prune_answers();
  void write_files_anew();

  RedisOptions options_;
  mutable RedisLink link_;
};

Appended Redis::append(std::span<const Event> events, events::Millis now) {
  check(events);
  if (events.empty()) return {};
  const Retention& retention = options_.retention;
  std::vector<std::string> words = {
      options_.prefix, std::to_string(retention.events_per_user),
      std::to_string(events::count(now)),
      std::to_string(retention.event_id_days * events::kDayMs)};
  for (const Event& event : events) {
    words.push_back(event.user);
    words.push_back(event.event_id);
    words.push_back(time_bytes(event.time));
    words.push_back(body_of(event));
  }
  Appended done;
  for (const Reply& one : link_.run(RedisScripts::append, words).list) {
    done.stored.push_back(one.number == 1);
  }
  return done;
}

std::vector<Arrived> Redis::record(std::string_view user,
                                   std::string& version) const {
  const std::vector<std::string> words = {options_.prefix, std::string(user)};
  const Reply reply = link_.run(RedisScripts::record, words);
  version = reply.list.at(0).text;
  std::vector<Arrived> out;
  for (const Reply& event : reply.list.at(1).list) {
    out.push_back(arrived(user, event.text));
  }
  return out;
}

UserEvents Redis::user(std::string_view user) const {
  std::string version;
  UserEvents out;
  for (Arrived& one : record(user, version)) {
    out.events.push_back(std::move(one.event));
  }
  out.version = std::stoull(version);
  std::ranges::stable_sort(out.events, {}, &Event::time);
  return out;
}

std::uint64_t Redis::version(std::string_view user) const {
  return static_cast<std::uint64_t>(
      number_of(link_.ask({"HGET", key("versions"), std::string(user)}), 0));
}

bool Redis::erase(std::string_view user) {
  for (;;) {
    std::string version;
    std::vector<std::string> words = {options_.prefix, std::string(user), ""};
    for (const Arrived& one : record(user, version)) {
      if (!one.event.event_id.empty()) words.push_back(one.event.event_id);
    }
    if (version != "0") words[2] = version;
    const std::int64_t found = link_.run(RedisScripts::erase, words).number;
    if (found == 1) write_files_anew();
    if (found >= 0) return found == 1;
  }
}

// A rewrite that has begun may hold the user still: another must follow. A
// server that lets nobody ask for it keeps its own promises.
void Redis::write_files_anew() {
  const auto until = std::chrono::steady_clock::now() + options_.timeout;
  for (;;) {
    try {
      const Reply log = link_.ask({"CONFIG", "GET", "appendonly"});
      const Reply saves = link_.ask({"CONFIG", "GET", "save"});
      if (log.list.size() == 2 && log.list[1].text == "yes") {
        link_.ask({"BGREWRITEAOF"});
      }
      if (saves.list.size() == 2 && !saves.list[1].text.empty()) {
        link_.ask({"BGSAVE", "SCHEDULE"});
      }
      return;
    } catch (const Error& error) {
      const bool busy = std::string_view(error.what()).find("in progress") !=
                        std::string_view::npos;
      if (!busy || std::chrono::steady_clock::now() > until) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
}

std::size_t Redis::remove(std::string_view user,
                          const std::function<bool(const Event&)>& gone) {
  for (;;) {
    std::string version;
    const std::vector<Arrived> all = record(user, version);
    std::vector<std::string> words = {options_.prefix, std::string(user),
                                      version};
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (gone(all[i].event)) words.push_back(std::to_string(i + 1));
    }
    if (words.size() == 3) return 0;
    if (link_.run(RedisScripts::take_out, words).number == 1) {
      return words.size() - 3;
    }
  }
}

std::vector<std::string> Redis::names(const std::string& set,
                                      std::string_view cursor,
                                      std::size_t limit) const {
  const std::string from = cursor.empty() ? "-" : "(" + std::string(cursor);
  std::vector<std::string> out;
  for (Reply& name : link_
                         .ask({"ZRANGEBYLEX", key(set), from, "+", "LIMIT", "0",
                               std::to_string(limit)})
                         .list) {
    out.push_back(std::move(name.text));
  }
  return out;
}

EventStore::Page Redis::users(std::string_view cursor,
                              std::size_t limit) const {
  const std::vector<std::string> records = names("users", cursor, limit + 1),
                                 owns = names("k:u", cursor, limit + 1);
  Page page;
  std::ranges::set_union(records, owns, std::back_inserter(page.names));
  if (page.names.size() > limit) {
    page.names.resize(limit);
    page.cursor = limit > 0 ? page.names.back() : std::string(cursor);
  }
  return page;
}

void Redis::each_record(
    const std::function<void(const std::string& user, std::vector<Arrived>)>&
        take) const {
  std::string cursor;
  for (;;) {
    const std::vector<std::string> some = names("users", cursor, kUsersAtOnce);
    if (some.empty()) return;
    std::vector<Command> commands;
    for (const std::string& user : some) {
      commands.push_back({"LRANGE", key("u:", user), "0", "-1"});
    }
    const std::vector<Reply> records = link_.ask(commands);
    for (std::size_t i = 0; i < some.size(); ++i) {
      std::vector<Arrived> all;
      for (const Reply& event : records[i].list) {
        all.push_back(arrived(some[i], event.text));
      }
      take(some[i], std::move(all));
    }
    cursor = some.back();
  }
}

std::uint64_t Redis::read_since(std::uint64_t since,
                                const std::function<void(const Event&)>& take) {
  const auto end =
      static_cast<std::uint64_t>(link_.ask({"INCR", key("epoch")}).number);
  each_record([&](const std::string&, const std::vector<Arrived>& all) {
    for (const Arrived& one : all) {
      if (one.epoch >= since && one.epoch < end) take(one.event);
    }
  });
  return end;
}

void Redis::keep(const Answer& answer) {
  const std::string at = key("a:", answer.user);
  std::vector<Command> commands = {
      {"MULTI"},
      {"HSET", at, answer.id, pack_answer(answer)},
      {"ZADD", key("answered"), std::to_string(events::count(answer.time)),
       answer.user}};
  if (options_.retention.answer_days > 0) {  // even if nobody prunes
    commands.push_back(
        {"PEXPIRE", at,
         std::to_string(options_.retention.answer_days * events::kDayMs)});
  }
  commands.push_back({"EXEC"});
  link_.ask(commands);
}

std::int64_t Redis::oldest_answer(const Reply& horizon) const {
  return days_before(
      number_of(horizon, std::numeric_limits<std::int64_t>::min()),
      options_.retention.answer_days);
}

std::optional<Answer> Redis::answer(std::string_view user,
                                    std::string_view id) const {
  const std::vector<Command> commands = {
      {"GET", key("horizon")}, {"HGET", key("a:", user), std::string(id)}};
  const std::vector<Reply> replies = link_.ask(commands);
  if (replies[1].type != Reply::kText) return {};
  Answer answer = unpack_answer(user, id, replies[1].text);
  if (events::count(answer.time) < oldest_answer(replies[0])) return {};
  return answer;
}

std::vector<Answer> Redis::answers(std::string_view user,
                                   events::Millis since) const {
  const std::vector<Command> commands = {{"GET", key("horizon")},
                                         {"HGETALL", key("a:", user)}};
  const std::vector<Reply> replies = link_.ask(commands);
  const std::int64_t first =
      std::max(events::count(since), oldest_answer(replies[0]));
  std::vector<Answer> out;
  const std::vector<Reply>& all = replies[1].list;
  for (std::size_t i = 0; i + 1 < all.size(); i += 2) {
    Answer answer = unpack_answer(user, all[i].text, all[i + 1].text);
    if (events::count(answer.time) >= first) out.push_back(std::move(answer));
  }
  std::ranges::sort(out, {}, &Answer::id);
  return out;
}

void Redis::put(Kind kind, std::span<const Document> documents) {
  if (documents.empty()) return;
  std::vector<Command> commands = {{"MULTI"}};
  for (const Document& document : documents) {
    commands.push_back(
        {"HSET", key("d:", letter(kind)), document.id, document.json});
    commands.push_back({"ZADD", key("k:", letter(kind)), "0", document.id});
  }
  commands.push_back({"EXEC"});
  link_.ask(commands);
}

std::optional<std::string> Redis::document(Kind kind,
                                           std::string_view id) const {
  Reply reply = link_.ask({"HGET", key("d:", letter(kind)), std::string(id)});
  if (reply.type != Reply::kText) return {};
  return std::move(reply.text);
}

bool Redis::drop(Kind kind, std::string_view id) {
  const std::vector<Command> commands = {
      {"MULTI"},
      {"HDEL", key("d:", letter(kind)), std::string(id)},
      {"ZREM", key("k:", letter(kind)), std::string(id)},
      {"EXEC"}};
  return link_.ask(commands).back().list.at(0).number == 1;
}

std::vector<Document> Redis::documents(Kind kind, std::string_view cursor,
                                       std::size_t limit) const {
  std::vector<Document> out;
  if (limit == 0) return out;
  const std::vector<std::string> ids =
      names("k:" + letter(kind), cursor, limit);
  if (ids.empty()) return out;
  Command command = {"HMGET", key("d:", letter(kind))};
  command.insert(command.end(), ids.begin(), ids.end());
  std::vector<Reply> jsons = link_.ask(command).list;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (jsons.at(i).type != Reply::kText) continue;  // dropped since
    out.push_back({ids[i], std::move(jsons[i].text)});
  }
  return out;
}

void Redis::prune_answers() {
  const std::int64_t first = oldest_answer(link_.ask({"GET", key("horizon")}));
  const std::vector<Reply> users =
      link_.ask({"ZRANGE", key("answered"), "0", "-1"}).list;
  for (const Reply& user : users) {
    const std::string at = key("a:", user.text);
    const std::vector<Reply> all = link_.ask({"HGETALL", at}).list;
    Command gone = {"HDEL", at};
    for (std::size_t i = 0; i + 1 < all.size(); i += 2) {
      const Answer answer =
          unpack_answer(user.text, all[i].text, all[i + 1].text);
      if (events::count(answer.time) < first) gone.push_back(answer.id);
    }
    if (gone.size() > 2) link_.ask(gone);
    if (gone.size() - 2 == all.size() / 2) {
      link_.ask({"ZREM", key("answered"), user.text});
    }
  }
}

std::vector<std::string> Redis::prune(events::Millis now) {
  const std::vector<std::string> words = {options_.prefix,
                                          std::to_string(events::count(now))};
  link_.run(RedisScripts::move_horizon, words);
  prune_answers();
  std::vector<std::string> changed;
  if (options_.retention.days <= 0) return changed;
  const std::int64_t first =
      days_before(events::count(now), options_.retention.days);
  const auto too_old = [&](const Event& event) {
    return events::count(event.time) < first;
  };
  each_record([&](const std::string& user, const std::vector<Arrived>& all) {
    if (std::ranges::any_of(all, too_old, &Arrived::event) &&
        remove(user, too_old) > 0) {
      changed.push_back(user);
    }
  });
  return changed;
}

EventStore::Size Redis::size() const {
  const std::vector<Command> commands = {{"INFO", "memory"},
                                         {"ZCARD", key("users")}};
  const std::vector<Reply> replies = link_.ask(commands);
  Size size{.bytes = 0, .users = static_cast<std::uint64_t>(replies[1].number)};
  const std::string& info = replies[0].text;
  constexpr std::string_view name = "used_memory:";
  if (const std::size_t at = info.find(name); at != std::string::npos) {
    const char* const digits = info.data() + at + name.size();
    std::from_chars(digits, info.data() + info.size(), size.bytes);
  }
  return size;
}

}  // namespace

std::unique_ptr<EventStore> open_redis(RedisOptions options) {
  return std::make_unique<Redis>(std::move(options));
}

}  // namespace ensue::store
