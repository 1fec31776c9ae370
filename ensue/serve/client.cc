// SPDX-License-Identifier: Apache-2.0
#include "ensue/serve/client.h"

#include <fcntl.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <functional>
#include <utility>

namespace ensue::serve {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace fs = std::filesystem;
using Tcp = asio::ip::tcp;
using Failure = boost::system::error_code;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

constexpr std::size_t kMostSaid = 300;  // of a refusal, in one line

struct Url {
  bool tls = false;
  std::string host, port, path;  // path: without its last slash
  std::string text;              // as typed, without the last slash
};

[[noreturn]] void no_url(const std::string& text) {
  invalid("server: '" + text +
          "', expected a URL such as http://localhost:8087");
}

// "host:port", or "[::1]:port"; the port may be left out.
void read_authority(const std::string& authority, Url& out) {
  const bool bracket = authority.starts_with('[');
  const std::size_t end = bracket ? authority.find(']') : 0;
  if (end == std::string::npos) no_url(out.text);
  const std::size_t colon = authority.find(':', end);
  out.host = authority.substr(0, colon);
  if (bracket) out.host = authority.substr(1, end - 1);
  out.port = colon == std::string::npos ? (out.tls ? "443" : "80")
                                        : authority.substr(colon + 1);
  int number = 0;
  const char* last = out.port.data() + out.port.size();
  const auto [stop, error] = std::from_chars(out.port.data(), last, number);
  if (out.host.empty() || error != std::errc() || stop != last || number < 1 ||
      number > 65'535) {
    no_url(out.text);
  }
}

Url read_url(const std::string& text) {
  Url out;
  out.text = text;
  while (out.text.ends_with('/')) out.text.pop_back();
  const std::size_t colon = out.text.find("://");
  const std::string scheme = out.text.substr(0, colon);
  if (colon == std::string::npos || (scheme != "http" && scheme != "https") ||
      out.text.find_first_of("?# @\r\n") != std::string::npos) {
    no_url(text);
  }
  out.tls = scheme == "https";
  const std::string rest = out.text.substr(colon + 3);
  const std::size_t slash = rest.find('/');
  if (slash != std::string::npos) out.path = rest.substr(slash);
  read_authority(rest.substr(0, slash), out);
  return out;
}

// What a server says of a refusal: {"error": …} or its text, on one line.
std::string said(const std::string& body) {
  std::string out = body;
  try {
    const Json json = parse_json(body, "answer");
    if (json.is_object() && json.get_object().contains("error")) {
      const Json& error = json.get_object().at("error");
      if (error.is_string()) out = std::string(error.get_string());
    }
  } catch (const Error&) {
  }
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return out.substr(0, kMostSaid);
}

// A file that appears under its name when it is whole.
class NewFile {
 public:
  explicit NewFile(fs::path path) : path_(std::move(path)), part_(path_) {
    part_ += ".part";
    file_ =
        ::open(part_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file_ < 0) fail();
  }
  ~NewFile() {
    if (file_ < 0) return;
    ::close(file_);
    std::error_code ignored;
    fs::remove(part_, ignored);
  }
  NewFile(const NewFile&) = delete;

  void add(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::write(file_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail();
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  void publish() {
    if (::fsync(file_) != 0 || ::rename(part_.c_str(), path_.c_str()) != 0) {
      fail();
    }
    ::close(std::exchange(file_, -1));
    const fs::path folder =
        path_.has_parent_path() ? path_.parent_path() : fs::path(".");
    const int there = ::open(folder.c_str(), O_RDONLY | O_CLOEXEC);
    const bool kept = there >= 0 && ::fsync(there) == 0;
    if (there >= 0) ::close(there);
    if (!kept) fail();
  }

 private:
  [[noreturn]] void fail() const {
    throw Error(Code::kUnavailable,
                part_.string() + ": cannot be written: " +
                    std::error_code(errno, std::generic_category()).message());
  }
  fs::path path_, part_;
  int file_ = -1;
};

}  // namespace

const std::string* header_of(const Response& response, std::string_view name) {
  for (const auto& [known, value] : response.headers) {
    if (beast::iequals(known, name)) return &value;
  }
  return nullptr;
}

struct Client::Impl {
  ClientOptions options;
  Url url;
  asio::io_context io;
  asio::ssl::context tls{asio::ssl::context::tls_client};

  explicit Impl(const ClientOptions& given)
      : options(given), url(read_url(given.url)) {
    if (!url.tls) return;
    tls.set_verify_mode(asio::ssl::verify_peer);
    Failure error;
    if (options.ca.empty()) {
      tls.set_default_verify_paths(error);
    } else {
      tls.load_verify_file(options.ca, error);
    }
    if (error) {
      invalid("ca: '" + options.ca +
              "', expected a PEM file: " + error.message());
    }
  }

  [[noreturn]] void unavailable(const std::string& target,
                                const std::string& why) const {
    throw Error(Code::kUnavailable, url.text + target + ": " + why);
  }

  // Starts something asynchronous and waits for its end.
  template <class Start>
  Failure wait(const Start& start) {
    Failure out = asio::error::would_block;
    start([&out](const Failure& error, const auto&...) { out = error; });
    io.restart();
    io.run();
    return out;
  }

  void check(const Failure& error, const std::string& target,
             const char* doing) const {
    if (!error) return;
    unavailable(target, error == beast::error::timeout
                            ? std::string("timed out while ") + doing
                            : error.message() + " while " + doing);
  }

  void connect(beast::tcp_stream& stream, const std::string& target) {
    Tcp::resolver resolver(io);
    Failure error;
    const auto found = resolver.resolve(url.host, url.port, error);
    check(error, target, "looking for the host");
    stream.expires_after(std::chrono::seconds(options.connect_seconds));
    check(wait([&](auto done) { stream.async_connect(found, done); }), target,
          "connecting");
  }

  void begin(beast::tcp_stream& stream, const std::string& target) {
    connect(stream, target);
  }
  void begin(TlsStream& stream, const std::string& target) {
    connect(beast::get_lowest_layer(stream), target);
    SSL_set_tlsext_host_name(stream.native_handle(), url.host.c_str());
    stream.set_verify_callback(asio::ssl::host_name_verification(url.host));
    check(wait([&](auto done) {
            stream.async_handshake(asio::ssl::stream_base::client, done);
          }),
          target, "greeting by TLS");
  }

  template <class Stream>
  void live_on(Stream& stream) const {
    beast::get_lowest_layer(stream).expires_after(
        std::chrono::seconds(options.idle_seconds));
  }

  template <class Body>
  void prepare(http::request<Body>& request) const {
    const bool v6 = url.host.find(':') != std::string::npos;
    request.set(http::field::host,
                (v6 ? "[" + url.host + "]" : url.host) + ":" + url.port);
    request.set(http::field::connection, "close");
    request.set(http::field::user_agent, "ensue");
    if (!options.key.empty()) request.set("X-API-Key", options.key);
    request.prepare_payload();
  }

  // An early refusal may come before the request has been read to its end: then
  // writing fails, but there is an answer.
  template <class Stream, class Body>
  Failure write(Stream& stream, http::request<Body>& request) {
    http::request_serializer<Body> writer(request);
    Failure error;
    while (!error && !writer.is_done()) {
      live_on(stream);
      error = wait(
          [&](auto done) { http::async_write_some(stream, writer, done); });
    }
    return error;
  }

  // Reads an answer; its body goes to `take` piece by piece when it is one that
  // was asked for, else into the response.
  template <class Stream>
  Response read(Stream& stream, const std::string& target,
                const std::function<void(std::string_view)>& take) {
    beast::flat_buffer buffer;
    http::response_parser<http::buffer_body> parser;
    parser.body_limit(boost::none);
    live_on(stream);
    check(wait([&](auto done) {
            http::async_read_header(stream, buffer, parser, done);
          }),
          target, "waiting for the answer");
    Response out{.status = static_cast<int>(parser.get().result_int())};
    for (const auto& field : parser.get()) {
      out.headers.emplace_back(field.name_string(), field.value());
    }
    std::vector<char> piece(1 << 16);
    while (!parser.is_done()) {
      parser.get().body() = {piece.data(), piece.size(), true};
      live_on(stream);
      const Failure error = wait([&](auto done) {
        http::async_read_some(stream, buffer, parser, done);
      });
      if (error != http::error::need_buffer) {
        check(error, target, "reading the answer");
      }
      const std::string_view got(piece.data(),
                                 piece.size() - parser.get().body().size);
      if (take && out.status < 300) {
        take(got);
      } else {
        out.body += got;
      }
    }
    return out;
  }

  template <class Stream, class Body>
  Response exchange(Stream stream, http::request<Body>& request,
                    const std::string& target,
                    const std::function<void(std::string_view)>& take) {
    begin(stream, target);
    const Failure unsent = write(stream, request);
    Response out;
    try {
      out = read(stream, target, take);
    } catch (const Error&) {
      check(unsent, target, "sending");
      throw;
    }
    if (out.status < 200 || out.status >= 300) refuse(target, out);
    check(unsent, target, "sending");
    return out;
  }

  [[noreturn]] void refuse(const std::string& target,
                           const Response& answer) const {
    const int status = answer.status;
    const bool ours =
        status >= 400 && status < 500 && status != 408 && status != 429;
    const std::string words = said(answer.body);
    throw Error(ours ? Code::kInvalidArgument : Code::kUnavailable,
                url.text + target + ": " + std::to_string(status) + " " +
                    std::string(http::obsolete_reason(
                        static_cast<http::status>(status))) +
                    (words.empty() ? "" : ": " + words));
  }

  template <class Body>
  Response ask(http::request<Body>& request, const std::string& target,
               const std::function<void(std::string_view)>& take = {}) {
    prepare(request);
    if (url.tls) return exchange(TlsStream(io, tls), request, target, take);
    return exchange(beast::tcp_stream(io), request, target, take);
  }

  http::request<http::empty_body> get(const std::string& target) const {
    return {http::verb::get, url.path + target, 11};
  }
};

Client::Client(const ClientOptions& options)
    : impl_(std::make_unique<Impl>(options)) {}
Client::~Client() = default;

Response Client::get(const std::string& target) {
  auto request = impl_->get(target);
  return impl_->ask(request, target);
}

Response Client::download(const std::string& target, const fs::path& file) {
  auto request = impl_->get(target);
  NewFile out(file);
  Response answer = impl_->ask(request, target,
                               [&](std::string_view bytes) { out.add(bytes); });
  out.publish();
  return answer;
}

Response Client::post_file(const std::string& target, const std::string& type,
                           const fs::path& file) {
  http::request<http::file_body> request{http::verb::post,
                                         impl_->url.path + target, 11};
  Failure error;
  request.body().open(file.c_str(), beast::file_mode::scan, error);
  if (error) {
    throw Error(Code::kNotFound,
                file.string() + ": cannot be read: " + error.message());
  }
  request.set(http::field::content_type, type);
  return impl_->ask(request, target);
}

}  // namespace ensue::serve
