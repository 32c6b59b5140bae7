// Turns the tree of one module into nodes: resolves names to slots, declarations to code, and refuses what the real
// engines refuse or treat differently. The result refers to the tree, which the ModuleUnit keeps.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "machine.hpp"
#include "methods.hpp"

namespace stdbind::simple {

class Loader;

/// How a local variable came to be: decides what may be done with it.
enum class VariableKind : std::uint8_t { val, var, parameter, loop, pattern, self_read, self_change };

struct Variable {
  Symbol name;
  std::uint32_t slot = 0;
  VariableKind kind = VariableKind::val;
};

/// The variables of one function while it is compiled.
struct FunctionScope {
  FunctionCode* code = nullptr;
  FunctionScope* outer = nullptr;   ///< whose variables are captured
  std::vector<Variable> variables;  ///< visible ones, innermost last
  std::vector<Symbol> captured;     ///< names of code->captures
  std::vector<VariableKind> captured_kinds;
  std::vector<Symbol> loops;   ///< labels of the loops around, empty symbols without
  int blocks = 0;              ///< nesting below the body of the function
  std::size_t hook_floor = 0;  ///< variables before this belong outside of the hook being compiled
  bool in_hook = false;
  Symbol own_name;  ///< a nested function may call itself
};

/// What a matcher does with a value: binds variables, answers whether it fits.
struct Matcher {
  virtual ~Matcher() = default;
  virtual bool match(Frame& frame, const Value& value) const = 0;
};
using MatcherPtr = std::unique_ptr<Matcher>;

/// One condition of if and while.
struct ConditionCode {
  NodePtr value;
  MatcherPtr matcher;  ///< null for a plain condition
  bool holds(Frame& frame) const;
};

class Compiler {
 public:
  Compiler(Loader& loader, ModuleUnit& unit) : loader_(loader), unit_(unit) {}

  /// Enters the names of the module, so that others can import them.
  void declare();
  /// Imports, then compiles all bodies and the statements of the file.
  void compile();

 private:
  struct BlockScope;
  [[noreturn]] void refuse(Location location, std::string message) const;

  // declare.cpp
  void declare_statement(const Stmt& statement);
  FunctionCode* declare_function(const FunctionDecl& declaration, const RecordType* record,
                                 const EnumType* enumeration);
  void declare_record(const RecordDecl& declaration);
  void declare_enum(const EnumDecl& declaration);
  void declare_binding(const BindingStmt& statement);
  void add_name(Symbol name, Entity entity, Location location);
  void add_methods(const std::vector<std::unique_ptr<FunctionDecl>>& methods, Methods& into, const RecordType* record,
                   const EnumType* enumeration);
  void compile_impl(const ImplDecl& impl);
  NodePtr compile_detached(const Expr& expression);
  void complete_record(RecordType& record);
  void complete_enum(EnumType& type);
  void complete_traits(Methods& methods, std::vector<Symbol>& traits, const RecordType* record, const EnumType* type);
  void mix_in(RecordType& record, const TypePtr& mixin);
  void compile_function(FunctionCode& code, FunctionScope* outer);
  void complete_signature(FunctionCode& code);
  void import(const UseDecl& use);
  void list_exports(const ExportDecl& list);

  // compile_names.cpp
  std::uint32_t add_variable(Symbol name, VariableKind kind, Location location);
  std::uint32_t add_hidden();
  const Variable* find_variable(const FunctionScope& scope, Symbol name) const;
  std::optional<Variable> capture(FunctionScope& scope, Symbol name);
  const Entity* find_entity(Symbol name) const;
  NodePtr compile_name(const NameExpr& name);
  NodePtr local_node(Location location, const Variable& variable) const;

  // compile_types.cpp
  TypeCheck compile_type(const Type* type);
  TypeCheck named_type(const Type& type);

  // compile_operators.cpp
  NodePtr compile_binary(const BinaryExpr& binary);
  NodePtr compile_comparison(const ComparisonExpr& comparison);
  NodePtr compile_unary(const UnaryExpr& unary);
  NodePtr compile_cast(const CastExpr& cast);
  NodePtr compile_type_test(Location location, const Expr& value, TypeCheck type, bool negated);
  NodePtr compile_logic(const BinaryExpr& binary);
  NodePtr compile_condition(const Expr& expression);
  std::optional<TypeCheck> type_named_by(const Expr& expression);

  // compile_access.cpp
  NodePtr compile_field(const FieldExpr& field);
  NodePtr compile_index(const IndexExpr& index);
  NodePtr compile_slice(const SliceExpr& slice);
  NodePtr compile_literal(const Expr& expression);
  NodePtr compile_interpolation(const InterpolationExpr& text);
  NodePtr compile_collection(const Expr& expression);
  NodePtr compile_comprehension(const ComprehensionExpr& comprehension);

  // compile_calls.cpp
  NodePtr compile_call(const CallExpr& call);
  NodePtr compile_method_call(const MethodCallExpr& call);
  NodePtr compile_static_call(Location location, FunctionCode& code, const std::vector<Argument>& arguments);
  NodePtr compile_construct(Location location, const RecordType& record, const std::vector<Argument>& arguments);
  NodePtr compile_variant(Location location, const EnumType& type, std::uint32_t index,
                          const std::vector<Argument>& arguments);
  NodePtr compile_member_of_type(const MethodCallExpr& call, const Entity& entity);
  NodePtr compile_lambda(const LambdaExpr& lambda);
  NodePtr compile_method_reference(const MethodReferenceExpr& reference);
  NodePtr closure_node(Location location, FunctionCode& code);
  std::vector<NodePtr> compile_positional(Location location, const std::vector<Argument>& arguments,
                                          std::string_view callee);
  const Entity* type_entity(const Expr& expression) const;
  NodePtr compile_builtin_call(Location location, Symbol name, const std::vector<Argument>& arguments);

  // compile_control.cpp
  NodePtr compile_conditional(const ConditionalExpr& conditional);
  NodePtr compile_match(const MatchExpr& match);
  NodePtr compile_block(const Block& block);
  NodePtr compile_body(const Block& block);
  NodePtr compile_while(const WhileStmt& loop);
  NodePtr compile_loop(const LoopStmt& loop);
  NodePtr compile_for(const ForStmt& loop);
  NodePtr compile_with(const WithStmt& with);
  NodePtr compile_defer(const DeferStmt& defer);
  NodePtr compile_jump(const Stmt& statement);
  NodePtr compile_try(const TryExpr& expression);
  ConditionCode compile_test(const Condition& condition);

  // compile_patterns.cpp
  MatcherPtr compile_pattern(const Pattern& pattern, VariableKind kind);
  MatcherPtr compile_constructor(const Pattern& pattern, VariableKind kind);
  std::uint32_t binding_slot(const Pattern& pattern, VariableKind kind);

  // compile_statements.cpp
  NodePtr compile_statement(const Stmt& statement);
  NodePtr compile_binding(const BindingStmt& binding);
  NodePtr compile_assignment(const AssignmentStmt& assignment);
  NodePtr compile_assert(const AssertStmt& statement);
  NodePtr compile_nested_function(const FunctionDecl& declaration);
  NodePtr compile_value(const Expr& expression);

  // compile_spec.cpp
  NodePtr compile_spec_block(const SpecBlockStmt& statement);
  NodePtr compile_spec_call(Location location, std::string_view word, const std::vector<Argument>& arguments);
  NodePtr compile_expect(const CallExpr& call);
  NodePtr compile_matcher(const MethodCallExpr& call);
  bool is_expect_chain(const Expr& expression) const;
  bool spec_word(Symbol name) const;

  Loader& loader_;
  ModuleUnit& unit_;
  FunctionScope* scope_ = nullptr;
  const RecordType* self_record_ = nullptr;
  const EnumType* self_enum_ = nullptr;
  int alias_depth_ = 0;
  int alternatives_ = 0;  ///< inside of `a | b` patterns, behind the first
};

/// Variables of a block disappear at its end.
struct Compiler::BlockScope {
  FunctionScope& scope;
  std::size_t before;
  explicit BlockScope(FunctionScope& s) : scope(s), before(s.variables.size()) { ++scope.blocks; }
  ~BlockScope() {
    scope.variables.resize(before);
    --scope.blocks;
  }
  BlockScope(const BlockScope&) = delete;
  BlockScope& operator=(const BlockScope&) = delete;
};

/// Runs an operation that raises, and adds the place to its message.
template <typename F>
auto placed(const Frame& frame, Location location, F&& operation) -> decltype(operation()) {
  try {
    return operation();
  } catch (Failure& failure) {
    frame.machine->fail(frame, location, std::move(failure.message));
  }
}

/// The node as a place, or null.
inline const PlaceNode* as_place(const Node& node) { return dynamic_cast<const PlaceNode*>(&node); }

// operators.cpp: what operators mean, on values. *errors*: all raise.
Value arithmetic(BinaryOp op, const Value& left, const Value& right, bool left_literal, bool right_literal);
Value negative(const Value& value);
Value complement(const Value& value);
bool contains(const Value& container, const Value& wanted);
bool holds(ComparisonOp op, const Value& left, const Value& right);
std::string_view symbol_of(BinaryOp op);

/// x!, .unwrap(): the value inside of Some and Ok; nil and Err raise.
Value unwrap(const Value& value);

}  // namespace stdbind::simple
