// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "ensue/base/error.h"
#include "ensue/store/redis_store.h"
#include "ensue/store/testing.h"

namespace ensue::store {
namespace {

class RedisServer {
 public:
  RedisServer() : socket_((folder_.path() / "redis.sock").string()) {
    child_ = ::fork();
    if (child_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::execlp("redis-server", "redis-server", "--port", "0", "--unixsocket",
               socket_.c_str(), "--dir", folder_.path().c_str(), "--save", "",
               "--appendonly", "yes", "--logfile", "/dev/null", nullptr);
      ::_exit(127);
    }
    if (!answers()) socket_.clear();
  }
  ~RedisServer() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  const std::string& socket() const { return socket_; }

 private:
  bool answers() {
    for (int i = 0; i < 500; ++i) {
      if (::waitpid(child_, nullptr, WNOHANG) != 0) {
        child_ = 0;  // it has ended: not installed
        return false;
      }
      try {
        open_redis({.address = socket_});
        return true;
      } catch (const Error&) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
    }
    return false;
  }
  TestFolder folder_;
  std::string socket_;
  ::pid_t child_ = 0;
};

}  // namespace

const std::string& redis_socket() {
  static const RedisServer server;
  return server.socket();
}

}  // namespace ensue::store
