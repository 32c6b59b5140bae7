// The one exception of the generator: a message for the user and the exit code that goes with it.
#pragma once

#include <stdexcept>
#include <string>

namespace stdbind::generate {

// Where something stands in the user's files; line 0 if only the file is known.
struct Place {
  std::string file;
  int line = 0;

  std::string text() const { return line > 0 ? file + ":" + std::to_string(line) : file; }
};

class Failure : public std::runtime_error {
 public:
  Failure(int status, const std::string& message) : std::runtime_error(message), status_(status) {}
  int status() const { return status_; }

 private:
  int status_;
};

// The command line or a file named on it is wrong: exit code 2.
[[noreturn]] inline void usage_failure(const std::string& message) { throw Failure(2, message); }

// The input was understood, and the work could not be done: exit code 1.
[[noreturn]] inline void work_failure(const std::string& message) { throw Failure(1, message); }

}  // namespace stdbind::generate
