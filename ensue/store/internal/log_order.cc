// SPDX-License-Identifier: Apache-2.0
#include "ensue/store/internal/log_order.h"

#include <rocksdb/file_system.h>

#include <mutex>
#include <string>
#include <utility>

namespace ensue::store {
namespace {

using rocksdb::IOStatus;

// The log that is written to now.
struct Current {
  std::mutex mutex;
  rocksdb::FSWritableFile* log = nullptr;
};

class Log final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  Log(std::shared_ptr<Current> current,
      std::unique_ptr<rocksdb::FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)),
        current_(std::move(current)) {}
  ~Log() override { leave(); }

  IOStatus Close(const rocksdb::IOOptions& options,
                 rocksdb::IODebugContext* debug) override {
    leave();
    return FSWritableFileOwnerWrapper::Close(options, debug);
  }

 private:
  void leave() {
    const std::lock_guard lock(current_->mutex);
    if (current_->log == this) current_->log = nullptr;
  }
  std::shared_ptr<Current> current_;
};

class LogOrder final : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;
  const char* Name() const override { return "ensue.log_order"; }

  IOStatus NewWritableFile(const std::string& name,
                           const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           rocksdb::IODebugContext* debug) override {
    if (!name.ends_with(".log")) {
      return FileSystemWrapper::NewWritableFile(name, options, file, debug);
    }
    const std::lock_guard lock(current_->mutex);
    if (current_->log != nullptr) {
      IOStatus status = current_->log->Sync(options.io_options, debug);
      if (!status.ok()) return status;
    }
    IOStatus status =
        FileSystemWrapper::NewWritableFile(name, options, file, debug);
    if (status.ok()) {
      *file = std::make_unique<Log>(current_, std::move(*file));
      current_->log = file->get();
    }
    return status;
  }

 private:
  std::shared_ptr<Current> current_ = std::make_shared<Current>();
};

class OrderedEnv final : public rocksdb::EnvWrapper {
 public:
  explicit OrderedEnv(rocksdb::Env* base) : EnvWrapper(base) {
    file_system_ = std::make_shared<LogOrder>(base->GetFileSystem());
  }
};

}  // namespace

std::unique_ptr<rocksdb::Env> in_log_order(rocksdb::Env* base) {
  return std::make_unique<OrderedEnv>(base);
}

}  // namespace ensue::store
