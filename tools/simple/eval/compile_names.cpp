// Variables, globals and what else a name can mean.
#include <algorithm>

#include "builtins.hpp"
#include "modules.hpp"
#include "nodes.hpp"

namespace stdbind::simple {

void Compiler::refuse(Location location, std::string message) const {
  throw CompileError{unit_.file, location, std::move(message)};
}

Value* LocalNode::place(Frame& frame, Access access) const {
  Value* storage = frame.slots + slot;
  const std::string shown(spelling(name));
  const bool is_class = storage->tag() == Tag::record && storage->record().type->is_class;
  switch (kind) {
    case VariableKind::var:
    case VariableKind::self_change:
      return storage;
    case VariableKind::val:
    case VariableKind::pattern:
      if (access == Access::method && is_class) return storage;
      frame.machine->fail(frame, location, shown + " cannot be changed: declare it with var");
    case VariableKind::self_read:
      frame.machine->fail(frame, location, "a fn method cannot change self: declare it with me");
    case VariableKind::parameter:
      frame.machine->fail(frame, location,
                          "the parameter " + shown + " cannot be changed: whether the caller sees it differs between " +
                              "the engines; copy it to a var and return that");
    case VariableKind::loop:
      frame.machine->fail(
          frame, location,
          "the loop variable " + shown + " cannot be changed: copy it to a var, change that, " + "and write it back");
  }
  return storage;
}

const Value& GlobalNode::get(Frame& frame) const {
  if (!global->is_set) {
    frame.machine->fail(frame, location, std::string(spelling(global->name)) + " is used before it has a value");
  }
  if (global->writer != 0 && global->writer != frame.serial) {
    frame.machine->fail(frame, location,
                        "the module variable " + std::string(spelling(global->name)) +
                            " was changed by a call that has not returned: the engines differ in what is seen here; " +
                            "pass it as an argument");
  }
  return global->value;
}

Value* GlobalNode::place(Frame& frame, Access access) const {
  get(frame);
  const bool is_class =
      global->value.tag() == Tag::record && global->value.record().type->is_class && access == Access::method;
  if (!global->is_variable && !is_class) {
    frame.machine->fail(frame, location,
                        std::string(spelling(global->name)) + " cannot be changed: declare it with var");
  }
  if (!global->module->is_main && !frame.code->is_module) {
    frame.machine->fail(frame, location,
                        "a variable of an imported module cannot be kept changed: the engines differ; keep the state " +
                            std::string("in a value, or behind a handle of a C library"));
  }
  frame.machine->mark_written(*global, frame);
  return &global->value;
}

void GlobalNode::assign(Frame& frame, Value value) const {
  if (!global->is_set) {
    global->is_set = true;
    global->value = std::move(value);
    return;
  }
  *place(frame, Access::write) = std::move(value);
}

namespace {

/// A nested function's own name.
struct SelfFunctionNode final : Node {
  explicit SelfFunctionNode(Location l) : Node(l) { calls = false; }
  Value eval(Frame& frame) const override {
    if (frame.closure == nullptr) frame.machine->fail(frame, location, "a default value cannot name its own function");
    auto* copy = new FunctionObject(frame.closure->code);
    copy->captures = frame.closure->captures;
    return Value::own(copy);
  }
};

}  // namespace

std::uint32_t Compiler::add_hidden() {
  if (scope_->code->slot_count >= 60000) refuse(scope_->code->location, "too many variables in one function");
  return scope_->code->slot_count++;
}

std::uint32_t Compiler::add_variable(Symbol name, VariableKind kind, Location) {
  const std::uint32_t slot = add_hidden();
  scope_->variables.push_back({name, slot, kind});
  return slot;
}

const Variable* Compiler::find_variable(const FunctionScope& scope, Symbol name) const {
  const auto found = std::ranges::find(scope.variables.rbegin(), scope.variables.rend(), name, &Variable::name);
  return found == scope.variables.rend() ? nullptr : &*found;
}

/// The variable of this function that holds `name` of the functions around it.
std::optional<Variable> Compiler::capture(FunctionScope& scope, Symbol name) {
  if (const Variable* variable = find_variable(scope, name)) return *variable;
  const auto known = std::ranges::find(scope.captured, name);
  if (known != scope.captured.end()) {
    const auto at = static_cast<std::size_t>(known - scope.captured.begin());
    return Variable{name, scope.code->captures[at].second, scope.captured_kinds[at]};
  }
  if (scope.outer == nullptr) return std::nullopt;
  const std::optional<Variable> outside = capture(*scope.outer, name);
  if (!outside) return std::nullopt;
  const std::uint32_t slot = scope.code->slot_count++;
  scope.code->captures.emplace_back(outside->slot, slot);
  scope.captured.push_back(name);
  scope.captured_kinds.push_back(VariableKind::val);
  return Variable{name, slot, VariableKind::val};
}

const Entity* Compiler::find_entity(Symbol name) const {
  const auto found = unit_.names.find(name);
  return found == unit_.names.end() ? nullptr : &found->second;
}

NodePtr Compiler::local_node(Location location, const Variable& variable) const {
  return std::make_unique<LocalNode>(location, variable);
}

NodePtr Compiler::compile_name(const NameExpr& name) {
  const Variable* own = find_variable(*scope_, name.name);
  if (own != nullptr) return local_node(name.location, *own);
  if (scope_->own_name && scope_->own_name == name.name) return std::make_unique<SelfFunctionNode>(name.location);
  if (const auto variable = capture(*scope_, name.name)) return local_node(name.location, *variable);
  const std::string shown(spelling(name.name));
  if (const Entity* entity = find_entity(name.name)) {
    switch (entity->kind) {
      case Entity::Kind::global:
        return std::make_unique<GlobalNode>(name.location, entity->global);
      case Entity::Kind::function:
        if (entity->function->is_extern) refuse(name.location, "an extern function can only be called");
        return std::make_unique<ConstantNode>(name.location, Value::own(new FunctionObject(entity->function)));
      default:
        refuse(name.location, shown + " is a type, not a value");
    }
  }
  if (shown == "self") refuse(name.location, "self is only known in methods");
  if (is_builtin_function(shown) || spec_word(name.name)) {
    refuse(name.location, shown + " is a function of the language: it can only be called");
  }
  for (const auto& [known, entity] : unit_.names) {
    if (entity.kind == Entity::Kind::enumeration && entity.enumeration->variant_index.contains(name.name)) {
      refuse(name.location, "write " + std::string(spelling(known)) + "." + shown + ": variants are always qualified");
    }
  }
  refuse(name.location, "unknown name: " + shown);
}

}  // namespace stdbind::simple
