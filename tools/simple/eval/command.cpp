// The commands run and test.
#include "command.hpp"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <new>

#include "builtins.hpp"
#include "format.hpp"
#include "modules.hpp"
#include "spec.hpp"

namespace stdbind::simple {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t native_stack = std::size_t{512} << 20U;
constexpr std::size_t native_reserve = std::size_t{1} << 20U;  // for what runs when the limit was met

void complain(const std::string& text) {
  flush_output();
  std::cerr << text << '\n';
}

/// Runs `action` on a thread with a large stack: the interpreter calls itself for each call of the program.
void on_large_stack(std::function<void(std::size_t)> action) {
  struct Job {
    std::function<void(std::size_t)> action;
    std::size_t size;
  } job{std::move(action), native_stack};
  pthread_attr_t attributes;
  pthread_t thread{};
  pthread_attr_init(&attributes);
  const auto body = [](void* data) -> void* {
    const auto* work = static_cast<Job*>(data);
    work->action(work->size - native_reserve);
    return nullptr;
  };
  while (pthread_attr_setstacksize(&attributes, job.size) != 0 ||
         pthread_create(&thread, &attributes, body, &job) != 0) {
    job.size /= 2;
    if (job.size < 4 * native_reserve) throw std::bad_alloc();
  }
  pthread_attr_destroy(&attributes);
  pthread_join(thread, nullptr);
}

/// True when the action ended well; what went wrong is printed.
bool reported(const std::function<void()>& action) {
  try {
    action();
    return true;
  } catch (const LoadError& error) {
    for (const Diagnostic& diagnostic : error.diagnostics) complain(to_string(diagnostic));
  } catch (const CompileError& error) {
    complain(
        to_string(Diagnostic{error.file, error.location.line, error.location.column, error.message, Severity::error}));
  } catch (const RuntimeError& error) {
    complain(error.show());
  } catch (const Failure& failure) {
    complain(failure.message);
  } catch (const Jump&) {
    complain("a jump left the program");
  } catch (const std::bad_alloc&) {
    complain("out of memory");
  } catch (const std::length_error&) {
    complain("out of memory");
  }
  return false;
}

bool calls_main(const ModuleUnit& unit) {
  return std::ranges::any_of(unit.tree.statements, [](const StmtPtr& statement) {
    const auto* expression = get_if<ExprStmt>(statement.get());
    const auto* call = expression != nullptr ? get_if<CallExpr>(expression->value.get()) : nullptr;
    const auto* name = call != nullptr ? get_if<NameExpr>(call->callee.get()) : nullptr;
    return name != nullptr && spelling(name->name) == "main";
  });
}

/// fn main, when the file has one that it does not call itself; its integer is the exit code.
int call_main(Machine& machine, const ModuleUnit& unit) {
  const auto found = unit.names.find(intern("main"));
  if (found == unit.names.end() || found->second.kind != Entity::Kind::function || calls_main(unit)) return 0;
  const FunctionCode& code = *found->second.function;
  if (code.is_extern || found->second.module != &unit) return 0;
  Frame frame{nullptr, unit.top.get(), &machine, nullptr, 0, Symbol{}, nullptr};
  std::vector<Value> arguments;
  if (!code.parameters.empty()) {
    std::vector<Value> items;
    for (const std::string& argument : machine.program_arguments) items.push_back(Value::text(argument));
    arguments.push_back(Value::array(std::move(items)));
  }
  const Value result = machine.call(code, nullptr, std::move(arguments), frame, code.location);
  if (is_err(result)) {
    complain("main gave Err: " + display(result.variant().payload[0]));
    return 1;
  }
  return result.is_integer() ? static_cast<int>(result.integer() & 0xFF) : 0;
}

/// Runs one file to its end. Returns false when it did not get there.
bool run_file(const std::string& file, const std::vector<std::string>& arguments, SpecRun& spec, int& exit_code) {
  bool fine = false;
  on_large_stack([&](std::size_t stack) {
    fine = reported([&] {
      Machine machine;
      machine.set_native_limit(stack);
      machine.program_arguments = arguments;
      machine.spec = &spec;
      Loader loader(machine);
      try {
        ModuleUnit& unit = loader.load_main(file);
        machine.run_module(unit);
        exit_code = call_main(machine, unit);
      } catch (const ExitRequest& request) {
        exit_code = request.code;
      }
    });
  });
  flush_output();
  return fine;
}

bool is_spec(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.ends_with("_spec.spl") || name.ends_with("_test.spl");
}

std::vector<std::string> spec_files(const std::vector<std::string>& named, bool& fine) {
  std::vector<std::string> files;
  for (const std::string& path : named) {
    std::error_code error;
    if (fs::path(path).is_absolute()) {
      complain(path + ": simple test runs nothing for an absolute path: give a relative one");
      fine = false;
    } else if (fs::is_directory(path, error)) {
      std::vector<std::string> found;
      for (fs::recursive_directory_iterator entry(path, fs::directory_options::skip_permission_denied, error), end;
           !error && entry != end; entry.increment(error)) {
        if (entry->is_regular_file(error) && is_spec(entry->path())) found.push_back(entry->path().string());
      }
      std::ranges::sort(found);
      files.insert(files.end(), found.begin(), found.end());
    } else if (fs::exists(path, error)) {
      files.push_back(path);
    } else {
      complain(path + ": there is no such file or directory");
      fine = false;
    }
  }
  return files;
}

}  // namespace

void add_module_path(const std::string& directory) { module_search_path().push_back(directory); }

int run_command(const std::string& file, const std::vector<std::string>& arguments) {
  SpecRun spec(isatty(STDOUT_FILENO) != 0);
  int exit_code = 0;
  const bool fine = run_file(file, arguments, spec, exit_code);
  if (spec.passed + spec.failed + spec.skipped != 0) write_output(spec.result_line() + "\n");
  flush_output();
  if (!fine || spec.failed != 0) return 1;
  return exit_code;
}

int test_command(const std::vector<std::string>& files_or_directories) {
  bool fine = true;
  SpecRun spec(isatty(STDOUT_FILENO) != 0);
  const std::vector<std::string> files = spec_files(files_or_directories, fine);
  for (const std::string& file : files) {
    int exit_code = 0;
    const int before = spec.failed;
    if (run_file(file, {}, spec, exit_code)) {
      if (exit_code != 0 && spec.failed == before) {
        complain(file + ": ended with exit code " + std::to_string(exit_code));
        spec.broken_file();
      }
    } else {
      spec.broken_file();
    }
  }
  if (files.empty() && fine) complain("there are no *_spec.spl or *_test.spl files there");
  write_output(spec.result_line() + "\n");
  flush_output();
  return fine && spec.failed == 0 && spec.passed > 0 ? 0 : 1;
}

}  // namespace stdbind::simple
