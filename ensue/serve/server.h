// SPDX-License-Identifier: Apache-2.0
// Sockets: HTTP/1.1 with keep-alive, over TCP or TLS, within stated limits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "ensue/serve/http.h"

namespace ensue::serve {

struct ServerOptions {
  std::string address = "127.0.0.1";
  int port = 8087;  // 0: any free one
  int io_threads = 1;
  std::int64_t max_body_kb = 16'384, max_header_kb = 16;
  int max_connections = 10'000;
  int idle_seconds = 75;  // between two requests of a connection
  int request_seconds =
      20;                 // from first to last byte of one, and of its answer
  int stop_seconds = 10;  // that running requests get at a stop
  std::string tls_cert = "", tls_key = "";  // PEM files; both or none

  void visit(auto&& field) {
    field("address", address, "where to listen; 0.0.0.0 is everywhere");
    field("port", port, "0: any free one");
    field("io_threads", io_threads, "threads that read and write sockets");
    field("max_body_kb", max_body_kb, "larger requests get 413");
    field("max_header_kb", max_header_kb, "larger headers get 431");
    field("max_connections", max_connections, "further ones get 503");
    field("idle_seconds", idle_seconds, "between two requests");
    field("request_seconds", request_seconds, "slower clients are cut");
    field("stop_seconds", stop_seconds, "given to running requests at a stop");
    field("tls_cert", tls_cert, "certificate chain, a PEM file");
    field("tls_key", tls_key, "its private key, a PEM file");
  }
  /// @throws Error(kInvalidArgument) naming the option.
  void check() const;
  bool loopback() const;
};

/// Called on a socket's thread with a whole request; whoever answers calls
/// `done` once, from any thread.
using Done = std::function<void(Response)>;
using OnRequest = std::function<void(Request, Done)>;

/// What sockets see, for metrics.
struct ServerCounts {
  std::size_t open = 0;         // connections now
  std::uint64_t refused = 0;    // over max_connections
  std::uint64_t malformed = 0;  // no HTTP, or over a limit
  std::uint64_t timed_out = 0;  // slow clients
};

class Server {
 public:
  /// Binds. @throws Error(kUnavailable) when the address is taken,
  /// Error(kInvalidArgument) for what is no address or no PEM file.
  Server(const ServerOptions& options, OnRequest on_request);
  ~Server();

  int port() const noexcept;
  /// Starts the threads and returns.
  void start();
  /// Takes no new connections, answers what has arrived, closes the rest;
  /// returns when all is closed or stop_seconds have passed.
  void stop();
  ServerCounts counts() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ensue::serve
