// Statements: bindings, assignments, assert; and the choice of what compiles what.
#include <algorithm>

#include "nodes.hpp"

namespace stdbind::simple {

namespace {

std::string declared_problem(const Symbol& name, const Value& value, const TypeCheck& type) {
  return std::string(spelling(name)) + " is " + type_name(value) + ", not " + type.text;
}

/// An unsigned type of a val or var gives the value that width for good: both engines truncate and wrap there.
bool convert_declared(Value& value, const TypeCheck& type) {
  if (type.sort == TypeCheck::Sort::integer && value.is_integer() && is_unsigned(type.kind) && !value.is_nil()) {
    value = Value::integer(wrap(value.wide(), type.kind), type.kind);
    return true;
  }
  return type.accept(value);
}

struct BindNode final : Node {
  std::uint32_t slot;
  Symbol name;
  TypeCheck type;
  NodePtr value;
  BindNode(Location l, std::uint32_t s, Symbol n, TypeCheck t, NodePtr v)
      : Node(l), slot(s), name(n), type(std::move(t)), value(std::move(v)) {}
  Flow exec(Frame& frame, Value&) const override {
    Value bound = value != nullptr ? value->eval(frame) : Value();
    if (!(type.plain_i64() && bound.is_plain()) && value != nullptr && !convert_declared(bound, type)) {
      frame.machine->fail(frame, location, declared_problem(name, bound, type));
    }
    frame.slots[slot] = std::move(bound);
    return Flow::normal;
  }
  Value eval(Frame& frame) const override { return eval_by_exec(*this, frame); }
};

struct BindGlobalNode final : Node {
  Global* global;
  TypeCheck type;
  NodePtr value;
  BindGlobalNode(Location l, Global* g, TypeCheck t, NodePtr v)
      : Node(l), global(g), type(std::move(t)), value(std::move(v)) {}
  Flow exec(Frame& frame, Value&) const override {
    Value bound = value != nullptr ? value->eval(frame) : Value();
    if (value != nullptr && !convert_declared(bound, type)) {
      frame.machine->fail(frame, location, declared_problem(global->name, bound, type));
    }
    global->value = std::move(bound);
    global->is_set = true;
    return Flow::normal;
  }
  Value eval(Frame& frame) const override { return eval_by_exec(*this, frame); }
};

struct BindPatternNode final : Node {
  MatcherPtr pattern;
  NodePtr value;
  NodePtr otherwise;
  std::vector<std::pair<std::uint32_t, Global*>> globals;  ///< module-level names: from slots to globals
  using Node::Node;
  Flow exec(Frame& frame, Value& result) const override {
    const Value bound = value->eval(frame);
    if (!pattern->match(frame, bound)) {
      if (otherwise == nullptr) frame.machine->fail(frame, location, "the pattern does not fit " + type_name(bound));
      const Flow flow = otherwise->exec(frame, result);
      if (flow == Flow::normal) frame.machine->fail(frame, location, "the else of a let-else must leave");
      return flow;
    }
    for (const auto& [slot, global] : globals) {
      global->value = frame.slots[slot];
      global->is_set = true;
    }
    return Flow::normal;
  }
  Value eval(Frame& frame) const override { return eval_by_exec(*this, frame); }
};

struct AssignNode final : Node {
  NodePtr target;
  const PlaceNode* place;
  NodePtr value;
  AssignNode(Location l, NodePtr t, NodePtr v)
      : Node(l), target(std::move(t)), place(as_place(*target)), value(std::move(v)) {}
  Flow exec(Frame& frame, Value&) const override {
    place->assign(frame, value->eval(frame));
    return Flow::normal;
  }
  Value eval(Frame& frame) const override { return eval_by_exec(*this, frame); }
};

/// `x = x + v` and `x += v`: text and arrays grow in place when nobody else holds them.
struct AppendNode final : Node {
  NodePtr target;
  const PlaceNode* place;
  BinaryOp op;
  NodePtr value;
  bool literal;
  AppendNode(Location l, NodePtr t, BinaryOp o, NodePtr v, bool is_literal)
      : Node(l), target(std::move(t)), place(as_place(*target)), op(o), value(std::move(v)), literal(is_literal) {}
  Flow exec(Frame& frame, Value&) const override {
    Value scratch;
    const Value& more = value->ref(frame, scratch);
    // the place may be where `more` lives
    const Value added = more;
    Value* storage = place->place(frame, Access::write);
    if (op == BinaryOp::add && storage->is_plain() && added.is_plain()) {
      *storage = Value::integer(static_cast<std::int64_t>(static_cast<std::uint64_t>(storage->integer()) +
                                                          static_cast<std::uint64_t>(added.integer())));
      return Flow::normal;
    }
    placed(frame, location, [&] {
      if (op == BinaryOp::add && storage->is_text() && added.is_text()) {
        check_text(storage->text().size() + added.text().size());
        storage->own_text() += added.text();
      } else if (op == BinaryOp::add && storage->is_array() && added.is_array()) {
        check_elements(storage->items().size() + added.items().size());
        std::vector<Value>& items = storage->own_items();
        items.insert(items.end(), added.items().begin(), added.items().end());
      } else {
        *storage = arithmetic(op, *storage, added, false, literal);
      }
    });
    return Flow::normal;
  }
  Value eval(Frame& frame) const override { return eval_by_exec(*this, frame); }
};

struct AssignTupleNode final : Node {
  std::vector<NodePtr> targets;
  NodePtr value;
  using Node::Node;
  Flow exec(Frame& frame, Value&) const override {
    const Value values = value->eval(frame);
    if (values.tag() != Tag::tuple || values.items().size() != targets.size()) {
      frame.machine->fail(frame, location,
                          type_name(values) + " cannot be taken apart into " + std::to_string(targets.size()));
    }
    for (std::size_t i = 0; i < targets.size(); ++i) as_place(*targets[i])->assign(frame, values.items()[i]);
    return Flow::normal;
  }
  Value eval(Frame& frame) const override { return eval_by_exec(*this, frame); }
};

struct AssertNode final : Node {
  NodePtr condition, message;
  using Node::Node;
  Flow exec(Frame& frame, Value& result) const override {
    if (!condition->test(frame)) {
      std::string text = "assertion failed";
      if (message != nullptr) {
        const Value shown = message->eval(frame);
        if (shown.is_text()) text += ": " + shown.text();
      }
      frame.machine->fail(frame, location, std::move(text));
    }
    result = Value();
    return Flow::normal;
  }
  Value eval(Frame& frame) const override { return eval_by_exec(*this, frame); }
};

struct ForceNode final : Node {
  NodePtr value;
  ForceNode(Location l, NodePtr v) : Node(l), value(std::move(v)) {}
  Value eval(Frame& frame) const override {
    const Value v = value->eval(frame);
    return placed(frame, location, [&] { return unwrap(v); });
  }
};

struct AwaitNode final : Node {
  NodePtr value;
  AwaitNode(Location l, NodePtr v) : Node(l), value(std::move(v)) {}
  Value eval(Frame& frame) const override {
    Value v = value->eval(frame);
    return v.tag() == Tag::promise ? v.promise().value : v;
  }
};

/// Guards the native stack at the nodes that nest without a call.
struct DeepNode final : Node {
  NodePtr inner;
  DeepNode(Location l, NodePtr i) : Node(l), inner(std::move(i)) { calls = inner->calls; }
  Value eval(Frame& frame) const override {
    frame.machine->check_native_stack(frame, location);
    return inner->eval(frame);
  }
};

bool same_local(const Node& a, const Node& b) {
  const auto* left = dynamic_cast<const LocalNode*>(&a);
  const auto* right = dynamic_cast<const LocalNode*>(&b);
  return left != nullptr && right != nullptr && left->slot == right->slot;
}

}  // namespace

NodePtr Compiler::compile_binding(const BindingStmt& binding) {
  const bool is_mutable = binding.binding == BindingKind::var || binding.binding == BindingKind::let_mut;
  const VariableKind kind = is_mutable ? VariableKind::var : VariableKind::val;
  const bool at_module = scope_->code->is_module && scope_->blocks == 0;
  NodePtr value = binding.value != nullptr ? compile_value(*binding.value) : nullptr;
  const Pattern& pattern = *binding.pattern;
  const bool simple = pattern.kind == PatternKind::binding && pattern.children.empty() && !binding.otherwise;
  if (simple) {
    TypeCheck type = compile_type(binding.type != nullptr ? binding.type.get() : pattern.type.get());
    if (at_module) {
      return std::make_unique<BindGlobalNode>(binding.location, find_entity(pattern.name)->global, std::move(type),
                                              std::move(value));
    }
    const std::uint32_t slot = add_variable(pattern.name, kind, pattern.location);
    return std::make_unique<BindNode>(binding.location, slot, pattern.name, std::move(type), std::move(value));
  }
  auto node = std::make_unique<BindPatternNode>(binding.location);
  node->value = std::move(value);
  if (binding.otherwise) node->otherwise = compile_block(*binding.otherwise);
  const std::size_t before = scope_->variables.size();
  node->pattern = compile_pattern(pattern, kind);
  if (at_module) {
    for (std::size_t i = before; i < scope_->variables.size(); ++i) {
      const Entity* entity = find_entity(scope_->variables[i].name);
      node->globals.emplace_back(scope_->variables[i].slot, entity->global);
    }
    scope_->variables.resize(before);
  }
  return node;
}

NodePtr Compiler::compile_assignment(const AssignmentStmt& assignment) {
  const Location at = assignment.location;
  const auto target = [&](const Expr& expression) {
    if (const auto* name = get_if<NameExpr>(&expression)) {
      const Variable* own = find_variable(*scope_, name->name);
      const std::string shown(spelling(name->name));
      if (own == nullptr && capture(*scope_, name->name)) {
        refuse(name->location, "a lambda or nested function cannot change " + shown + " of the function around it");
      }
      if (own != nullptr && scope_->in_hook &&
          static_cast<std::size_t>(own - scope_->variables.data()) < scope_->hook_floor) {
        refuse(name->location,
               "this block runs in a copy of its surroundings: the examples do not see a change of " + shown);
      }
      if (own != nullptr && own->kind != VariableKind::var) {
        refuse(name->location,
               shown + (own->kind == VariableKind::parameter ? " is a parameter: copy it to a var"
                                                             : " cannot be assigned: declare it with var"));
      }
      const Entity* entity = own == nullptr ? find_entity(name->name) : nullptr;
      if (entity != nullptr && entity->kind == Entity::Kind::global && scope_->in_hook) {
        refuse(name->location,
               "this block runs in a copy of its surroundings: the examples do not see a change of " + shown);
      }
      if (entity != nullptr && entity->kind == Entity::Kind::global && !entity->global->is_variable) {
        refuse(name->location, shown + " cannot be assigned: declare it with var");
      }
    }
    NodePtr node = compile_value(expression);
    if (as_place(*node) == nullptr) refuse(expression.location, "this cannot be assigned to");
    return node;
  };
  if (const auto* tuple = get_if<TupleExpr>(assignment.target.get())) {
    if (assignment.op) refuse(at, "a tuple cannot be changed in place");
    auto node = std::make_unique<AssignTupleNode>(at);
    for (const ExprPtr& element : tuple->elements) node->targets.push_back(target(*element));
    node->value = compile_value(*assignment.value);
    return node;
  }
  NodePtr place = target(*assignment.target);
  const auto number = [](const Node& node) {
    const auto* constant = dynamic_cast<const ConstantNode*>(&node);
    return constant != nullptr && constant->is_literal;
  };
  if (assignment.op) {
    NodePtr value = compile_value(*assignment.value);
    const bool literal = number(*value);
    return std::make_unique<AppendNode>(at, std::move(place), *assignment.op, std::move(value), literal);
  }
  if (const auto* sum = get_if<BinaryExpr>(assignment.value.get()); sum != nullptr && sum->op == BinaryOp::add) {
    NodePtr left = compile_value(*sum->left);
    if (same_local(*left, *place)) {
      NodePtr value = compile_value(*sum->right);
      const bool literal = number(*value);
      return std::make_unique<AppendNode>(at, std::move(place), BinaryOp::add, std::move(value), literal);
    }
  }
  return std::make_unique<AssignNode>(at, std::move(place), compile_value(*assignment.value));
}

NodePtr Compiler::compile_assert(const AssertStmt& statement) {
  auto node = std::make_unique<AssertNode>(statement.location);
  node->condition = compile_condition(*statement.condition);
  if (statement.message != nullptr) node->message = compile_value(*statement.message);
  return node;
}

NodePtr Compiler::compile_nested_function(const FunctionDecl& declaration) {
  if (declaration.is_extern) refuse(declaration.location, "an extern function stands at the top level of a file");
  FunctionCode* code = declare_function(declaration, nullptr, nullptr);
  compile_function(*code, scope_);
  NodePtr closure = closure_node(declaration.location, *code);
  const std::uint32_t slot = add_variable(declaration.name, VariableKind::val, declaration.location);
  return std::make_unique<BindNode>(declaration.location, slot, declaration.name, TypeCheck{}, std::move(closure));
}

NodePtr Compiler::compile_statement(const Stmt& statement) {
  switch (statement.kind) {
    case StmtKind::expression:
      return compile_value(*as<ExprStmt>(statement).value);
    case StmtKind::binding:
      return compile_binding(as<BindingStmt>(statement));
    case StmtKind::assignment:
      return compile_assignment(as<AssignmentStmt>(statement));
    case StmtKind::return_:
    case StmtKind::break_:
    case StmtKind::continue_:
      return compile_jump(statement);
    case StmtKind::while_:
      return compile_while(as<WhileStmt>(statement));
    case StmtKind::for_:
      return compile_for(as<ForStmt>(statement));
    case StmtKind::loop:
      return compile_loop(as<LoopStmt>(statement));
    case StmtKind::with:
      return compile_with(as<WithStmt>(statement));
    case StmtKind::defer:
      return compile_defer(as<DeferStmt>(statement));
    case StmtKind::pass:
      return std::make_unique<BlockNode>(statement.location);
    case StmtKind::assert_:
      return compile_assert(as<AssertStmt>(statement));
    case StmtKind::spec_block:
      return compile_spec_block(as<SpecBlockStmt>(statement));
    case StmtKind::function:
      if (scope_->code->is_module && scope_->blocks == 0) return nullptr;
      return compile_nested_function(as<FunctionDecl>(statement));
    case StmtKind::asm_:
      refuse(statement.location, "asm runs in compiled code only");
    case StmtKind::foreign:
      refuse(statement.location, as<ForeignStmt>(statement).what + " is read but never run here");
    default:
      if (scope_->code->is_module && scope_->blocks == 0) return nullptr;  // a declaration: done before
      refuse(statement.location, "this declaration stands at the top level of a file");
  }
}

NodePtr Compiler::compile_value(const Expr& expression) {
  const Location at = expression.location;
  switch (expression.kind) {
    case ExprKind::integer:
    case ExprKind::floating:
    case ExprKind::text:
    case ExprKind::boolean:
    case ExprKind::nil:
      return compile_literal(expression);
    case ExprKind::interpolation:
      return compile_interpolation(as<InterpolationExpr>(expression));
    case ExprKind::name:
      return compile_name(as<NameExpr>(expression));
    case ExprKind::array:
    case ExprKind::array_repeat:
    case ExprKind::dict:
    case ExprKind::tuple:
    case ExprKind::range:
      return compile_collection(expression);
    case ExprKind::comprehension:
      return compile_comprehension(as<ComprehensionExpr>(expression));
    case ExprKind::field:
      return compile_field(as<FieldExpr>(expression));
    case ExprKind::index:
      return compile_index(as<IndexExpr>(expression));
    case ExprKind::slice:
      return compile_slice(as<SliceExpr>(expression));
    case ExprKind::call:
      return compile_call(as<CallExpr>(expression));
    case ExprKind::method_call:
      return compile_method_call(as<MethodCallExpr>(expression));
    case ExprKind::construct: {
      const auto& construct = as<ConstructExpr>(expression);
      const Entity* type = type_entity(*construct.callee);
      if (type == nullptr || type->kind != Entity::Kind::record) refuse(at, "this is not a struct or class");
      return compile_construct(at, *type->record, construct.fields);
    }
    case ExprKind::unary:
      return compile_unary(as<UnaryExpr>(expression));
    case ExprKind::binary: {
      NodePtr node = compile_binary(as<BinaryExpr>(expression));
      if (expression.height % 64 != 0) return node;
      return std::make_unique<DeepNode>(at, std::move(node));
    }
    case ExprKind::comparison:
      return compile_comparison(as<ComparisonExpr>(expression));
    case ExprKind::cast:
      return compile_cast(as<CastExpr>(expression));
    case ExprKind::type_test: {
      const auto& test = as<TypeTestExpr>(expression);
      return compile_type_test(at, *test.value, compile_type(test.type.get()), false);
    }
    case ExprKind::try_:
      return compile_try(as<TryExpr>(expression));
    case ExprKind::force:
      return std::make_unique<ForceNode>(at, compile_value(*as<ForceExpr>(expression).value));
    case ExprKind::presence:
      return make_presence(at, compile_value(*as<PresenceExpr>(expression).value));
    case ExprKind::await_:
      return std::make_unique<AwaitNode>(at, compile_value(*as<AwaitExpr>(expression).value));
    case ExprKind::lambda:
      return compile_lambda(as<LambdaExpr>(expression));
    case ExprKind::method_reference:
      return compile_method_reference(as<MethodReferenceExpr>(expression));
    case ExprKind::conditional:
      return compile_conditional(as<ConditionalExpr>(expression));
    case ExprKind::match:
      return compile_match(as<MatchExpr>(expression));
    case ExprKind::unsafe_:
      return compile_block(as<UnsafeExpr>(expression).body);
    case ExprKind::block:
      return compile_block(as<BlockExpr>(expression).body);
    case ExprKind::jump:
      return compile_jump(*as<JumpExpr>(expression).statement);
  }
  refuse(at, "this expression is not known here");
}

}  // namespace stdbind::simple
