// Runs code: the stack of frames, the depth limits, errors with their trace. One Machine a process, on one thread that
// was given a large native stack.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "code.hpp"

namespace stdbind::simple {

/// An error of the running program, ready to be shown: `file:line:column: message`, then the calls that led there.
struct RuntimeError {
  std::string message;
  std::string file;
  Location location;
  std::vector<std::string> trace;
  bool is_panic = false;
  std::string show() const;
};

/// A program ended itself by exit(code).
struct ExitRequest {
  int code;
};

/// An error found while a module was being prepared.
struct CompileError {
  std::string file;
  Location location;
  std::string message;
};

class SpecRun;

class Machine {
 public:
  static constexpr std::size_t max_depth = 20000;       ///< calls inside calls
  static constexpr std::size_t stack_slots = 1U << 21;  ///< variables of all running calls
  Machine();
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  /// Native stack that may be used from the current depth on.
  void set_native_limit(std::size_t bytes);

  /// Calls `code`, whose arguments (self first, when it has one) stand in `slots`, which Reservation reserved.
  Value run(const FunctionCode& code, Value* slots, const FunctionObject* closure, Frame& caller, Location location);
  /// Calls a function value with positional arguments.
  Value call(const Value& function, std::vector<Value> arguments, Frame& caller, Location location);
  /// Calls a function with positional arguments; `self` may be null. The changed self is moved back.
  Value call(const FunctionCode& code, Value* self, std::vector<Value> arguments, Frame& caller, Location location);
  /// Runs the statements of a module.
  void run_module(ModuleUnit& module);

  [[noreturn]] void fail(const Frame& frame, Location location, std::string message) const;

  Value* reserve(std::size_t count, const Frame& caller, Location location);
  void release(Value* base, std::size_t count) noexcept;
  void check_native_stack(const Frame& frame, Location location) const;

  /// How many calls and rounds of loops may still run; without a limit at first.
  void set_step_limit(std::uint64_t steps) { steps_left_ = steps; }
  /// One of them. *errors*: RuntimeError when none is left.
  void count_step(const Frame& frame, Location location) {
    if (steps_left_ == 0) [[unlikely]]
      fail(frame, location, "the program took more steps than it was allowed");
    --steps_left_;
  }

  /// Remembers that the running call `frame` changed `global`.
  void mark_written(Global& global, const Frame& frame);

  std::vector<std::string> program_arguments;
  SpecRun* spec = nullptr;  ///< set while spec files run

 private:
  struct Call {
    const FunctionCode* code;
    const FunctionCode* caller;
    Location location;
    std::size_t written;  ///< how many globals were marked before
  };
  void leave() noexcept;
  Value* stack_;
  std::size_t top_ = 0;
  std::vector<Call> calls_;
  std::vector<Global*> written_;
  std::uint64_t next_serial_ = 1;
  std::uintptr_t native_limit_ = 0;
  std::uint64_t steps_left_ = UINT64_MAX;
};

/// Slots for one call, cleared and given back at the end.
class Reservation {
 public:
  Reservation(Machine& machine, std::size_t count, const Frame& caller, Location location)
      : machine_(machine), count_(count), base_(machine.reserve(count, caller, location)) {}
  ~Reservation() { machine_.release(base_, count_); }
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;
  Value* slots() const { return base_; }

 private:
  Machine& machine_;
  std::size_t count_;
  Value* base_;
};

}  // namespace stdbind::simple
