// SPDX-License-Identifier: Apache-2.0
// Test code: a whole server over a shop in memory, asked over HTTP.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <map>
#include <string>

#include "ensue/serve/dispatch.h"
#include "ensue/serve/testing.h"

namespace ensue::serve::testing {

struct HttpAnswer {
  int status = 0;
  std::string type, body;
  std::map<std::string, std::string> headers;

  Json json() const { return parse_json(body, "answer"); }
};

/// One connection that is kept alive.
class HttpClient {
 public:
  explicit HttpClient(int port) : socket_(io_) {
    socket_.connect({boost::asio::ip::make_address("127.0.0.1"),
                     static_cast<std::uint16_t>(port)});
  }

  /// @param line  "POST /api/feedback"
  HttpAnswer ask(std::string_view line, const std::string& body = "",
                 const std::map<std::string, std::string>& headers = {}) {
    namespace http = boost::beast::http;
    const std::size_t space = line.find(' ');
    const std::string_view target = line.substr(space + 1);
    http::request<http::string_body> request(
        http::string_to_verb({line.data(), space}),
        {target.data(), target.size()}, 11);
    request.set(http::field::host, "localhost");
    request.body() = body;
    if (!body.empty() || !line.starts_with("GET")) request.prepare_payload();
    for (const auto& [name, value] : headers) request.set(name, value);
    http::write(socket_, request);
    http::response<http::string_body> answer;
    http::read(socket_, buffer_, answer);
    HttpAnswer out{.status = static_cast<int>(answer.result_int()),
                   .type = {},
                   .body = answer.body(),
                   .headers = {}};
    for (const auto& field : answer) {
      out.headers[std::string(field.name_string())] =
          std::string(field.value());
    }
    out.type = out.headers["Content-Type"];
    return out;
  }

 private:
  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
};

/// A Shop behind a Server on a free port, and a client of it.
struct OpenShop {
  Shop shop;
  Dispatcher dispatcher;
  Server server;
  HttpClient client;

  explicit OpenShop(const DispatchOptions& limits = {})
      : dispatcher(shop.service, limits),
        server({.port = 0},
               [this](Request request, Done done) {
                 dispatcher.take(std::move(request), std::move(done));
               }),
        client((server.start(), server.port())) {}

  HttpAnswer ask(std::string_view line, const std::string& body = "",
                 const std::map<std::string, std::string>& headers = {}) {
    return client.ask(line, body, headers);
  }
  /// The body; "STATUS body" unless it is 200.
  std::string say(std::string_view line, const std::string& body = "") {
    const HttpAnswer answer = ask(line, body);
    return answer.status == 200
               ? answer.body
               : std::to_string(answer.status) + " " + answer.body;
  }
};

}  // namespace ensue::serve::testing
