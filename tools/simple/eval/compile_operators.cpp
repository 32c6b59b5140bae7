// Operators as nodes. The common case, two i64, is decided in place.
#include "nodes.hpp"

namespace stdbind::simple {

namespace {

bool is_literal(const Node& node) {
  const auto* constant = dynamic_cast<const ConstantNode*>(&node);
  return constant != nullptr && constant->is_literal;
}

/// Two operands; the left one is copied only when the right one may change it.
struct Operands {
  Value left_scratch, right_scratch;
  const Value& left;
  const Value& right;
  Operands(const Node& l, const Node& r, Frame& frame)
      : left(r.calls ? (left_scratch = l.eval(frame)) : l.ref(frame, left_scratch)),
        right(r.ref(frame, right_scratch)) {}
};

template <BinaryOp Op>
struct ArithmeticNode final : Node {
  NodePtr left, right;
  bool left_literal, right_literal;
  ArithmeticNode(Location l, NodePtr a, NodePtr b)
      : Node(l),
        left(std::move(a)),
        right(std::move(b)),
        left_literal(is_literal(*left)),
        right_literal(is_literal(*right)) {
    calls = left->calls || right->calls;
  }
  Value eval(Frame& frame) const override {
    const Operands operands(*left, *right, frame);
    const Value& a = operands.left;
    const Value& b = operands.right;
    if (a.is_plain() && b.is_plain()) {
      const auto x = static_cast<std::uint64_t>(a.integer());
      const auto y = static_cast<std::uint64_t>(b.integer());
      if constexpr (Op == BinaryOp::add) return Value::integer(static_cast<std::int64_t>(x + y));
      if constexpr (Op == BinaryOp::subtract) return Value::integer(static_cast<std::int64_t>(x - y));
      if constexpr (Op == BinaryOp::multiply) return Value::integer(static_cast<std::int64_t>(x * y));
      if constexpr (Op == BinaryOp::bit_and) return Value::integer(static_cast<std::int64_t>(x & y));
      if constexpr (Op == BinaryOp::bit_or) return Value::integer(static_cast<std::int64_t>(x | y));
      if constexpr (Op == BinaryOp::bit_xor) return Value::integer(static_cast<std::int64_t>(x ^ y));
      if constexpr (Op == BinaryOp::shift_left) {
        if (y < 64) return Value::integer(static_cast<std::int64_t>(x << y));
      }
      if constexpr (Op == BinaryOp::shift_right) {
        if (y < 64) return Value::integer(a.integer() >> y);
      }
      if constexpr (Op == BinaryOp::divide) {
        if (b.integer() > 0) return Value::integer(a.integer() / b.integer());
      }
      if constexpr (Op == BinaryOp::remainder) {
        if (b.integer() > 0) return Value::integer(a.integer() % b.integer());
      }
    }
    return placed(frame, location, [&] { return arithmetic(Op, a, b, left_literal, right_literal); });
  }
};

template <ComparisonOp Op>
struct CompareNode final : Node {
  NodePtr left, right;
  CompareNode(Location l, NodePtr a, NodePtr b) : Node(l), left(std::move(a)), right(std::move(b)) {
    calls = left->calls || right->calls;
  }
  bool test(Frame& frame) const override {
    const Operands operands(*left, *right, frame);
    const Value& a = operands.left;
    const Value& b = operands.right;
    if (a.is_plain() && b.is_plain()) {
      if constexpr (Op == ComparisonOp::equal) return a.integer() == b.integer();
      if constexpr (Op == ComparisonOp::not_equal) return a.integer() != b.integer();
      if constexpr (Op == ComparisonOp::less) return a.integer() < b.integer();
      if constexpr (Op == ComparisonOp::less_equal) return a.integer() <= b.integer();
      if constexpr (Op == ComparisonOp::greater) return a.integer() > b.integer();
      if constexpr (Op == ComparisonOp::greater_equal) return a.integer() >= b.integer();
    }
    return placed(frame, location, [&] { return holds(Op, a, b); });
  }
  Value eval(Frame& frame) const override { return Value::boolean(test(frame)); }
};

struct ChainNode final : Node {
  std::vector<NodePtr> operands;
  std::vector<ComparisonOp> ops;
  using Node::Node;
  bool test(Frame& frame) const override {
    Value left = operands[0]->eval(frame);
    for (std::size_t i = 0; i < ops.size(); ++i) {
      Value right = operands[i + 1]->eval(frame);
      if (!placed(frame, location, [&] { return holds(ops[i], left, right); })) return false;
      left = std::move(right);
    }
    return true;
  }
  Value eval(Frame& frame) const override { return Value::boolean(test(frame)); }
};

struct LogicNode final : Node {
  NodePtr left, right;
  bool is_and;
  LogicNode(Location l, NodePtr a, NodePtr b, bool i) : Node(l), left(std::move(a)), right(std::move(b)), is_and(i) {
    calls = left->calls || right->calls;
  }
  bool test(Frame& frame) const override {
    return is_and ? left->test(frame) && right->test(frame) : left->test(frame) || right->test(frame);
  }
  Value eval(Frame& frame) const override { return Value::boolean(test(frame)); }
};

struct NotNode final : Node {
  NodePtr operand;
  NotNode(Location l, NodePtr o) : Node(l), operand(std::move(o)) { calls = operand->calls; }
  bool test(Frame& frame) const override { return !operand->test(frame); }
  Value eval(Frame& frame) const override { return Value::boolean(test(frame)); }
};

struct UnaryNode final : Node {
  NodePtr operand;
  Value (*function)(const Value&);
  UnaryNode(Location l, NodePtr o, Value (*f)(const Value&)) : Node(l), operand(std::move(o)), function(f) {
    calls = operand->calls;
  }
  Value eval(Frame& frame) const override {
    Value scratch;
    const Value& value = operand->ref(frame, scratch);
    return placed(frame, location, [&] { return function(value); });
  }
};

struct InNode final : Node {
  NodePtr wanted, container;
  bool negated;
  InNode(Location l, NodePtr w, NodePtr c, bool n)
      : Node(l), wanted(std::move(w)), container(std::move(c)), negated(n) {}
  bool test(Frame& frame) const override {
    const Operands operands(*wanted, *container, frame);
    return placed(frame, location, [&] { return contains(operands.right, operands.left); }) != negated;
  }
  Value eval(Frame& frame) const override { return Value::boolean(test(frame)); }
};

struct CoalesceNode final : Node {
  NodePtr value, otherwise;
  CoalesceNode(Location l, NodePtr v, NodePtr o) : Node(l), value(std::move(v)), otherwise(std::move(o)) {}
  Value eval(Frame& frame) const override {
    Value first = value->eval(frame);
    if (first.is_nil()) return otherwise->eval(frame);
    if (is_ok(first) || is_err(first)) {
      frame.machine->fail(frame, location, "?? is for values that may be nil: a Result has unwrap_or");
    }
    return is_some(first) ? first.variant().payload[0] : first;
  }
};

struct PipeNode final : Node {
  NodePtr value, function;
  PipeNode(Location l, NodePtr v, NodePtr f) : Node(l), value(std::move(v)), function(std::move(f)) {}
  Value eval(Frame& frame) const override {
    Value argument = value->eval(frame);
    const Value callee = function->eval(frame);
    return frame.machine->call(callee, {std::move(argument)}, frame, location);
  }
};

/// `x.?`: the value, or nil when there is none or it is empty. As a condition: whether there is one.
struct PresenceNode final : Node {
  NodePtr value;
  PresenceNode(Location l, NodePtr v) : Node(l), value(std::move(v)) { calls = value->calls; }
  static bool present(const Value& v) {
    if (v.is_nil() || is_err(v)) return false;
    if (v.is_text()) return !v.text().empty();
    if (v.is_array()) return !v.items().empty();
    if (v.tag() == Tag::dict) return !v.dict().entries.empty();
    return true;
  }
  bool test(Frame& frame) const override {
    Value scratch;
    return present(value->ref(frame, scratch));
  }
  Value eval(Frame& frame) const override {
    Value v = value->eval(frame);
    if (!present(v)) return {};
    return is_some(v) || is_ok(v) ? v.variant().payload[0] : v;
  }
};

template <template <auto> class N, auto... Ops, typename Op>
NodePtr make_by(Op op, Location location, NodePtr left, NodePtr right) {
  NodePtr made;
  static_cast<void>(
      ((op == Ops && (made = std::make_unique<N<Ops>>(location, std::move(left), std::move(right)), true)) || ...));
  return made;
}

template <auto Op>
using ArithmeticOf = ArithmeticNode<Op>;
template <auto Op>
using CompareOf = CompareNode<Op>;

}  // namespace

NodePtr Compiler::compile_condition(const Expr& expression) {
  if (const auto* presence = get_if<PresenceExpr>(&expression)) {
    return std::make_unique<PresenceNode>(presence->location, compile_value(*presence->value));
  }
  return compile_value(expression);
}

NodePtr Compiler::compile_logic(const BinaryExpr& binary) {
  return std::make_unique<LogicNode>(binary.location, compile_condition(*binary.left), compile_condition(*binary.right),
                                     binary.op == BinaryOp::and_);
}

NodePtr Compiler::compile_binary(const BinaryExpr& binary) {
  using enum BinaryOp;
  if (binary.op == and_ || binary.op == or_) return compile_logic(binary);
  NodePtr left = compile_value(*binary.left);
  NodePtr right = compile_value(*binary.right);
  const Location at = binary.location;
  switch (binary.op) {
    case in:
    case not_in:
      return std::make_unique<InNode>(at, std::move(left), std::move(right), binary.op == not_in);
    case coalesce:
      return std::make_unique<CoalesceNode>(at, std::move(left), std::move(right));
    case pipe:
      return std::make_unique<PipeNode>(at, std::move(left), std::move(right));
    default:
      return make_by<ArithmeticOf, add, subtract, multiply, divide, floor_divide, remainder, power, matrix_multiply,
                     bit_and, bit_or, bit_xor, shift_left, shift_right, xor_, compose_back>(
          binary.op, at, std::move(left), std::move(right));
  }
}

NodePtr Compiler::compile_comparison(const ComparisonExpr& comparison) {
  using enum ComparisonOp;
  if (comparison.ops.size() == 1) {
    const ComparisonOp op = comparison.ops[0];
    if (op == ComparisonOp::is || op == is_not) {
      if (auto type = type_named_by(*comparison.operands[1])) {
        return compile_type_test(comparison.location, *comparison.operands[0], std::move(*type), op == is_not);
      }
    }
    return make_by<CompareOf, equal, not_equal, less, less_equal, greater, greater_equal, ComparisonOp::is, is_not>(
        op, comparison.location, compile_value(*comparison.operands[0]), compile_value(*comparison.operands[1]));
  }
  auto chain = std::make_unique<ChainNode>(comparison.location);
  for (const ExprPtr& operand : comparison.operands) chain->operands.push_back(compile_value(*operand));
  chain->ops = comparison.ops;
  return chain;
}

NodePtr Compiler::compile_unary(const UnaryExpr& unary) {
  const Location at = unary.location;
  switch (unary.op) {
    case UnaryOp::not_:
      return std::make_unique<NotNode>(at, compile_condition(*unary.operand));
    case UnaryOp::minus:
      if (const auto* number = get_if<IntegerExpr>(unary.operand.get())) {
        const IntKind kind =
            number->suffix ? int_kind_named(spelling(number->suffix)).value_or(IntKind::i64) : IntKind::i64;
        const Wide value = -static_cast<Wide>(number->value);
        if (!fits(value, kind)) refuse(at, to_decimal(value) + " does not fit " + std::string(name_of(kind)));
        auto node = std::make_unique<ConstantNode>(at, Value::integer(wrap(value, kind), kind));
        node->is_literal = !number->suffix;
        return node;
      }
      return std::make_unique<UnaryNode>(at, compile_value(*unary.operand), &negative);
    case UnaryOp::bit_not:
      return std::make_unique<UnaryNode>(at, compile_value(*unary.operand), &complement);
    case UnaryOp::plus:
      return compile_value(*unary.operand);
    case UnaryOp::reference:
    case UnaryOp::dereference:
      return compile_value(*unary.operand);
    case UnaryOp::reference_mut:
      refuse(at, "&mut arguments lose what is written in some engines: return the value instead");
  }
  refuse(at, "unknown operator");
}

NodePtr make_presence(Location location, NodePtr value) {
  return std::make_unique<PresenceNode>(location, std::move(value));
}

}  // namespace stdbind::simple
