// Calls of methods on values. A me method moves its self out of the place and back; the methods that change an array or
// dict need a place too.
#include <algorithm>

#include "call_site.hpp"

namespace stdbind::simple {

const FunctionCode* find_method(const Value& value, Symbol name) {
  const Methods* methods = value.tag() == Tag::record    ? &value.record().type->methods
                           : value.tag() == Tag::variant ? &value.variant().type->methods
                                                         : nullptr;
  if (methods == nullptr) return nullptr;
  const auto found = methods->find(name);
  return found == methods->end() ? nullptr : found->second;
}

namespace {

[[noreturn]] void no_method(const Value& self, Symbol name) {
  std::string hint;
  if (self.is_nil() || is_some(self)) hint = ": test it first, or use ?. or ??";
  if (is_ok(self) || is_err(self)) hint = ": match it, or use ?";
  raise(type_name(self) + " has no method " + std::string(spelling(name)) + hint);
}

struct MethodCallNode final : Node {
  NodePtr object;
  Symbol name;
  Method method;
  bool optional;
  CallSite site;
  const PlaceNode* place;
  MethodCallNode(Location l, NodePtr o, Symbol n, bool q)
      : Node(l),
        object(std::move(o)),
        name(n),
        method(method_named(spelling(n))),
        optional(q),
        place(as_place(*object)) {}

  Value eval(Frame& frame) const override {
    Value scratch;
    const Value& self = object->ref(frame, scratch);
    if (optional) return eval_optional(frame, self);
    return call_on(frame, self, place);
  }

  Value eval_optional(Frame& frame, const Value& self) const {
    if (self.is_nil()) return {};
    const Value inner = is_some(self) ? self.variant().payload[0] : self;
    return call_on(frame, inner, is_some(self) ? nullptr : place);
  }

  /// `self` may be a reference into storage: nothing of it is used any more once other code ran.
  Value call_on(Frame& frame, const Value& self, const PlaceNode* storage) const {
    if (self.tag() == Tag::record || self.tag() == Tag::variant) {
      if (const FunctionCode* code = find_method(self, name)) return call_code(frame, *code, self, storage);
      if (self.tag() == Tag::record) {
        const auto field = self.record().type->field_index.find(name);
        if (field != self.record().type->field_index.end()) {
          const Value function = self.record().fields[field->second];
          return frame.machine->call(function, site.evaluate(frame, location), frame, location);
        }
      }
    }
    if (is_changing(method) && (self.is_array() || self.tag() == Tag::dict)) return call_changing(frame, self, storage);
    if (site.arguments.empty()) {
      if (method == Method::len_ && self.is_array())
        return Value::integer(static_cast<std::int64_t>(self.items().size()));
      if (method == Method::len_ && self.is_text())
        return Value::integer(static_cast<std::int64_t>(self.text().size()));
    }
    const Value keep = self;
    Arguments arguments = site.evaluate(frame, location);
    return placed(frame, location, [&] {
      auto result = call_method({frame, location}, keep, method, arguments);
      if (!result) no_method(keep, name);
      return std::move(*result);
    });
  }

  Value call_changing(Frame& frame, const Value& self, const PlaceNode* storage) const {
    if (storage == nullptr) {
      frame.machine->fail(frame, location,
                          std::string(spelling(name)) + " would change a temporary " + type_name(self));
    }
    if (storage->indexes > 0) {
      frame.machine->fail(
          frame, location,
          "a change inside of a collection may be lost: take the element, change it, " + std::string("write it back"));
    }
    if (storage->fields > 0 && !storage->from_self) {
      frame.machine->fail(frame, location,
                          "a change of a collection field from outside may be lost: copy it out, change it, " +
                              std::string("assign it back in a me method"));
    }
    Arguments arguments = site.evaluate(frame, location);
    Value* target = storage->place(frame, Access::write);
    return placed(frame, location, [&] {
      auto result = call_changing_method(*target, method, arguments);
      if (!result) no_method(*target, name);
      return std::move(*result);
    });
  }

  Value call_code(Frame& frame, const FunctionCode& code, const Value& self, const PlaceNode* storage) const {
    Machine& machine = *frame.machine;
    if (!code.has_self) {
      machine.fail(frame, location,
                   code.display_name() + " is static: call it on the type" +
                       (code.is_static && !code.declaration->is_static
                            ? "; methods named new, create, default, init, from_*, with_* are static"
                            : ""));
    }
    const Reservation reserved(machine, std::max<std::size_t>(code.slot_count, code.parameters.size() + 1), frame,
                               location);
    Value* slots = reserved.slots();
    if (!code.is_mutating || storage == nullptr) {
      slots[0] = self;
      site.fill(frame, location, code, slots);
      return machine.run(code, slots, nullptr, frame, location);
    }
    if (storage->indexes > 0 || storage->fields > 1) {
      machine.fail(frame, location,
                   "a me method this deep inside of another value may be lost: take the value out, " +
                       std::string("change it, write it back"));
    }
    site.fill(frame, location, code, slots);
    Value* home = storage->place(frame, Access::method);
    if (storage->from_global) {
      slots[0] = *home;  // the call may look at the module variable itself
      Value result = machine.run(code, slots, nullptr, frame, location);
      *storage->place(frame, Access::method) = std::move(slots[0]);
      return result;
    }
    slots[0] = std::move(*home);
    struct GiveBack {
      Value* home;
      Value* slot;
      ~GiveBack() { *home = std::move(*slot); }
    } const give_back{home, slots};
    return machine.run(code, slots, nullptr, frame, location);
  }
};

}  // namespace

Value call_any_method(const MethodContext& context, const Value& self, Symbol name, Method method,
                      Arguments& arguments) {
  if (const FunctionCode* code = find_method(self, name)) {
    Value copy = self;
    return context.frame.machine->call(*code, &copy, arguments, context.frame, context.location);
  }
  return placed(context.frame, context.location, [&] {
    auto result = call_method(context, self, method, arguments);
    if (!result) no_method(self, name);
    return std::move(*result);
  });
}

NodePtr Compiler::compile_method_call(const MethodCallExpr& call) {
  if (is_expect_chain(call)) return compile_matcher(call);
  if (const Entity* type = type_entity(*call.object)) return compile_member_of_type(call, *type);
  if (const auto* name = get_if<NameExpr>(call.object.get());
      name != nullptr && (spelling(name->name) == "Result" || spelling(name->name) == "Option")) {
    if (NodePtr made = compile_builtin_call(call.location, call.name, call.arguments)) return made;
  }
  auto node = std::make_unique<MethodCallNode>(call.location, compile_value(*call.object), call.name, call.optional);
  for (const Argument& argument : call.arguments) {
    node->site.arguments.push_back({compile_value(*argument.value), argument.name, argument.spread});
  }
  return node;
}

}  // namespace stdbind::simple
