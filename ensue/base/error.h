// SPDX-License-Identifier: Apache-2.0
// The one exception type of the project.
#pragma once

#include <stdexcept>
#include <string>

namespace ensue {

enum class Code { kInvalidArgument, kNotFound, kCorrupt, kUnavailable };

/// Thrown when the caller or the input is wrong, or the machine cannot help
/// (a full disk). `what()` is one line that names the place and both values.
/// Each boundary (apps, server, python) translates the code in one table.
class Error : public std::runtime_error {
 public:
  Error(Code code, const std::string& message)
      : std::runtime_error(message), code_(code) {}
  Code code() const noexcept { return code_; }

 private:
  Code code_;
};

/// Shorthand for the most frequent case.
[[noreturn]] inline void invalid(const std::string& message) {
  throw Error(Code::kInvalidArgument, message);
}

}  // namespace ensue
