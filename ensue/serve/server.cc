// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/server.h"

#include <openssl/ssl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <chrono>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <type_traits>
#include <vector>

namespace ensue::serve {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Tcp = asio::ip::tcp;
using Failure = boost::system::error_code;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// What all connections of a server share.
struct Hub {
  ServerOptions options;
  OnRequest on_request;
  std::atomic<bool> stopping{false};
  std::atomic<std::uint64_t> refused{0}, malformed{0}, timed_out{0};

  // Every open connection, so that a stop can close the idle ones.
  std::mutex mutex;
  std::set<std::function<void()>*> open;

  void enter(std::function<void()>* close) {
    const std::lock_guard lock(mutex);
    open.insert(close);
  }
  void leave(std::function<void()>* close) {
    const std::lock_guard lock(mutex);
    open.erase(close);
  }
  std::size_t count() {
    const std::lock_guard lock(mutex);
    return open.size();
  }
};

// One connection: reads a request, waits for its answer, writes it, again.
template <class Stream>
class Connection : public std::enable_shared_from_this<Connection<Stream>> {
 public:
  template <class... Args>
  Connection(Hub& hub, Tcp::socket socket, Args&... args)
      : hub_(hub), stream_(std::move(socket), args...) {
    Failure ignored;
    lowest().socket().set_option(Tcp::no_delay(true), ignored);
    const auto peer = lowest().socket().remote_endpoint(ignored);
    if (!ignored) peer_ = peer.address().to_string();
  }
  ~Connection() { hub_.leave(&close_); }

  void start() {
    close_ = [weak = this->weak_from_this()] {
      const auto self = weak.lock();
      if (self == nullptr) return;
      asio::post(self->stream_.get_executor(), [self] { self->close_idle(); });
    };
    hub_.enter(&close_);
    if constexpr (std::is_same_v<Stream, TlsStream>) {
      lowest().expires_after(
          std::chrono::seconds(hub_.options.request_seconds));
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](Failure error) {
                                if (!error) self->wait();
                              });
    } else {
      asio::dispatch(stream_.get_executor(),
                     [self = this->shared_from_this()] { self->wait(); });
    }
  }

 private:
  using Parser = http::request_parser<http::string_body>;

  beast::tcp_stream& lowest() { return beast::get_lowest_layer(stream_); }

  // For the first bytes of the next request.
  void wait() {
    if (hub_.stopping) return close();
    idle_ = true;
    parser_.emplace();
    parser_->body_limit(static_cast<std::uint64_t>(hub_.options.max_body_kb) *
                        1024);
    parser_->header_limit(
        static_cast<std::uint32_t>(hub_.options.max_header_kb * 1024));
    if (buffer_.size() > 0) return read();
    lowest().expires_after(std::chrono::seconds(hub_.options.idle_seconds));
    stream_.async_read_some(
        buffer_.prepare(4096),
        [self = this->shared_from_this()](Failure error, std::size_t bytes) {
          if (error) return self->close();
          self->buffer_.commit(bytes);
          self->read();
        });
  }

  void read() {
    idle_ = false;
    lowest().expires_after(std::chrono::seconds(hub_.options.request_seconds));
    http::async_read(stream_, buffer_, *parser_,
                     [self = this->shared_from_this()](
                         Failure error, std::size_t) { self->on_read(error); });
  }

  void on_read(Failure error) {
    if (error == beast::error::timeout) {
      ++hub_.timed_out;
      return close();
    }
    if (error) return refuse(error);
    lowest().expires_never();
    const auto& message = parser_->get();
    keep_alive_ = message.keep_alive();
    Request request;
    const auto method = method_of(std::string_view(message.method_string()));
    if (!method) {
      return answer(error_response(
          501, std::string(message.method_string().substr(0, 20)) +
                   ": expected GET, POST, PUT, PATCH or DELETE"));
    }
    request.method = *method;
    try {
      read_target(std::string_view(message.target()), request);
    } catch (const Error& bad) {
      return answer(error_response(400, bad.what()));
    }
    for (const auto& field : message) {
      request.headers.emplace_back(lower(field.name_string()),
                                   std::string(field.value()));
    }
    request.body = std::move(parser_->get().body());
    request.peer = peer_;
    hub_.on_request(std::move(request),
                    [self = this->shared_from_this()](Response out) {
                      asio::post(self->stream_.get_executor(),
                                 [self, out = std::move(out)]() mutable {
                                   self->answer(std::move(out));
                                 });
                    });
  }

  // What is no request that could be answered.
  void refuse(Failure error) {
    if (error == http::error::end_of_stream ||
        !error.category().failed(error.value())) {
      return close();
    }
    int status = 400;
    if (error == http::error::body_limit) status = 413;
    if (error == http::error::header_limit) status = 431;
    if (error.category() !=
        make_error_code(http::error::end_of_stream).category()) {
      return close();  // the socket broke
    }
    ++hub_.malformed;
    keep_alive_ = false;
    std::string why = error.message();
    if (status == 413) {
      why = "body over " + std::to_string(hub_.options.max_body_kb) + " KiB";
    } else if (status == 431) {
      why =
          "headers over " + std::to_string(hub_.options.max_header_kb) + " KiB";
    }
    answer(error_response(status, "request: " + why));
  }

  template <class Body>
  void set_head(const Response& out, http::response<Body>& message) {
    message.result(static_cast<http::status>(out.status));
    message.version(11);
    message.set(http::field::server, "ensue");
    if (!out.type.empty()) message.set(http::field::content_type, out.type);
    for (const auto& [name, value] : out.headers) message.set(name, value);
    message.keep_alive(keep_alive_ && !hub_.stopping);
  }

  void answer(Response out) {
    if (!out.file.empty()) return send_file(out);
    response_.emplace();
    set_head(out, *response_);
    response_->body() = std::move(out.body);
    response_->prepare_payload();
    lowest().expires_after(std::chrono::seconds(hub_.options.request_seconds));
    http::async_write(
        stream_, *response_,
        [self = this->shared_from_this()](Failure error, std::size_t) {
          self->on_sent(error, self->response_->keep_alive());
        });
  }

  // Piece by piece, each within request_seconds.
  void send_file(const Response& out) {
    file_.emplace();
    set_head(out, *file_);
    Failure error;
    file_->body().open(out.file.c_str(), beast::file_mode::scan, error);
    ::unlink(out.file.c_str());  // goes when the last byte has been sent
    if (error) return answer(error_response(500, "internal error"));
    file_->prepare_payload();
    serializer_.emplace(*file_);
    send_piece();
  }
  void send_piece() {
    lowest().expires_after(std::chrono::seconds(hub_.options.request_seconds));
    http::async_write_some(
        stream_, *serializer_,
        [self = this->shared_from_this()](Failure error, std::size_t) {
          if (!error && !self->serializer_->is_done()) {
            return self->send_piece();
          }
          const bool keep_alive = self->file_->keep_alive();
          self->serializer_.reset();
          self->file_.reset();
          self->on_sent(error, keep_alive);
        });
  }
  void on_sent(Failure error, bool keep_alive) {
    if (error == beast::error::timeout) ++hub_.timed_out;
    if (error || !keep_alive) return close();
    wait();
  }

  void close() {
    Failure ignored;
    lowest().socket().shutdown(Tcp::socket::shutdown_send, ignored);
    lowest().close();
  }
  void close_idle() {
    if (idle_) lowest().close();
  }

  Hub& hub_;
  Stream stream_;
  beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::optional<http::response<http::string_body>> response_;
  std::optional<http::response<http::file_body>> file_;
  std::optional<http::response_serializer<http::file_body>> serializer_;
  std::function<void()> close_;
  std::string peer_;
  bool keep_alive_ = false, idle_ = false;
};

asio::ssl::context tls_context(const ServerOptions& options) {
  asio::ssl::context out(asio::ssl::context::tls_server);
  out.set_options(asio::ssl::context::default_workarounds |
                  asio::ssl::context::no_tlsv1 |
                  asio::ssl::context::no_tlsv1_1);
  Failure error;
  out.use_certificate_chain_file(options.tls_cert, error);
  if (error) {
    invalid("tls_cert: '" + options.tls_cert + "': " + error.message() +
            ", expected a PEM file");
  }
  out.use_private_key_file(options.tls_key, asio::ssl::context::pem, error);
  if (error) {
    invalid("tls_key: '" + options.tls_key + "': " + error.message() +
            ", expected a PEM file that fits the certificate");
  }
  return out;
}

}  // namespace

void ServerOptions::check() const {
  const auto within = [](std::string_view name, std::int64_t value,
                         std::int64_t least, std::int64_t most) {
    if (value >= least && value <= most) return;
    invalid(std::string(name) + ": " + std::to_string(value) + ", expected " +
            std::to_string(least) + " to " + std::to_string(most));
  };
  within("port", port, 0, 65'535);
  within("io_threads", io_threads, 1, 256);
  within("max_body_kb", max_body_kb, 1, 4 << 20);
  within("max_header_kb", max_header_kb, 1, 1024);
  within("max_connections", max_connections, 1, 1'000'000);
  within("idle_seconds", idle_seconds, 1, 86'400);
  within("request_seconds", request_seconds, 1, 86'400);
  within("stop_seconds", stop_seconds, 0, 86'400);
  if (tls_cert.empty() != tls_key.empty()) {
    invalid("tls_cert, tls_key: one without the other, expected both or none");
  }
}

bool ServerOptions::loopback() const {
  Failure error;
  const auto parsed = asio::ip::make_address(address, error);
  return !error && parsed.is_loopback();
}

struct Server::Impl {
  Hub hub;
  asio::io_context io;
  std::optional<asio::ssl::context> tls;
  Tcp::acceptor acceptor{io};
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>>
      guard;
  std::vector<std::thread> threads;
  int port = 0;

  void bind() {
    const ServerOptions& options = hub.options;
    Failure error;
    const auto address = asio::ip::make_address(options.address, error);
    if (error) {
      invalid("address: '" + options.address +
              "', expected one like 127.0.0.1");
    }
    const Tcp::endpoint at(address, static_cast<std::uint16_t>(options.port));
    acceptor.open(at.protocol(), error);
    if (!error) acceptor.set_option(Tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(at, error);
    if (!error)
      acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      throw Error(Code::kUnavailable, "port: " + options.address + ":" +
                                          std::to_string(options.port) + ": " +
                                          error.message());
    }
    port = acceptor.local_endpoint().port();
  }

  void accept() {
    acceptor.async_accept(
        asio::make_strand(io), [this](Failure error, Tcp::socket socket) {
          if (error == asio::error::operation_aborted) return;
          if (!error) admit(std::move(socket));
          // Out of file handles: what is open goes on, new ones must wait.
          if (error) std::this_thread::sleep_for(std::chrono::milliseconds(10));
          if (!hub.stopping) accept();
        });
  }

  void admit(Tcp::socket socket) {
    if (hub.count() >= static_cast<std::size_t>(hub.options.max_connections)) {
      ++hub.refused;
      static constexpr std::string_view kFull =
          "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"
          "Content-Length: 0\r\nConnection: close\r\n\r\n";
      Failure ignored;
      socket.non_blocking(true, ignored);
      socket.send(asio::buffer(kFull), 0, ignored);
      return;
    }
    if (tls) {
      std::make_shared<Connection<TlsStream>>(hub, std::move(socket), *tls)
          ->start();
    } else {
      std::make_shared<Connection<beast::tcp_stream>>(hub, std::move(socket))
          ->start();
    }
  }

  void close_idle() {
    const std::lock_guard lock(hub.mutex);
    for (const auto* close : hub.open) (*close)();
  }
};

Server::Server(const ServerOptions& options, OnRequest on_request)
    : impl_(std::make_unique<Impl>()) {
  options.check();
  impl_->hub.options = options;
  impl_->hub.on_request = std::move(on_request);
  if (!options.tls_cert.empty()) impl_->tls.emplace(tls_context(options));
  impl_->bind();
}

Server::~Server() { stop(); }

int Server::port() const noexcept { return impl_->port; }

void Server::start() {
  impl_->guard.emplace(asio::make_work_guard(impl_->io));
  impl_->accept();
  for (int i = 0; i < impl_->hub.options.io_threads; ++i) {
    impl_->threads.emplace_back([this] { impl_->io.run(); });
  }
}

void Server::stop() {
  if (impl_->threads.empty()) return;
  impl_->hub.stopping = true;
  asio::post(impl_->io, [this] { impl_->acceptor.close(); });
  const auto until = std::chrono::steady_clock::now() +
                     std::chrono::seconds(impl_->hub.options.stop_seconds);
  while (impl_->hub.count() > 0 && std::chrono::steady_clock::now() < until) {
    impl_->close_idle();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  impl_->guard.reset();
  impl_->io.stop();
  for (std::thread& thread : impl_->threads) thread.join();
  impl_->threads.clear();
}

ServerCounts Server::counts() const {
  Hub& hub = impl_->hub;
  return {hub.count(), hub.refused, hub.malformed, hub.timed_out};
}

}  // namespace ensue::serve
