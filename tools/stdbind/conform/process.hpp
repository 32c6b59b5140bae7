// One child process that is talked to in lines. Whatever becomes of the object, the process is ended and reaped.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <vector>

namespace stdbind::conform {

using Clock = std::chrono::steady_clock;

struct Launch {
  std::vector<std::string> command;
  std::map<std::string, std::string> environment;  ///< added to the runner's own
  std::string directory;                           ///< working directory
  std::string error_file;                          ///< standard error is appended here
  std::string output_file;                         ///< standard output goes here instead of the pipe, if not empty
  bool unprivileged = false;                       ///< root's right to pass over file permissions is dropped
};

/// How a process ended.
struct Ending {
  int signal = 0;  ///< 0: it exited by itself
  int exit_code = 0;
  bool clean() const { return signal == 0 && exit_code == 0; }
  std::string text() const;  ///< "killed by SIGSEGV (Segmentation fault)", "exit code 3"
};

/// Why a line could not be read.
enum class Silence : std::uint8_t { Timeout, Ended };

class Process {
 public:
  Process() = default;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() { kill(); }

  /// Starts the command. *errors*: what the system said, for example that the program does not exist.
  std::expected<void, std::string> start(const Launch& launch);

  bool running() const { return pid_ > 0; }
  pid_t pid() const { return pid_; }

  /// Writes a line. A process that does not read is noticed by the next read_line.
  void write_line(const std::string& line, Clock::time_point deadline);

  /// The next line without its end. A longer line than 4 MiB is cut there.
  std::expected<std::string, Silence> read_line(Clock::time_point deadline);

  /// Closes its input and waits. Past the deadline it is killed, and the ending says so.
  Ending finish(Clock::time_point deadline);

  /// Ends it, with the children that it may have, and reaps it. Does nothing if it was reaped before.
  Ending kill();

 private:
  void close_pipes();

  pid_t pid_ = -1;
  int input_ = -1;   // what the process reads
  int output_ = -1;  // what it writes
  std::string pending_;
};

}  // namespace stdbind::conform
