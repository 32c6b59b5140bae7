// The inside of the checker, shared by its source files. Scopes follow blocks; a function or lambda is a boundary over
// which outer locals may be read but not assigned.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "checker.hpp"

namespace stdbind::simple {

class Checker {
 public:
  Checker(const Module& module, Diagnostics& errors, Diagnostics& warnings)
      : module_(module), errors_(errors), warnings_(warnings) {}
  void run();

 private:
  enum class Declared : std::uint8_t { val, var, parameter, function, type, import };
  struct Scope {
    std::unordered_map<Symbol, Declared> names;
    bool boundary = false;
    bool module = false;
  };
  struct Function {
    const FunctionDecl* decl = nullptr;
    bool is_method = false;
    bool is_lambda = false;
    std::set<Symbol> writes;  ///< module variables
    std::set<Symbol> calls;
  };
  struct Uses {
    std::set<Symbol> reads;
    std::set<Symbol> calls;
  };

  void refuse(Location location, std::string message);
  void warn(Location location, std::string message);

  // ---- declarations (checker.cpp)
  void collect();
  void check_file();
  void declare(Symbol name, Declared kind, Location location, std::string_view what);
  void check_name(Symbol name, Location location, std::string_view what);
  void block(const Block& body, bool new_scope = true);
  void statement(const Stmt& statement);
  void binding(const BindingStmt& statement);
  void assignment(const AssignmentStmt& statement);
  void assigned_name(const NameExpr& name);
  void use(const UseDecl& use);
  void exported(const ExportDecl& decl);
  void function(const FunctionDecl& decl, bool is_method, bool is_lambda);
  void method(const FunctionDecl& decl);
  void methods(const std::vector<std::unique_ptr<FunctionDecl>>& all, std::string_view owner);
  void record(const RecordDecl& decl);
  void enumeration(const EnumDecl& decl);
  void fields(const std::vector<Field>& all);
  void extern_function(const FunctionDecl& decl);
  void result_type(const Type& type);
  void module_variables();
  void loop_body(const Block& body);
  bool leaves(const Block& body) const;

  // ---- expressions, patterns and types (checker_expression.cpp)
  void expression(const ExprPtr& value);
  void expression(const Expr& value);
  void literal(const Expr& value, bool negated);
  void name(const NameExpr& name);
  void call(const CallExpr& call);
  void method_call(const MethodCallExpr& call);
  void mutation(const Expr& object, Location location);
  void conditions(const std::vector<Condition>& all);
  void arguments(const std::vector<Argument>& all);
  void pattern(const Pattern& pattern, Declared kind);
  void constructor(const Pattern& pattern);
  void type(const TypePtr& type);
  void type(const Type& type);
  void attributes(const std::vector<Attribute>& all);

  const Module& module_;
  Diagnostics& errors_;
  Diagnostics& warnings_;
  std::vector<Scope> scopes_;
  std::vector<Function> functions_;
  std::map<Symbol, Uses> uses_;  ///< of the functions of the top level
  Symbol top_function_;
  std::vector<std::pair<Location, Function>> writers_;
  std::unordered_map<Symbol, const EnumDecl*> variants_;
  std::unordered_map<Symbol, const EnumDecl*> enums_;
  std::unordered_set<Symbol> types_;
  std::unordered_set<Symbol> suffixes_;
  unsigned loops_ = 0;
};

}  // namespace stdbind::simple
