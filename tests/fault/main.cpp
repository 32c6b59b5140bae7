// The fault loop. Each operation runs in a process of its own, once for each of its system calls, each number that is
// plausible for it, and both once and for ever. After each run: the right kind came back, nothing leaked, the file is
// as before or complete, and what was open could be used and closed. The last line tells how many failures there were.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "operations.hpp"
#include "stdbind/abi.h"

namespace stdbind::tests::fault {
namespace {

/// What the processes tell each other.
struct Shared {
  std::size_t points;
  std::size_t leaks;
  std::size_t wrong;  // kinds, contents, and what could not be closed
  std::size_t crashes;
  Point current;
};
Shared* shared;

std::string described(const Operation& operation, const Point& point) {
  if (point.number == 0) return operation.name + ", nothing fails";
  const std::string call = std::to_string(point.number) + " " + std::string(name_of(point.call));
  const std::string how = point.for_ever ? " fails for ever with " : " fails once with ";
  return operation.name + ", call " + call + how + strerrorname_np(point.os);
}

void complain(const Operation& operation, const Point& point, std::size_t& counter, const std::string& what) {
  ++counter;
  std::printf("FAILED: %s: %s\n", described(operation, point).c_str(), what.c_str());
  std::fflush(stdout);
}

/// What the process holds.
struct Held {
  std::size_t descriptors = open_descriptors();
  std::size_t files = mapped_ranges("stdbind-test-");
  std::size_t devices = mapped_ranges("/dev/zero");
  std::size_t memory = mapped_ranges("/memfd:stdbind");
  std::int64_t handles = stdbind_live_handles();
  bool operator==(const Held&) const = default;
};

std::string text(const Held& held) {
  return std::to_string(held.descriptors) + " descriptors, " + std::to_string(held.files) + " + " +
         std::to_string(held.devices) + " + " + std::to_string(held.memory) + " mapped ranges, " +
         std::to_string(held.handles) + " handles";
}

/// Whether what was made is there, whole, exactly if it should be.
std::string check_made(const World& world, const std::string& path, bool wanted) {
  std::error_code none;
  const bool there = std::filesystem::exists(path, none);
  if (there != wanted) return path + (there ? " was left behind" : " is missing");
  if (there && world.fresh_size && content(path) != std::string(static_cast<std::size_t>(*world.fresh_size), '\0')) {
    return path + " is not complete";
  }
  return {};
}

/// Runs an operation with one failure, or none.
void run(const Operation& operation, const Scratch& scratch, const Point& point) {
  shared->current = point;
  const auto wrong = [&](const std::string& what) { complain(operation, point, shared->wrong, what); };
  const Held before;
  World world(scratch);
  operation.prepare(world);
  const bool was_open = !world.mmap.is_closed();
  if (point.number == 0) {
    record();
  } else {
    arm(point);
  }
  const Result<void> result = operation.run(world);
  const bool met = stop();
  mend_calls();
  if (point.number != 0) {
    if (met) {
      ++shared->points;
    } else {
      wrong("the call was not made");
    }
  }
  ErrorKind kind = operation.always;
  if (point.number != 0) {
    if (const ErrorKind usual = usual_kind(point.call, point.os); usual != ErrorKind{}) kind = usual;
    if (operation.exceptions) operation.exceptions(point, kind);
  }
  const ErrorKind is = kind_of(result);
  const auto readable = [](ErrorKind of) { return of == ErrorKind{} ? "success" : std::string(name_of(of)); };
  if (is != kind) {
    wrong("expected " + readable(kind) + ", got " + readable(is) +
          (result ? "" : ": " + std::string(result.error().message.view())));
  }
  if (!result && result.error().message.view().empty()) wrong("the error says nothing");
  // A mapping that was there still is, and can be used.
  if (was_open && !result && world.mmap.is_closed()) wrong("the mapping is gone");
  if (!world.mmap.is_closed() && !world.seen.empty()) {
    std::string first(world.seen.size(), '?');
    if (!world.mmap.read_at(0, std::as_writable_bytes(std::span(first)))) {
      wrong("the mapping cannot be read");
    } else if (first != world.seen) {
      wrong("the mapping shows something else");
    }
  }
  const std::string now = content(world.path);
  if (result ? now != world.expected : now != world.bytes) {
    if (result || !world.may_be_done || now != world.expected) wrong("the file is neither as before nor complete");
  }
  if (world.fresh_size) {
    if (const auto what = check_made(world, world.fresh, result.has_value()); !what.empty()) wrong(what);
  }
  if (world.name_exists) {
    if (const auto what = check_made(world, "/dev/shm/" + world.name, *world.name_exists == result.has_value());
        !what.empty()) {
      wrong(what);
    }
  }
  for (const std::string& what : world.end()) wrong(what);
  // Pages that the system never gives up cannot be given up.
  const bool cannot_unmap = point.call == Call::munmap && point.for_ever;
  const auto leaked = [&](const std::string& what) {
    if (!cannot_unmap) complain(operation, point, shared->leaks, what);
  };
  if (mapped_bytes() != 0) leaked(std::to_string(mapped_bytes()) + " bytes stay mapped");
  unmap_all();
  if (const Held after; after != before) leaked(text(before) + " before, " + text(after) + " after");
}

/// In a process of its own; what it does is told by `shared`.
template <class Body>
void in_process(const Operation& operation, Body body) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child < 0) std::abort();
  if (child == 0) {
    alarm(120);  // a loop without an end
    body();
    std::fflush(stdout);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (status == 0) return;
  ++shared->crashes;
  std::printf("FAILED: %s: %s %d\n", described(operation, shared->current).c_str(),
              WIFSIGNALED(status) ? "ended by signal" : "ended with code",
              WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

/// All failures of an operation, one after the other.
template <class Each>
void for_all_points(const std::vector<Call>& calls, Each each) {
  for (std::size_t number = 1; number <= calls.size(); ++number) {
    const Call call = calls[number - 1];
    for (const int os : errors_of(call)) {
      for (const bool for_ever : {false, true}) each(Point{number, call, os, for_ever});
    }
  }
}

void run_all(const Operation& operation) {
  const Scratch scratch;
  if (operation.first_of_process) {
    // Calls that only the first use in the life of a process makes.
    int ends[2];
    if (pipe(ends) != 0) std::abort();
    in_process(operation, [&] {
      run(operation, scratch, {});
      const auto& calls = recorded();
      if (write(ends[1], calls.data(), calls.size() * sizeof(Call)) < 0) _exit(1);
    });
    close(ends[1]);
    std::vector<Call> calls(1000);
    const ssize_t size = read(ends[0], calls.data(), calls.size() * sizeof(Call));
    close(ends[0]);
    calls.resize(size < 0 ? 0 : static_cast<std::size_t>(size) / sizeof(Call));
    for_all_points(calls, [&](const Point& point) { in_process(operation, [&] { run(operation, scratch, point); }); });
    return;
  }
  in_process(operation, [&] {
    run(operation, scratch, {});  // what only the first run does is not repeated below
    run(operation, scratch, {});
    const std::vector<Call> calls = recorded();
    for_all_points(calls, [&](const Point& point) { run(operation, scratch, point); });
  });
}

int main(std::span<char*> arguments) {
  const std::size_t wanted = arguments.size() > 1 ? std::strtoul(arguments[1], nullptr, 10) : 1;
  const std::string only = arguments.size() > 2 ? arguments[2] : "";
  shared = static_cast<Shared*>(
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  if (shared == MAP_FAILED) return 1;
  // What reaches the disk, and when, is not looked at here, and takes long.
  platform::system_calls.fdatasync = [](int) { return 0; };
  platform::system_calls.msync = [](void*, std::size_t, int) { return 0; };
  install();
  std::vector<Operation> all = operations();
  for (Operation& operation : operations_of_abi()) all.push_back(std::move(operation));
  std::size_t count = 0;
  for (const Operation& operation : all) {
    if (!operation.name.starts_with(only)) continue;
    ++count;
    const std::size_t before = shared->points;
    run_all(operation);
    std::printf("%-40s %zu\n", operation.name.c_str(), shared->points - before);
  }
  std::printf("%zu operations, %zu crashes, %zu leaks, %zu wrong results\n", count, shared->crashes, shared->leaks,
              shared->wrong);
  if (shared->points < wanted) std::printf("FAILED: fewer than %zu injection points\n", wanted);
  std::printf("%zu injection points\n", shared->points);
  const bool good = shared->crashes + shared->leaks + shared->wrong == 0 && shared->points >= wanted;
  return good ? 0 : 1;
}

}  // namespace
}  // namespace stdbind::tests::fault

int main(int argc, char** argv) {
  return stdbind::tests::fault::main(std::span(argv, static_cast<std::size_t>(argc)));
}
