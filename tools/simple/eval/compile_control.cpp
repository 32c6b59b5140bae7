// Blocks, conditions, match, loops, with, defer, and what leaves them early.
#include <algorithm>

#include "nodes.hpp"

namespace stdbind::simple {

Flow BlockNode::exec(Frame& frame, Value& result) const {
  for (const NodePtr& part : parts) {
    const Flow flow = part->exec(frame, result);
    if (flow != Flow::normal) return flow;
  }
  if (!has_value) result = Value();
  return Flow::normal;
}

Value BlockNode::eval(Frame& frame) const { return eval_by_exec(*this, frame); }

Value eval_by_exec(const Node& node, Frame& frame) {
  Value result;
  const Flow flow = node.exec(frame, result);
  if (flow != Flow::normal) throw Jump{flow, frame.label, std::move(result)};
  return result;
}

bool ConditionCode::holds(Frame& frame) const {
  if (matcher == nullptr) return value->test(frame);
  const Value subject = value->eval(frame);
  return matcher->match(frame, subject);
}

namespace {

/// `if val x = v`: any value but nil; a Some is opened.
struct PresentMatcher final : Matcher {
  MatcherPtr inner;
  Location location;
  bool match(Frame& frame, const Value& value) const override {
    if (value.is_nil()) return false;
    if (is_ok(value) || is_err(value)) {
      frame.machine->fail(frame, location, "a Result is matched with if val Ok(x) = …");
    }
    return inner->match(frame, is_some(value) ? value.variant().payload[0] : value);
  }
};

struct ConditionalNode final : Node {
  struct Branch {
    std::vector<ConditionCode> conditions;
    NodePtr body;
  };
  std::vector<Branch> branches;
  NodePtr otherwise;
  using Node::Node;
  Flow exec(Frame& frame, Value& result) const override {
    for (const Branch& branch : branches) {
      const bool taken = std::ranges::all_of(branch.conditions, [&](const ConditionCode& c) { return c.holds(frame); });
      if (taken) return branch.body->exec(frame, result);
    }
    if (otherwise != nullptr) return otherwise->exec(frame, result);
    result = Value();
    return Flow::normal;
  }
  Value eval(Frame& frame) const override { return eval_by_exec(*this, frame); }
};

struct MatchNode final : Node {
  struct Arm {
    MatcherPtr pattern;
    NodePtr guard;
    NodePtr body;
  };
  NodePtr subject;
  std::vector<Arm> arms;
  using Node::Node;
  Flow exec(Frame& frame, Value& result) const override {
    const Value value = subject->eval(frame);
    for (const Arm& arm : arms) {
      if (!arm.pattern->match(frame, value)) continue;
      if (arm.guard != nullptr && !arm.guard->test(frame)) continue;
      return arm.body->exec(frame, result);
    }
    std::string shown = type_name(value);
    if (!value.is_object()) shown = "this " + shown;
    frame.machine->fail(frame, location, "no arm of the match fits " + shown);
  }
  Value eval(Frame& frame) const override { return eval_by_exec(*this, frame); }
};

/// What all loops share: one run of the body, and what its end means.
struct LoopBase : Node {
  NodePtr body;
  Symbol label;
  using Node::Node;
  enum class Next : std::uint8_t { again, done, leave };

  Next run_body(Frame& frame, Value& result, Flow& flow) const {
    frame.machine->count_step(frame, location);
    try {
      flow = body->exec(frame, result);
      if (flow == Flow::normal) return Next::again;
    } catch (Jump& jump) {
      flow = jump.flow;
      frame.label = jump.label;
      result = std::move(jump.value);
    }
    if (flow == Flow::returned) return Next::leave;
    if (frame.label && frame.label != label) return Next::leave;
    frame.label = Symbol{};
    const Next next = flow == Flow::broke ? Next::done : Next::again;
    flow = Flow::normal;
    return next;
  }
  Value eval(Frame& frame) const override { return eval_by_exec(*this, frame); }
};

struct WhileNode final : LoopBase {
  std::vector<ConditionCode> conditions;
  using LoopBase::LoopBase;
  Flow exec(Frame& frame, Value& result) const override {
    Flow flow = Flow::normal;
    while (conditions.size() == 1 ? conditions[0].holds(frame)
                                  : std::ranges::all_of(conditions, [&](const auto& c) { return c.holds(frame); })) {
      const Next next = run_body(frame, result, flow);
      if (next == Next::leave) return flow;
      if (next == Next::done) break;
    }
    result = Value();
    return Flow::normal;
  }
};

struct ForNode final : LoopBase {
  MatcherPtr pattern;
  std::int64_t slot = -1;  ///< the variable, when the pattern is just a name
  NodePtr source;
  NodePtr condition;
  using LoopBase::LoopBase;

  bool bind(Frame& frame, Value&& value) const {
    if (slot >= 0) {
      frame.slots[slot] = std::move(value);
    } else if (!pattern->match(frame, value)) {
      frame.machine->fail(frame, location, "the pattern of the loop does not fit " + type_name(value));
    }
    if (condition == nullptr) return true;
    frame.machine->count_step(frame, location);
    return condition->test(frame);
  }
  Flow exec(Frame& frame, Value& result) const override {
    const Value values = source->eval(frame);
    Flow flow = Flow::normal;
    Next next = Next::again;
    const auto each = [&](Value value) {
      if (bind(frame, std::move(value))) next = run_body(frame, result, flow);
      return next == Next::again;
    };
    switch (values.tag()) {
      case Tag::range:
        for (std::int64_t i = values.range().low; i < values.range().high; ++i) {
          if (!each(Value::integer(i))) break;
        }
        break;
      case Tag::array:
        for (const Value& item : values.items()) {
          if (!each(item)) break;
        }
        break;
      case Tag::text: {
        Arguments none;
        const Value characters = *text_method(values, Method::chars_, none);
        for (const Value& item : characters.items()) {
          if (!each(item)) break;
        }
        break;
      }
      case Tag::dict:
        frame.machine->fail(frame, source->location, "a dict is iterated by .keys(), .values() or .items()");
      default:
        frame.machine->fail(frame, source->location, type_name(values) + " cannot be iterated");
    }
    if (next == Next::leave) return flow;
    result = Value();
    return Flow::normal;
  }
};

struct EndlessNode final : LoopBase {
  using LoopBase::LoopBase;
  Flow exec(Frame& frame, Value& result) const override {
    for (Flow flow = Flow::normal;;) {
      const Next next = run_body(frame, result, flow);
      if (next == Next::leave) return flow;
      if (next == Next::done) break;
    }
    result = Value();
    return Flow::normal;
  }
};

struct WithNode final : Node {
  NodePtr resource;
  NodePtr body;
  std::uint32_t holder = 0;  ///< the resource itself
  std::uint32_t bound = 0;   ///< what the body sees
  using Node::Node;

  /// Calls a method without arguments, or with `argument`, on the value in a slot, which takes the change.
  static bool call(Frame& frame, Location location, std::uint32_t slot, std::string_view name, const Value* argument,
                   Value* result) {
    const FunctionCode* code = find_method(frame.slots[slot], intern(name));
    if (code == nullptr) return false;
    Arguments arguments;
    if (argument != nullptr) arguments.push_back(*argument);
    Value self = code->is_mutating ? std::move(frame.slots[slot]) : frame.slots[slot];
    struct GiveBack {
      Value& slot;
      Value& self;
      bool moved;
      ~GiveBack() {
        if (moved) slot = std::move(self);
      }
    } const give_back{frame.slots[slot], self, code->is_mutating};
    Value value = frame.machine->call(*code, &self, std::move(arguments), frame, location);
    if (result != nullptr) *result = std::move(value);
    return true;
  }
  void leave(Frame& frame, bool entered, const Value& problem) const {
    if (call(frame, location, entered ? holder : bound, "__exit__", &problem, nullptr)) return;
    if (!call(frame, location, bound, "close", nullptr, nullptr)) {
      frame.machine->fail(frame, location, type_name(frame.slots[bound]) + " has neither __exit__ nor close");
    }
  }
  Flow exec(Frame& frame, Value& result) const override {
    frame.slots[holder] = resource->eval(frame);
    Value bound_value;
    const bool entered = call(frame, location, holder, "__enter__", nullptr, &bound_value);
    frame.slots[bound] = entered ? std::move(bound_value) : std::move(frame.slots[holder]);
    Flow flow = Flow::normal;
    try {
      flow = body->exec(frame, result);
    } catch (RuntimeError& error) {
      leave(frame, entered, Value::text(error.message));
      throw;
    } catch (Jump&) {
      leave(frame, entered, Value());
      throw;
    }
    leave(frame, entered, Value());
    frame.slots[bound] = Value();
    frame.slots[holder] = Value();
    if (flow == Flow::normal) result = Value();
    return flow;
  }
  Value eval(Frame& frame) const override { return eval_by_exec(*this, frame); }
};

struct DeferNode final : Node {
  NodePtr body;
  bool on_error_only = false;
  using Node::Node;
  Flow exec(Frame& frame, Value& result) const override {
    frame.deferred->push_back(this);
    result = Value();
    return Flow::normal;
  }
  Value eval(Frame& frame) const override { return eval_by_exec(*this, frame); }
};

/// The body of a function with defer: runs the deferred blocks on every way out, the last one first.
struct DeferringNode final : Node {
  NodePtr body;
  using Node::Node;
  static void run(Frame& frame, const std::vector<const Node*>& deferred, bool error) {
    for (auto node = deferred.rbegin(); node != deferred.rend(); ++node) {
      const auto& part = static_cast<const DeferNode&>(**node);
      Value ignored;
      if (error || !part.on_error_only) part.body->exec(frame, ignored);
    }
  }
  Flow exec(Frame& frame, Value& result) const override {
    std::vector<const Node*> deferred;
    frame.deferred = &deferred;
    Flow flow = Flow::normal;
    try {
      flow = body->exec(frame, result);
    } catch (Jump& jump) {
      run(frame, deferred, is_err(jump.value));
      throw;
    } catch (RuntimeError&) {
      run(frame, deferred, true);
      throw;
    }
    const Value kept = result;
    run(frame, deferred, is_err(result));
    result = kept;
    return flow;
  }
  Value eval(Frame& frame) const override { return eval_by_exec(*this, frame); }
};

struct JumpNode final : Node {
  Flow flow;
  Symbol label;
  NodePtr value;
  JumpNode(Location l, Flow f) : Node(l), flow(f) {}
  Flow exec(Frame& frame, Value& result) const override {
    result = value != nullptr ? value->eval(frame) : Value();
    if (flow != Flow::returned) frame.label = label;
    return flow;
  }
  Value eval(Frame& frame) const override { return eval_by_exec(*this, frame); }
};

struct TryNode final : Node {
  NodePtr value;
  TryNode(Location l, NodePtr v) : Node(l), value(std::move(v)) {}
  Value eval(Frame& frame) const override {
    Value result = value->eval(frame);
    if (result.is_nil() || is_err(result)) throw Jump{Flow::returned, Symbol{}, std::move(result)};
    return is_ok(result) || is_some(result) ? result.variant().payload[0] : result;
  }
};

bool has_defer(const Block& block) {
  return std::ranges::any_of(block.statements, [](const StmtPtr& s) { return s->kind == StmtKind::defer; });
}

}  // namespace

NodePtr Compiler::compile_block(const Block& block) {
  const BlockScope scope(*scope_);
  return compile_body(block);
}

NodePtr Compiler::compile_body(const Block& block) {
  auto node = std::make_unique<BlockNode>(block.location);
  for (const StmtPtr& statement : block.statements) {
    // nested functions may call each other: their names come first
    if (NodePtr part = compile_statement(*statement)) node->parts.push_back(std::move(part));
  }
  if (!block.statements.empty()) {
    const Stmt& last = *block.statements.back();
    node->has_value = last.kind == StmtKind::expression;
  }
  if (scope_->blocks == 0 && has_defer(block)) {
    auto deferring = std::make_unique<DeferringNode>(block.location);
    deferring->body = std::move(node);
    return deferring;
  }
  if (node->parts.size() == 1 && node->has_value) return std::move(node->parts.front());
  return node;
}

ConditionCode Compiler::compile_test(const Condition& condition) {
  ConditionCode code;
  if (condition.pattern == nullptr) {
    code.value = compile_condition(*condition.value);
    return code;
  }
  code.value = compile_value(*condition.value);
  MatcherPtr matcher =
      compile_pattern(*condition.pattern, condition.is_mutable ? VariableKind::var : VariableKind::pattern);
  if (condition.pattern->kind == PatternKind::binding) {
    auto present = std::make_unique<PresentMatcher>();
    present->inner = std::move(matcher);
    present->location = condition.pattern->location;
    matcher = std::move(present);
  }
  code.matcher = std::move(matcher);
  return code;
}

NodePtr Compiler::compile_conditional(const ConditionalExpr& conditional) {
  auto node = std::make_unique<ConditionalNode>(conditional.location);
  for (const ConditionalExpr::Branch& branch : conditional.branches) {
    const BlockScope scope(*scope_);
    ConditionalNode::Branch code;
    for (const Condition& condition : branch.conditions) code.conditions.push_back(compile_test(condition));
    code.body = compile_body(branch.body);
    node->branches.push_back(std::move(code));
  }
  if (conditional.otherwise) node->otherwise = compile_block(*conditional.otherwise);
  return node;
}

NodePtr Compiler::compile_match(const MatchExpr& match) {
  auto node = std::make_unique<MatchNode>(match.location);
  node->subject = compile_value(*match.subject);
  for (const MatchArm& arm : match.arms) {
    const BlockScope scope(*scope_);
    MatchNode::Arm code;
    code.pattern = compile_pattern(*arm.pattern, VariableKind::pattern);
    if (arm.guard != nullptr) code.guard = compile_condition(*arm.guard);
    code.body = compile_body(arm.body);
    node->arms.push_back(std::move(code));
  }
  return node;
}

NodePtr Compiler::compile_while(const WhileStmt& loop) {
  const BlockScope scope(*scope_);
  auto node = std::make_unique<WhileNode>(loop.location);
  for (const Condition& condition : loop.conditions) node->conditions.push_back(compile_test(condition));
  node->label = loop.label;
  scope_->loops.push_back(loop.label);
  node->body = compile_body(loop.body);
  scope_->loops.pop_back();
  return node;
}

NodePtr Compiler::compile_loop(const LoopStmt& loop) {
  auto node = std::make_unique<EndlessNode>(loop.location);
  node->label = loop.label;
  scope_->loops.push_back(loop.label);
  node->body = compile_block(loop.body);
  scope_->loops.pop_back();
  return node;
}

NodePtr Compiler::compile_for(const ForStmt& loop) {
  auto node = std::make_unique<ForNode>(loop.location);
  node->source = compile_value(*loop.source);
  const BlockScope scope(*scope_);
  const Pattern& pattern = *loop.pattern;
  if (pattern.kind == PatternKind::binding && pattern.type == nullptr && pattern.children.empty()) {
    node->slot =
        add_variable(pattern.name, pattern.is_mutable ? VariableKind::var : VariableKind::loop, pattern.location);
  } else {
    node->pattern = compile_pattern(pattern, VariableKind::loop);
  }
  if (loop.condition != nullptr) node->condition = compile_condition(*loop.condition);
  node->label = loop.label;
  scope_->loops.push_back(loop.label);
  node->body = compile_body(loop.body);
  scope_->loops.pop_back();
  return node;
}

NodePtr Compiler::compile_with(const WithStmt& with) {
  if (with.resources.size() != 1) refuse(with.location, "with takes one resource");
  auto node = std::make_unique<WithNode>(with.location);
  node->resource = compile_value(*with.resources[0].value);
  const BlockScope scope(*scope_);
  node->holder = add_hidden();
  node->bound =
      with.resources[0].name ? add_variable(with.resources[0].name, VariableKind::var, with.location) : add_hidden();
  node->body = compile_body(with.body);
  return node;
}

NodePtr Compiler::compile_defer(const DeferStmt& defer) {
  if (scope_->blocks != 0 || scope_->code->is_module) {
    refuse(defer.location, "defer stands directly in the body of a function: in a nested block the engines differ");
  }
  auto node = std::make_unique<DeferNode>(defer.location);
  node->on_error_only = defer.on_error_only;
  node->body = compile_block(defer.body);
  return node;
}

NodePtr Compiler::compile_jump(const Stmt& statement) {
  if (statement.kind == StmtKind::return_) {
    const auto& returned = as<ReturnStmt>(statement);
    auto node = std::make_unique<JumpNode>(statement.location, Flow::returned);
    if (returned.value != nullptr) node->value = compile_value(*returned.value);
    return node;
  }
  const bool is_break = statement.kind == StmtKind::break_;
  const Symbol label = is_break ? as<BreakStmt>(statement).label : as<ContinueStmt>(statement).label;
  if (scope_->loops.empty()) refuse(statement.location, "this stands outside of a loop");
  if (label && std::ranges::find(scope_->loops, label) == scope_->loops.end()) {
    refuse(statement.location, "there is no loop " + std::string(spelling(label)) + " around this");
  }
  if (is_break && as<BreakStmt>(statement).value != nullptr) {
    refuse(statement.location, "break with a value is not supported here: assign it to a var first");
  }
  auto node = std::make_unique<JumpNode>(statement.location, is_break ? Flow::broke : Flow::continued);
  node->label = label;
  return node;
}

NodePtr Compiler::compile_try(const TryExpr& expression) {
  if (scope_->code->is_module) refuse(expression.location, "? stands in a function only: match the Result here");
  return std::make_unique<TryNode>(expression.location, compile_value(*expression.value));
}

}  // namespace stdbind::simple
