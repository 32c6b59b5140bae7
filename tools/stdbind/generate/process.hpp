// Runs another program to its end, with its output kept apart from ours.
#pragma once

#include <string>
#include <vector>

namespace stdbind::generate {

struct Ran {
  int status = 0;  // exit code; 128 + signal if a signal ended it; 127 if it could not be started; 124 if time was up
  std::string out;
  std::string err;
};

// Runs `command` (looked up in PATH) in `directory` ("" for ours). It is ended when `seconds` are over.
Ran run(const std::vector<std::string>& command, const std::string& directory = "", int seconds = 120);

// The command as a shell would need it typed, for messages.
std::string quoted(const std::vector<std::string>& command);

// The full path of a program in PATH, or "" if there is none.
std::string find_program(const std::string& name);

}  // namespace stdbind::generate
