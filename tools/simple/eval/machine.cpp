// Calls and their limits.
#include "machine.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

namespace stdbind::simple {

namespace {
constexpr std::size_t shown_calls = 12;
}

std::string RuntimeError::show() const {
  std::string text = to_string(Diagnostic{file, location.line, location.column, message, Severity::error});
  for (const std::string& line : trace) text += "\n  " + line;
  return text;
}

std::string FunctionCode::display_name() const {
  if (is_module) return "the module";
  std::string text;
  if (owner_record != nullptr) text = std::string(spelling(owner_record->name)) + ".";
  if (owner_enum != nullptr) text = std::string(spelling(owner_enum->name)) + ".";
  return text + (name ? std::string(spelling(name)) : "a lambda");
}

bool Node::test(Frame& frame) const {
  Value scratch;
  const Value& value = ref(frame, scratch);
  if (!value.is_boolean()) {
    frame.machine->fail(frame, location,
                        "a condition must be bool, not " + type_name(value) + ": compare it, or test with .?");
  }
  return value.boolean();
}

// All bits zero is nil, and calloc gives zeroes without touching the pages.
Machine::Machine() : stack_(static_cast<Value*>(std::calloc(stack_slots, sizeof(Value)))) {
  if (stack_ == nullptr) throw std::bad_alloc();
}
Machine::~Machine() { std::free(stack_); }

void Machine::set_native_limit(std::size_t bytes) {
  native_limit_ = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) - bytes;
}

void Machine::check_native_stack(const Frame& frame, Location location) const {
  if (reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) < native_limit_) {
    fail(frame, location, "the program nests too deeply");
  }
}

Value* Machine::reserve(std::size_t count, const Frame& caller, Location location) {
  if (top_ + count > stack_slots) fail(caller, location, "too many variables in calls inside calls");
  Value* base = stack_ + top_;
  top_ += count;
  return base;
}

void Machine::release(Value* base, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) base[i] = Value();
  top_ -= count;
}

void Machine::mark_written(Global& global, const Frame& frame) {
  if (frame.code->is_module || global.writer == frame.serial) return;
  global.writer = frame.serial;
  written_.push_back(&global);
}

void Machine::leave() noexcept {
  for (; written_.size() > calls_.back().written; written_.pop_back()) written_.back()->writer = 0;
  calls_.pop_back();
}

Value Machine::run(const FunctionCode& code, Value* slots, const FunctionObject* closure, Frame& caller,
                   Location location) {
  if (calls_.size() >= max_depth) {
    fail(caller, location, "calls nest deeper than " + std::to_string(max_depth) + ": endless recursion?");
  }
  check_native_stack(caller, location);
  count_step(caller, location);
  calls_.push_back({&code, caller.code, location, written_.size()});
  struct Leave {
    Machine& machine;
    ~Leave() { machine.leave(); }
  } const leave{*this};
  Frame frame{slots, &code, this, closure, next_serial_++, Symbol{}, nullptr};
  const std::uint32_t first = code.first_parameter();
  for (std::size_t i = 0; i < code.parameters.size(); ++i) {
    const ParameterCode& parameter = code.parameters[i];
    Value& value = slots[first + i];
    if (parameter.type.plain_i64() && value.is_plain()) continue;
    if (!parameter.variadic && !parameter.type.accept(value)) {
      fail(caller, location,
           code.display_name() + ": the argument " + std::string(spelling(parameter.name)) + " is " + type_name(value) +
               ", not " + parameter.type.text);
    }
  }
  if (closure != nullptr) {
    for (std::size_t i = 0; i < code.captures.size(); ++i) slots[code.captures[i].second] = closure->captures[i];
  }
  Value result;
  if (code.is_extern) {
    if (code.external == nullptr) {
      fail(caller, location, "unknown extern function: " + std::string(spelling(code.name)));
    }
    std::vector<Value> arguments;
    arguments.reserve(code.parameters.size());
    for (std::size_t i = 0; i < code.parameters.size(); ++i) arguments.push_back(std::move(slots[i]));
    try {
      result = code.external(*this, arguments);
    } catch (Failure& failure) {
      fail(caller, location, std::move(failure.message));
    }
  } else if (code.body != nullptr) {
    try {
      code.body->exec(frame, result);
    } catch (Jump& jump) {
      if (jump.flow != Flow::returned) throw;
      result = std::move(jump.value);
    }
  }
  if (!code.has_result && !code.is_extern && code.name) {
    result = Value();
  } else if (code.has_result && !(code.result.plain_i64() && result.is_plain()) && !code.result.accept(result)) {
    fail(frame, code.location,
         code.display_name() + " gave " + type_name(result) + " where it declares " + code.result.text);
  }
  if (code.is_async) result = Value::own(new PromiseObject(std::move(result)));
  return result;
}

Value Machine::call(const FunctionCode& code, Value* self, std::vector<Value> arguments, Frame& caller,
                    Location location) {
  const Reservation reserved(*this, std::max<std::size_t>(code.slot_count, code.parameters.size() + 1), caller,
                             location);
  Value* slots = reserved.slots();
  const std::uint32_t first = code.first_parameter();
  if (arguments.size() != code.parameters.size()) {
    fail(caller, location,
         code.display_name() + " takes " + std::to_string(code.parameters.size()) + " arguments, not " +
             std::to_string(arguments.size()));
  }
  for (std::size_t i = 0; i < arguments.size(); ++i) slots[first + i] = std::move(arguments[i]);
  if (first != 0 && self != nullptr) slots[0] = std::move(*self);
  struct GiveBack {
    Value* self;
    Value* slot;
    ~GiveBack() {
      if (self != nullptr) *self = std::move(*slot);
    }
  } const give_back{first != 0 ? self : nullptr, slots};
  return run(code, slots, nullptr, caller, location);
}

Value Machine::call(const Value& function, std::vector<Value> arguments, Frame& caller, Location location) {
  if (function.tag() != Tag::function) fail(caller, location, type_name(function) + " cannot be called");
  const Value keep = function;
  const FunctionObject& object = keep.function();
  if (object.code == nullptr) {
    Value value;
    for (const Value& part : object.composed) {
      value = call(part, std::move(arguments), caller, location);
      arguments.clear();
      arguments.push_back(value);
    }
    return value;
  }
  const FunctionCode& code = *object.code;
  const Reservation reserved(*this, std::max<std::size_t>(code.slot_count, code.parameters.size()), caller, location);
  if (code.parameters.size() != arguments.size()) {
    fail(caller, location,
         code.display_name() + " takes " + std::to_string(code.parameters.size()) + " arguments, not " +
             std::to_string(arguments.size()));
  }
  for (std::size_t i = 0; i < arguments.size(); ++i) reserved.slots()[i] = std::move(arguments[i]);
  return run(code, reserved.slots(), &object, caller, location);
}

void Machine::run_module(ModuleUnit& module) {
  const FunctionCode& code = *module.top;
  Frame outside{nullptr, &code, this, nullptr, 0, Symbol{}, nullptr};
  const Reservation reserved(*this, code.slot_count, outside, Location{});
  Frame frame{reserved.slots(), &code, this, nullptr, 0, Symbol{}, nullptr};
  Value result;
  try {
    code.body->exec(frame, result);
  } catch (Jump&) {
    // a return at module level ends the module
  }
}

void Machine::fail(const Frame& frame, Location location, std::string message) const {
  RuntimeError error;
  error.message = std::move(message);
  error.file = frame.code->module->file;
  error.location = location;
  for (std::size_t i = calls_.size(); i > 0 && error.trace.size() < shown_calls; --i) {
    const Call& call = calls_[i - 1];
    error.trace.push_back("in " + call.code->display_name() + ", called at " + call.caller->module->file + ":" +
                          std::to_string(call.location.line));
  }
  if (calls_.size() > shown_calls) {
    error.trace.push_back("and " + std::to_string(calls_.size() - shown_calls) + " more calls");
  }
  throw error;
}

}  // namespace stdbind::simple
