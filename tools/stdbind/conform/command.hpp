// The sub-command `stdbind conform`.
#pragma once

namespace CLI {
class App;
}

namespace stdbind {

/// Adds `conform` to the command. `status` receives the exit code when it has run.
void add_conform_command(CLI::App& app, int& status);

}  // namespace stdbind
