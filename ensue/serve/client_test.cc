// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/client.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "ensue/base/file.h"
#include "ensue/serve/server.h"

namespace ensue::serve {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;

// A server that answers as it is told, and a folder.
class ClientTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              ("ensue_client_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
    ServerOptions options;
    options.port = 0;
    server_ = std::make_unique<Server>(options, [this](Request r, Done done) {
      request_ = std::move(r);
      if (answers_) {
        done(answer_);
      } else {
        const std::lock_guard lock(mutex_);
        held_ = std::move(done);
      }
    });
    server_->start();
  }
  void TearDown() override {
    Done held;
    {
      const std::lock_guard lock(mutex_);
      held = std::exchange(held_, nullptr);
    }
    if (held) held({});
    server_->stop();
    fs::remove_all(folder_);
  }

  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(server_->port());
  }
  Client client(const std::string& key = "") const {
    return Client({.url = url(), .key = key, .idle_seconds = 1});
  }

  // The code and the line of what `body` throws.
  static std::pair<Code, std::string> error_of(
      const std::function<void()>& body) {
    try {
      body();
    } catch (const Error& error) {
      return {error.code(), error.what()};
    }
    ADD_FAILURE() << "expected an error";
    return {};
  }

  fs::path folder_;
  Response answer_;
  Request request_;
  bool answers_ = true;
  std::mutex mutex_;
  Done held_;  // of a request that is not answered, under mutex_
  std::unique_ptr<Server> server_;
};

TEST_F(ClientTest, GetsStatusHeadersAndBody) {
  answer_ = {.body = "{\"a\":1}", .headers = {{"X-Ensue-Cursor", "7"}}};
  const Response got = client("secret").get("/v1/models?x=a%20b");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.body, "{\"a\":1}");
  ASSERT_NE(header_of(got, "x-ensue-cursor"), nullptr);
  EXPECT_EQ(*header_of(got, "x-ensue-cursor"), "7");
  EXPECT_EQ(header_of(got, "X-Other"), nullptr);
  EXPECT_EQ(request_.path, "/v1/models");
  EXPECT_EQ(*request_.in_query("x"), "a b");
  EXPECT_EQ(*request_.header("x-api-key"), "secret");
}

TEST_F(ClientTest, WithoutAKeyItSendsNone) {
  client().get("/");
  EXPECT_EQ(request_.header("x-api-key"), nullptr);
}

TEST_F(ClientTest, ALargeBodyGoesToAFileByteByByte) {
  for (int i = 0; i < 700'000; ++i) answer_.body += std::to_string(i) + "\n";
  answer_.headers = {{"X-Ensue-Cursor", "9"}};
  const fs::path file = folder_ / "events.jsonl";
  const Response got = client().download("/v1/events/export", file);
  EXPECT_EQ(got.body, "");
  EXPECT_EQ(*header_of(got, "X-Ensue-Cursor"), "9");
  EXPECT_TRUE(read_file(file) == answer_.body);
  EXPECT_FALSE(fs::exists(folder_ / "events.jsonl.part"));
}

TEST_F(ClientTest, AFileIsPostedWhole) {
  std::string bytes(5'000'000, 'x');
  for (std::size_t i = 0; i < bytes.size(); i += 7) {
    bytes[i] = static_cast<char>(i);
  }
  write_file(folder_ / "model", bytes);
  client().post_file("/v1/models?name=main", "application/octet-stream",
                     folder_ / "model");
  EXPECT_EQ(request_.method, Method::kPost);
  EXPECT_EQ(*request_.header("content-type"), "application/octet-stream");
  EXPECT_TRUE(request_.body == bytes);
  const auto [code, line] = error_of(
      [&] { client().post_file("/", "text/plain", folder_ / "nothing"); });
  EXPECT_EQ(code, Code::kNotFound);
}

TEST_F(ClientTest, RefusalsAreOneLineWithUrlStatusAndReason) {
  answer_ = error_response(401, "the key\nis not known");
  auto [code, line] = error_of([&] { client().get("/v1/models"); });
  EXPECT_EQ(code, Code::kInvalidArgument);
  EXPECT_EQ(line, url() + "/v1/models: 401 Unauthorized: the key is not known");
  for (const int status : {408, 429, 500, 503, 302}) {
    answer_ = Response::text("", status);
    std::tie(code, line) = error_of([&] { client().get("/"); });
    EXPECT_EQ(code, Code::kUnavailable) << status;
    EXPECT_NE(line.find(std::to_string(status)), std::string::npos);
  }
}

TEST_F(ClientTest, ARefusalLeavesTheOldFile) {
  write_file(folder_ / "f", "old");
  answer_ = error_response(503, "busy");
  error_of([&] { client().download("/", folder_ / "f"); });
  EXPECT_EQ(read_file(folder_ / "f"), "old");
  EXPECT_FALSE(fs::exists(folder_ / "f.part"));
}

TEST_F(ClientTest, ARefusalBeforeTheBodyWasReadIsHeard) {
  write_file(folder_ / "huge", std::string(40'000'000, 'x'));  // over the limit
  const auto [code, line] = error_of(
      [&] { client().post_file("/", "text/plain", folder_ / "huge"); });
  EXPECT_EQ(code, Code::kInvalidArgument);
  EXPECT_NE(line.find(": 413 "), std::string::npos) << line;
}

TEST_F(ClientTest, AnUnreachableServerIsUnavailable) {
  server_->stop();
  const auto [code, line] = error_of([&] { client().get("/v1/models"); });
  EXPECT_EQ(code, Code::kUnavailable);
  EXPECT_TRUE(line.starts_with(url() + "/v1/models: ")) << line;
}

TEST_F(ClientTest, ASilentServerIsGivenUp) {
  answers_ = false;
  const auto [code, line] = error_of([&] { client().get("/"); });
  EXPECT_EQ(code, Code::kUnavailable);
  EXPECT_NE(line.find("timed out while waiting"), std::string::npos) << line;
}

TEST_F(ClientTest, ABodyThatIsCutLeavesNoFile) {
  asio::io_context io;
  asio::ip::tcp::acceptor acceptor(io,
                                   {asio::ip::make_address("127.0.0.1"), 0});
  std::thread server([&] {
    asio::ip::tcp::socket socket = acceptor.accept();
    std::string text;
    asio::read_until(socket, asio::dynamic_buffer(text), "\r\n\r\n");
    asio::write(socket, asio::buffer(std::string_view(
                            "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"
                            "no more than this")));
  });
  Client cut({.url = "http://127.0.0.1:" +
                     std::to_string(acceptor.local_endpoint().port())});
  const auto [code, line] = error_of([&] { cut.download("/", folder_ / "f"); });
  server.join();
  EXPECT_EQ(code, Code::kUnavailable);
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST(ClientUrl, OnlyHttpUrlsAreTaken) {
  for (const char* bad :
       {"", "localhost:8087", "ftp://x", "http://", "http://:1", "http://x:0",
        "http://x:99999", "http://x:1a", "http://a b", "http://x?y",
        "http://me@x", "http://[::1"}) {
    try {
      Client({.url = bad});
      ADD_FAILURE() << bad;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::kInvalidArgument);
      EXPECT_NE(std::string(error.what()).find(bad), std::string::npos);
    }
  }
  for (const char* good :
       {"http://x", "https://x.org/", "http://[::1]:80", "http://x:1/below/"}) {
    EXPECT_NO_THROW(Client({.url = good})) << good;
  }
}

}  // namespace
}  // namespace ensue::serve
