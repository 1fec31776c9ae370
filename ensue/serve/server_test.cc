// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <future>
#include <thread>

#include "ensue/base/error.h"
#include "ensue/base/rng.h"
#include "ensue/serve/dispatch.h"
#include "ensue/serve/testing.h"

namespace ensue::serve {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::Shop;

// A client that types bytes and reads what comes.
class Wire {
 public:
  explicit Wire(int port) : socket_(io_) {
    socket_.connect({asio::ip::make_address("127.0.0.1"),
                     static_cast<std::uint16_t>(port)});
  }
  void type(std::string_view text) {
    boost::system::error_code ignored;
    asio::write(socket_, asio::buffer(text), ignored);
  }
  // Nothing more will be typed.
  void end() {
    boost::system::error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    // Ports are free again at once.
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  }
  // One answer, head and body; "" when the server has hung up.
  std::string answer() {
    boost::system::error_code error;
    const std::size_t head = asio::read_until(
        socket_, asio::dynamic_buffer(text_), "\r\n\r\n", error);
    if (error) return "";
    const std::size_t place = text_.find("Content-Length: ");
    const std::size_t body =
        place < head ? std::stoul(text_.substr(place + 16)) : 0;
    if (text_.size() < head + body) {
      asio::read(socket_, asio::dynamic_buffer(text_),
                 asio::transfer_exactly(head + body - text_.size()), error);
    }
    std::string out = text_.substr(0, head + body);
    text_.erase(0, head + body);
    return out;
  }
  std::string ask(const std::string& line, const std::string& body = "",
                  const std::string& headers = "") {
    type(line + " HTTP/1.1\r\nHost: x\r\n" + headers +
         (body.empty() && line.starts_with("GET")
              ? ""
              : "Content-Length: " + std::to_string(body.size()) + "\r\n") +
         "\r\n" + body);
    return answer();
  }
  // Whether the server hangs up within a second.
  bool hangs_up() {
    for (int i = 0; i < 200; ++i) {
      char byte = 0;
      boost::system::error_code error;
      socket_.non_blocking(true);
      socket_.read_some(asio::buffer(&byte, 1), error);
      if (error && error != asio::error::would_block) return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }

 private:
  asio::io_context io_;
  asio::ip::tcp::socket socket_;
  std::string text_;
};

// A whole server over a shop in memory.
struct Open {
  Shop shop;
  Dispatcher dispatcher;
  Server server;

  explicit Open(ServerOptions options = {}, const DispatchOptions& limits = {})
      : dispatcher(shop.service, limits), server(free_port(options), on()) {
    server.start();
  }
  static ServerOptions free_port(ServerOptions options) {
    options.port = 0;
    return options;
  }
  OnRequest on() {
    return [this](Request request, Done done) {
      dispatcher.take(std::move(request), std::move(done));
    };
  }
  Wire wire() const { return Wire(server.port()); }
};

bool says(const std::string& answer, int status) {
  return answer.starts_with("HTTP/1.1 " + std::to_string(status) + " ");
}

TEST(Server, AnswersOverOneConnectionAsEventsComeIn) {
  Open open;
  Wire wire = open.wire();
  const std::string empty = wire.ask("GET /v1/recommend?user=ann&k=2");
  EXPECT_TRUE(says(empty, 200)) << empty;
  EXPECT_TRUE(says(
      wire.ask("POST /v1/events", R"({"user":"ann","item":"item7"})"), 200));
  const std::string after = wire.ask("GET /v1/recommend?user=ann&k=2");
  EXPECT_NE(after.find("\"known_events\":1"), std::string::npos) << after;
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  Open open;
  Wire wire = open.wire();
  std::string both;
  for (const char* user : {"ann", "bob"}) {
    both += "GET /v1/recommend?user=" + std::string(user) +
            " HTTP/1.1\r\nHost: x\r\n\r\n";
  }
  wire.type(both);
  EXPECT_NE(wire.answer().find("\"user\":\"ann\""), std::string::npos);
  EXPECT_NE(wire.answer().find("\"user\":\"bob\""), std::string::npos);
}

// Many at once, good ones and bad: each is answered for itself.
TEST(Server, StoresEventsThatComeTogetherEachForItself) {
  Open open({}, {.workers = {.threads = 1, .longest_wait = 10s}});
  constexpr int kClients = 12, kEach = 30;
  std::vector<std::thread> clients;
  std::atomic<int> stored{0}, refused{0};
  for (int c = 0; c < kClients; ++c) {
    clients.emplace_back([&, c] {
      Wire wire = open.wire();
      for (int i = 0; i < kEach; ++i) {
        const bool good = (c + i) % 3 != 0;
        const std::string event =
            good ? R"([{"user":"ann","item":"item1"},{"user":"bob"}])"
                 : R"([{"user":"ann","item":"item1"},{"user":"","item":"x"}])";
        const std::string answer = wire.ask("POST /v1/events", event);
        stored += answer.find("{\"stored\":2,") != std::string::npos;
        refused += says(answer, 400);
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(stored, kClients * kEach * 2 / 3);
  EXPECT_EQ(refused, kClients * kEach / 3);
  EXPECT_EQ(open.shop.service.store().user("ann").events.size(),
            static_cast<std::size_t>(stored));
}

TEST(Server, RefusesWhatIsOverItsLimits) {
  Open open({.max_body_kb = 1, .max_header_kb = 1, .max_connections = 2});
  EXPECT_TRUE(
      says(open.wire().ask("POST /v1/events", std::string(2000, 'x')), 413));
  EXPECT_TRUE(says(open.wire().ask("GET /v1/models", "",
                                   "X: " + std::string(2000, 'x') + "\r\n"),
                   431));
  EXPECT_TRUE(says(open.wire().ask("BREW /coffee"), 501));
  Wire nonsense = open.wire();
  nonsense.type("what is this\r\n\r\n");
  EXPECT_TRUE(says(nonsense.answer(), 400));
  std::this_thread::sleep_for(50ms);
  Wire one = open.wire(), two = open.wire();
  EXPECT_TRUE(says(one.ask("GET /v1/models"), 200));
  EXPECT_TRUE(says(two.ask("GET /v1/models"), 200));
  EXPECT_TRUE(says(open.wire().answer(), 503));
  EXPECT_EQ(open.server.counts().refused, 1U);
}

TEST(Server, CutsClientsThatAreSlow) {
  Open open({.idle_seconds = 1, .request_seconds = 1});
  Wire slow = open.wire(), idle = open.wire();
  slow.type("POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n");
  EXPECT_TRUE(slow.hangs_up());
  EXPECT_TRUE(idle.hangs_up());
  EXPECT_EQ(open.server.counts().timed_out, 1U);
  EXPECT_TRUE(says(open.wire().ask("GET /v1/models"), 200));
}

TEST(Server, FinishesWhatItHasWhenItStops) {
  std::promise<void> arrived, go;
  const auto gone = go.get_future().share();
  std::thread slow;
  Server server(Open::free_port({}), [&](Request, Done done) {
    arrived.set_value();
    slow = std::thread([&gone, done = std::move(done)] {
      gone.wait();
      done(Response::text("late"));
    });
  });
  server.start();
  const int port = server.port();
  Wire wire(port), idle(port);
  wire.type("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  arrived.get_future().wait();
  std::thread stopper([&] { server.stop(); });
  EXPECT_TRUE(idle.hangs_up());
  EXPECT_THROW(Wire{port}, boost::system::system_error);
  go.set_value();
  const std::string answer = wire.answer();
  EXPECT_NE(answer.find("late"), std::string::npos);
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  stopper.join();
  slow.join();
}

TEST(Server, SaysWhenItsAddressIsTaken) {
  Open open;
  ServerOptions same;
  same.port = open.server.port();
  EXPECT_THROW(Server(same, nullptr), Error);
  same.address = "nowhere";
  EXPECT_THROW(Server(same, nullptr), Error);
}

TEST(Dispatcher, AsksForKeysWithTheScopeOfTheEndpoint) {
  Open open({}, {.open = {"server"}});
  const std::string reader = "r", writer = "w";
  open.dispatcher.keys().set({{"reader", hash_key(reader), {Scope::kRead}},
                              {"writer", hash_key(writer), {Scope::kIngest}}});
  Wire wire = open.wire();
  const std::string event = R"({"user":"ann","item":"item1"})";
  EXPECT_TRUE(says(wire.ask("POST /v1/events", event), 401));
  EXPECT_TRUE(
      says(wire.ask("POST /v1/events", event, "X-API-Key: nobody\r\n"), 401));
  EXPECT_TRUE(
      says(wire.ask("POST /v1/events", event, "X-API-Key: r\r\n"), 403));
  EXPECT_TRUE(
      says(wire.ask("POST /v1/events", event, "X-API-Key: w\r\n"), 200));
  EXPECT_TRUE(says(
      wire.ask("GET /v1/recommend?user=ann", "", "Authorization: Bearer r\r\n"),
      200));
  EXPECT_TRUE(says(wire.ask("GET /health/live"), 200));
  EXPECT_TRUE(says(wire.ask("GET /metrics"), 200));  // its group is open
  EXPECT_TRUE(
      says(wire.ask("DELETE /v1/users/ann", "", "X-API-Key: w\r\n"), 403));
}

TEST(Dispatcher, LimitsTheRateOfAClientWithRetryAfter) {
  Open open({}, {.rate = 1});
  Wire wire = open.wire();
  EXPECT_TRUE(says(wire.ask("GET /v1/models"), 200));
  EXPECT_TRUE(says(wire.ask("GET /v1/models"), 200));
  const std::string refused = wire.ask("GET /v1/models");
  EXPECT_TRUE(says(refused, 429));
  EXPECT_NE(refused.find("Retry-After: 1"), std::string::npos);
  EXPECT_TRUE(says(wire.ask("GET /health/live"), 200));
}

TEST(Dispatcher, LogsNoSecretsAndNothingOfEvents) {
  Shop shop;
  std::vector<std::string> lines;
  Dispatcher dispatcher(
      shop.service, {.log = DispatchOptions::Log::kAll},
      [&](const std::string& line) { lines.push_back(line); });
  dispatcher.keys().set({{"shop", hash_key("secret"), {Scope::kAdmin}}});
  const auto ask = [&](Method method, std::string path, std::string body) {
    Request request{.method = method, .path = std::move(path)};
    request.headers = {{"x-api-key", "secret"}, {"x-request-id", "mine-1"}};
    request.body = std::move(body);
    std::promise<int> status;
    dispatcher.take(std::move(request), [&](Response out) {
      EXPECT_EQ(out.headers.back().second, "mine-1");
      status.set_value(out.status);
    });
    return status.get_future().get();
  };
  EXPECT_EQ(ask(Method::kPost, "/v1/events",
                R"({"user":"annabel","item":"socks","text":"private"})"),
            200);
  EXPECT_EQ(ask(Method::kGet, "/v1/users/annabel", ""), 200);
  EXPECT_EQ(ask(Method::kPost, "/v1/events", R"({"user":7.5,"x":"private"})"),
            400);
  ASSERT_EQ(lines.size(), 3U);
  for (const std::string& line : lines) {
    for (const char* word : {"secret", "annabel", "socks", "private"}) {
      EXPECT_EQ(line.find(word), std::string::npos) << line;
    }
    EXPECT_NE(line.find("\"request\":\"mine-1\""), std::string::npos) << line;
    EXPECT_NE(line.find("\"key\":\"shop\""), std::string::npos) << line;
  }
}

std::string broken(std::string text, Rng& rng) {
  for (std::uint64_t n = 1 + rng.below(4); n > 0 && !text.empty(); --n) {
    const auto place = rng.below(text.size());
    switch (rng.below(4)) {
      case 0:
        text[place] = static_cast<char>(rng.below(256));
        break;
      case 1:
        text.erase(place, rng.below(8));
        break;
      case 2:
        text.insert(place, text.substr(rng.below(text.size()), 5));
        break;
      default:
        text.resize(place + 1);
    }
  }
  return text;
}

// 100,000 requests of broken HTTP and JSON, each over a connection of its own:
// each is answered or cut, and a good one is answered afterwards.
TEST(Server, SurvivesMalformedRequests) {
  Open open({.request_seconds = 5});
  const std::vector<std::string> seeds = {
      "GET /v1/recommend?user=ann&k=3 HTTP/1.1\r\nHost: x\r\n\r\n",
      "POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\n"
      "{\"user\":\"ann\",\"item\":\"item12\"}",
      "POST /v1/recommend HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked"
      "\r\n\r\n10\r\n{\"user\":\"a\",\"k\":\r\n2\r\n3}\r\n0\r\n\r\n",
      "DELETE /v1/users/%61%2F HTTP/1.0\r\nConnection: close\r\n\r\n"};
  constexpr int kRequests = 100'000, kThreads = 4;
  std::atomic<int> answered{0}, wrong{0};
  std::vector<std::thread> clients;
  for (int t = 0; t < kThreads; ++t) {
    clients.emplace_back([&, t] {
      Rng rng(/*seed=*/7, static_cast<std::uint64_t>(t));
      for (int i = 0; i < kRequests / kThreads; ++i) {
        Wire wire = open.wire();
        wire.type(broken(seeds[rng.below(seeds.size())], rng));
        wire.end();
        const std::string answer = wire.answer();
        if (answer.empty()) continue;
        ++answered;
        wrong += !answer.starts_with("HTTP/1.1 ") || says(answer, 500);
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_GT(answered, kRequests / 4);
  EXPECT_EQ(wrong, 0);
  EXPECT_TRUE(says(open.wire().ask("GET /v1/recommend?user=zoe"), 200));
}

TEST(Documents, ExamplesOfEveryEndpointAreAnsweredAsWritten) {
  Shop shop;
  Dispatcher dispatcher(shop.service, {});
  for (const Endpoint& endpoint : routes()) {
    if (endpoint.path == "/v1/models" && endpoint.method == Method::kPost) {
      continue;  // there is no model folder
    }
    Request request{.method = endpoint.method,
                    .path = std::string(endpoint.path)};
    for (const Parameter& p : endpoint.parameters) {
      const std::string name = "{" + std::string(p.name) + "}";
      const auto place = request.path.find(name);
      if (place != std::string::npos) {
        request.path.replace(place, name.size(), p.example);
      } else if (!p.example.empty() && p.example != "category=Mugs") {
        request.query.emplace_back(p.name, p.example);
      }
    }
    request.body = std::string(endpoint.body_example);
    std::promise<Response> promise;
    dispatcher.take(std::move(request),
                    [&](Response out) { promise.set_value(std::move(out)); });
    const Response out = promise.get_future().get();
    // The items of examples are none of this model's.
    const bool unknown = out.status == 404 && !endpoint.path.starts_with("/d");
    EXPECT_TRUE(out.status == 200 || unknown)
        << endpoint.path << ": " << out.status << " " << out.body;
  }
}

}  // namespace
}  // namespace ensue::serve
