// SPDX-License-Identifier: Apache-2.0
#include "ensue/store/internal/redis_link.h"

#include <hiredis/hiredis.h>
#include <poll.h>
#include <sys/time.h>

#include <utility>

#include "ensue/base/error.h"

namespace ensue::store {
namespace {

[[noreturn]] void unavailable(const std::string& address,
                              const std::string& words) {
  throw Error(Code::kUnavailable, "redis " + address + ": " + words);
}

timeval timeval_of(std::chrono::milliseconds time) {
  return {.tv_sec = time.count() / 1000, .tv_usec = time.count() % 1000 * 1000};
}

Reply reply_of(const redisReply& raw) {
  Reply reply;
  switch (raw.type) {
    case REDIS_REPLY_INTEGER:
      reply.type = Reply::kNumber;
      reply.number = raw.integer;
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      reply.type = Reply::kText;
      reply.text.assign(raw.str, raw.len);
      break;
    case REDIS_REPLY_ERROR:
      reply.type = Reply::kError;
      reply.text.assign(raw.str, raw.len);
      break;
    case REDIS_REPLY_ARRAY:
      reply.type = Reply::kList;
      reply.list.reserve(raw.elements);
      for (std::size_t i = 0; i < raw.elements; ++i) {
        reply.list.push_back(reply_of(*raw.element[i]));
      }
      break;
    default:
      break;
  }
  return reply;
}

void send(redisContext& context, const Command& command) {
  std::vector<const char*> words;
  std::vector<std::size_t> sizes;
  for (const std::string& word : command) {
    words.push_back(word.data());
    sizes.push_back(word.size());
  }
  redisAppendCommandArgv(&context, static_cast<int>(words.size()), words.data(),
                         sizes.data());
}

// Between two calls a server has nothing to say: what can be read is its end.
bool gone(const redisContext& context) {
  pollfd look = {.fd = context.fd, .events = POLLIN, .revents = 0};
  return ::poll(&look, 1, 0) != 0;
}

}  // namespace

void RedisLink::Closer::operator()(redisContext* context) const noexcept {
  redisFree(context);
}

RedisLink::RedisLink(std::string address, std::string password,
                     std::chrono::milliseconds timeout)
    : address_(std::move(address)),
      password_(std::move(password)),
      timeout_(timeout) {
  ask({"PING"});
}

RedisLink::~RedisLink() = default;

RedisLink::Connection RedisLink::connect() const {
  const timeval limit = timeval_of(timeout_);
  Connection made;
  if (const std::size_t colon = address_.rfind(':');
      address_.find('/') != std::string::npos || colon == std::string::npos) {
    made.reset(redisConnectUnixWithTimeout(address_.c_str(), limit));
  } else {
    const int port = std::atoi(address_.c_str() + colon + 1);
    made.reset(redisConnectWithTimeout(address_.substr(0, colon).c_str(), port,
                                       limit));
  }
  if (!made) unavailable(address_, "no memory for a connection");
  if (made->err != 0) unavailable(address_, made->errstr);
  redisSetTimeout(made.get(), limit);
  if (!password_.empty()) {
    send(*made, {"AUTH", password_});
    void* raw = nullptr;
    if (redisGetReply(made.get(), &raw) != REDIS_OK) {
      unavailable(address_, made->errstr);
    }
    const std::unique_ptr<redisReply, void (*)(void*)> reply(
        static_cast<redisReply*>(raw), freeReplyObject);
    if (reply->type == REDIS_REPLY_ERROR) {
      unavailable(address_, "the password is refused");
    }
  }
  return made;
}

RedisLink::Connection RedisLink::take() {
  {
    const std::lock_guard lock(mutex_);
    while (!idle_.empty()) {
      Connection last = std::move(idle_.back());
      idle_.pop_back();
      if (!gone(*last)) return last;
    }
  }
  return connect();
}

std::vector<Reply> RedisLink::exchange(std::span<const Command> commands) {
  Connection connection = take();
  for (const Command& command : commands) send(*connection, command);
  std::vector<Reply> replies;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    void* raw = nullptr;
    if (redisGetReply(connection.get(), &raw) != REDIS_OK) {
      unavailable(address_, connection->errstr);
    }
    const std::unique_ptr<redisReply, void (*)(void*)> reply(
        static_cast<redisReply*>(raw), freeReplyObject);
    replies.push_back(reply_of(*reply));
  }
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(connection));
  return replies;
}

std::vector<Reply> RedisLink::ask(std::span<const Command> commands) {
  if (commands.empty()) return {};
  std::vector<Reply> replies = exchange(commands);
  for (const Reply& reply : replies) {
    if (reply.type == Reply::kError) unavailable(address_, reply.text);
  }
  return replies;
}

Reply RedisLink::ask(const Command& command) {
  return std::move(ask(std::span(&command, 1)).front());
}

Reply RedisLink::run(const std::string& script,
                     std::span<const std::string> words) {
  // The server names a script by its SHA-1; it can say it itself.
  thread_local std::vector<std::pair<const std::string*, std::string>> hashes;
  std::string hash;
  for (const auto& [known, its] : hashes) {
    if (known == &script) hash = its;
  }
  if (hash.empty()) {
    hash = ask({"SCRIPT", "LOAD", script}).text;
    hashes.emplace_back(&script, hash);
  }
  Command command = {"EVALSHA", hash, "0"};
  command.insert(command.end(), words.begin(), words.end());
  Reply reply = std::move(exchange(std::span(&command, 1)).front());
  if (reply.type == Reply::kError && reply.text.starts_with("NOSCRIPT")) {
    command[0] = "EVAL";
    command[1] = script;
    reply = std::move(exchange(std::span(&command, 1)).front());
  }
  if (reply.type == Reply::kError) unavailable(address_, reply.text);
  return reply;
}

}  // namespace ensue::store
