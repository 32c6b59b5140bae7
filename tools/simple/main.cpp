// simple-ref: the strict reference interpreter for Simple. Exit codes: 0 ok, 1 failed, 2 wrong usage.
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "check_command.hpp"
#include "eval/command.hpp"

namespace {

constexpr const char* examples = R"(Examples:
  simple-ref run hello.spl                 run a program
  simple-ref run tool.spl -- --verbose     run it with arguments
  simple-ref test test/                    run every *_spec.spl below a directory
  simple-ref check src/ test/              find what an engine of Simple would refuse
  simple-ref check --parse-only corpus/    only the syntax, of any Simple program)";

int run(int argc, char** argv) {
  CLI::App app("The strict reference interpreter for the Simple language.", "simple-ref");
  app.footer(examples);
  app.set_version_flag("--version", "simple-ref " STDBIND_VERSION);
  app.require_subcommand(1);

  std::string file;
  std::vector<std::string> arguments;
  CLI::App* run = app.add_subcommand("run", "Run a program");
  run->add_option("file", file, "The program, a .spl file")->required();
  run->add_option("arguments", arguments, "What the program gets as its arguments");
  run->positionals_at_end();
  run->prefix_command(false);

  std::vector<std::string> paths;
  CLI::App* test = app.add_subcommand("test", "Run the examples of spec files");
  test->add_option("paths", paths, "Spec files, or directories with *_spec.spl files")->required();

  bool parse_only = false;
  CLI::App* check = app.add_subcommand("check", "Check programs without running them");
  check->add_option("paths", paths, "Files, or directories with .spl files")->required();
  check->add_flag("--parse-only", parse_only, "Only the syntax; prints 'parsed N of M files'");

  std::vector<std::string> module_paths;
  for (CLI::App* command : {run, test, check}) {
    command->add_option("--path", module_paths, "A directory where 'use' finds modules; may be repeated")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const std::string first = argc > 1 ? argv[1] : "-";
    if (app.get_subcommands().empty() && error.get_exit_code() != 0 && !first.starts_with('-')) {
      std::cerr << "simple-ref: there is no command '" << first << "': use run, test or check\n";
      return 2;
    }
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  }
  for (const std::string& directory : module_paths) stdbind::simple::add_module_path(directory);
  if (run->parsed()) return stdbind::simple::run_command(file, arguments);
  if (test->parsed()) return stdbind::simple::test_command(paths);
  return stdbind::simple::check_command(paths, parse_only);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "simple-ref: " << error.what() << '\n';
    return 1;
  }
}
