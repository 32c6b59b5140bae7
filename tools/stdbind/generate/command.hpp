// The sub-commands `generate` and `ir` of the stdbind command.
#pragma once

#include <CLI/CLI.hpp>

namespace stdbind {

// Adds both sub-commands to `app`. Running one sets `status` to the exit code: 0 done, 1 failed, 2 wrong usage.
void add_generate_commands(CLI::App& app, int& status);

}  // namespace stdbind
