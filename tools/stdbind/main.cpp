// The stdbind command: one sub-command a part. Exit codes: 0 done, 1 failed, 2 wrong usage.
#include <CLI/CLI.hpp>

#include "conform/command.hpp"
#include "generate/command.hpp"

int main(int argc, char** argv) {
  CLI::App app{"Gives a young language the standard-library module that it lacks, and binds any C library for it."};
  app.name("stdbind");
  app.set_version_flag("--version", STDBIND_VERSION);
  app.require_subcommand(1);
  int status = 0;
  stdbind::add_generate_commands(app, status);
  stdbind::add_conform_command(app, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return 2;
  }
  return status;
}
