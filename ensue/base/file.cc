// SPDX-License-Identifier: Apache-2.0
#include "ensue/base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "ensue/base/error.h"

namespace ensue {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(Code code, const fs::path& path, const char* what) {
  throw Error(code, path.string() + ": " + what + ": " + std::strerror(errno));
}

class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags, Code code)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {
    if (fd_ < 0) fail(code, path, "cannot open");
  }
  ~Descriptor() { ::close(fd_); }
  Descriptor(const Descriptor&) = delete;
  int get() const noexcept { return fd_; }

 private:
  int fd_;
};

void sync(const fs::path& path) {
  const Descriptor file(path, O_RDONLY, Code::kUnavailable);
  if (::fsync(file.get()) != 0) fail(Code::kUnavailable, path, "cannot sync");
}

fs::path folder_of(const fs::path& path) {
  const fs::path folder = path.parent_path();
  return folder.empty() ? fs::path(".") : folder;
}

void write_all(const Descriptor& file, const fs::path& path,
               std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(file.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(Code::kUnavailable, path, "cannot write");
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  if (::fsync(file.get()) != 0) fail(Code::kUnavailable, path, "cannot sync");
}

}  // namespace

std::string read_file(const fs::path& path) {
  const MappedFile file(path);
  return {reinterpret_cast<const char*>(file.bytes().data()),
          file.bytes().size()};
}

void write_file(const fs::path& path, std::span<const std::byte> bytes) {
  fs::path part = path;
  part += ".part";
  try {
    const Descriptor file(part, O_WRONLY | O_CREAT | O_TRUNC,
                          Code::kUnavailable);
    write_all(file, path, bytes);
  } catch (...) {
    ::unlink(part.c_str());
    throw;
  }
  if (::rename(part.c_str(), path.c_str()) != 0) {
    fail(Code::kUnavailable, path, "cannot rename");
  }
  sync(folder_of(path));
}

void write_file(const fs::path& path, std::string_view text) {
  write_file(path, std::as_bytes(std::span(text)));
}

void publish_folder(const fs::path& folder, const fs::path& target) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    sync(entry.path());
  }
  sync(folder);
  fs::path old = target;
  old += ".old";
  fs::remove_all(old);
  if (fs::exists(target)) fs::rename(target, old);
  fs::rename(folder, target);
  sync(folder_of(target));
  fs::remove_all(old);
}

struct MappedFile::Mapping {
  void* data = nullptr;
  std::size_t size = 0;
  ~Mapping() {
    if (data != nullptr) ::munmap(data, size);
  }
};

MappedFile::MappedFile(const fs::path& path) {
  const Descriptor file(path, O_RDONLY, Code::kNotFound);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) {
    fail(Code::kUnavailable, path, "cannot stat");
  }
  if (S_ISDIR(info.st_mode)) {
    throw Error(Code::kInvalidArgument, path.string() + ": is a folder");
  }
  auto mapping = std::make_shared<Mapping>();
  mapping->size = static_cast<std::size_t>(info.st_size);
  if (mapping->size > 0) {
    void* data =
        ::mmap(nullptr, mapping->size, PROT_READ, MAP_PRIVATE, file.get(), 0);
    if (data == MAP_FAILED) fail(Code::kUnavailable, path, "cannot map");
    mapping->data = data;
  }
  mapping_ = std::move(mapping);
}

std::span<const std::byte> MappedFile::bytes() const noexcept {
  return {static_cast<const std::byte*>(mapping_->data), mapping_->size};
}

}  // namespace ensue
