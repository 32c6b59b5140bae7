// Nodes that more than one part of the compiler makes or looks at.
#pragma once

#include <utility>
#include <vector>

#include "compiler.hpp"

namespace stdbind::simple {

/// A value known before the program runs.
struct ConstantNode final : Node {
  Value value;
  bool is_literal = false;  ///< a number without a suffix, which takes the width of the other operand
  ConstantNode(Location l, Value v) : Node(l), value(std::move(v)) { calls = false; }
  Value eval(Frame&) const override { return value; }
  const Value& ref(Frame&, Value&) const override { return value; }
};

struct LocalNode final : PlaceNode {
  std::uint32_t slot;
  VariableKind kind;
  Symbol name;
  LocalNode(Location l, const Variable& variable)
      : PlaceNode(l), slot(variable.slot), kind(variable.kind), name(variable.name) {
    calls = false;
    from_self = kind == VariableKind::self_read || kind == VariableKind::self_change;
  }
  Value eval(Frame& frame) const override { return frame.slots[slot]; }
  const Value& ref(Frame& frame, Value&) const override { return frame.slots[slot]; }
  bool test(Frame& frame) const override {
    const Value& value = frame.slots[slot];
    return value.is_boolean() ? value.boolean() : Node::test(frame);
  }
  Value* place(Frame& frame, Access access) const override;
  void assign(Frame& frame, Value value) const override { frame.slots[slot] = std::move(value); }
};

struct GlobalNode final : PlaceNode {
  Global* global;
  GlobalNode(Location l, Global* g) : PlaceNode(l), global(g) {
    calls = false;
    from_global = true;
  }
  const Value& get(Frame& frame) const;
  Value eval(Frame& frame) const override { return get(frame); }
  const Value& ref(Frame& frame, Value&) const override { return get(frame); }
  Value* place(Frame& frame, Access access) const override;
  void assign(Frame& frame, Value value) const override;
};

/// A node for each part, of which the last gives the value.
struct BlockNode final : Node {
  std::vector<NodePtr> parts;
  bool has_value = false;  ///< the last part is an expression
  explicit BlockNode(Location l) : Node(l) {}
  Flow exec(Frame& frame, Value& result) const override;
  Value eval(Frame& frame) const override;
};

/// A function of the host, called with evaluated arguments.
struct HostNode final : Node {
  using Function = Value (*)(const MethodContext&, Arguments&);
  Function function;
  std::vector<NodePtr> arguments;
  HostNode(Location l, Function f, std::vector<NodePtr> a) : Node(l), function(f), arguments(std::move(a)) {}
  Value eval(Frame& frame) const override;
};

/// Makes an expression of a node that has statements inside: leaving it throws a Jump.
Value eval_by_exec(const Node& node, Frame& frame);

/// `x.?`
NodePtr make_presence(Location location, NodePtr value);

/// Calls a method of the program, or one that the value has by itself.
Value call_any_method(const MethodContext& context, const Value& self, Symbol name, Method method,
                      Arguments& arguments);
/// The method of that name of a record or an enum, or null.
const FunctionCode* find_method(const Value& value, Symbol name);

}  // namespace stdbind::simple
