// The syntax tree of one Simple file: statements and declarations; ast_expression.hpp has the expressions, ast_base.hpp
// types and patterns. Nodes own their children; `kind` says which struct a node is, so that a walker switches once and
// casts with as<T>().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ast_expression.hpp"

namespace stdbind::simple {

template <StmtKind K>
struct StmtOf : Stmt {
  static constexpr StmtKind static_kind = K;
  StmtOf() : Stmt(K) {}
};

struct ExprStmt : StmtOf<StmtKind::expression> {
  ExprPtr value;
};

enum class BindingKind : std::uint8_t { val, var, const_, let, let_mut };

/// val/var/const at any level. With `otherwise` it is let-else, whose block leaves.
struct BindingStmt : StmtOf<StmtKind::binding> {
  BindingKind binding = BindingKind::val;
  PatternPtr pattern;
  TypePtr type;   ///< null when not written
  ExprPtr value;  ///< null only for `var x: T`
  std::optional<Block> otherwise;
  bool is_public = false;
  std::vector<Attribute> attributes;
};

/// target = value, target op= value; the target is a NameExpr, FieldExpr, IndexExpr or TupleExpr of these.
struct AssignmentStmt : StmtOf<StmtKind::assignment> {
  ExprPtr target;
  std::optional<BinaryOp> op;
  ExprPtr value;
};

struct ReturnStmt : StmtOf<StmtKind::return_> {
  ExprPtr value;
};  ///< null: nil
struct BreakStmt : StmtOf<StmtKind::break_> {
  ExprPtr value;
  Symbol label;
};
struct ContinueStmt : StmtOf<StmtKind::continue_> {
  Symbol label;
};

struct WhileStmt : StmtOf<StmtKind::while_> {
  std::vector<Condition> conditions;
  Block body;
  Symbol label;
};

struct ForStmt : StmtOf<StmtKind::for_> {
  PatternPtr pattern;  ///< `for k, v in` is a tuple pattern
  ExprPtr source;
  ExprPtr condition;  ///< for x in xs if c: null without
  Block body;
  Symbol label;
};

struct LoopStmt : StmtOf<StmtKind::loop> {
  Block body;
  Symbol label;
};

/// with resource as name: one resource in programs that check accepts.
struct WithStmt : StmtOf<StmtKind::with> {
  struct Resource {
    ExprPtr value;
    Symbol name;  ///< empty without `as`
  };
  std::vector<Resource> resources;
  Block body;
  bool is_async = false;
};

struct DeferStmt : StmtOf<StmtKind::defer> {
  bool on_error_only = false;  ///< errdefer
  Block body;
};

/// pass, pass_do_nothing, pass_todo("why"), pass_dn.
struct PassStmt : StmtOf<StmtKind::pass> {
  Symbol name;
  std::vector<Argument> arguments;
};

/// assert condition, message
struct AssertStmt : StmtOf<StmtKind::assert_> {
  ExprPtr condition, message;  ///< message may be null
};

/// describe/context/it/… "name": block, before_each: block. `it` examples run in a copied environment.
struct SpecBlockStmt : StmtOf<StmtKind::spec_block> {
  Symbol word;
  ExprPtr name;  ///< null for the hooks
  Block body;
};

/// asm blocks; kept as text, since only compiled code can run them.
struct AsmStmt : StmtOf<StmtKind::asm_> {
  std::string text;
};

struct GenericParameter {
  Location location;
  Symbol name;
  std::vector<TypePtr> bounds;
};

struct Parameter {
  Location location;
  Symbol name;
  TypePtr type;           ///< null when not written
  ExprPtr default_value;  ///< null without
  bool variadic = false;  ///< xs: T...
  bool is_mutable = false;
};

/// fn, static fn, me, async fn, extern fn; nested functions too. A body is missing for externs and trait requirements.
struct FunctionDecl : StmtOf<StmtKind::function> {
  std::vector<Attribute> attributes;
  Symbol name;
  std::vector<GenericParameter> generics;
  std::vector<Parameter> parameters;
  TypePtr result;  ///< null when not written
  std::optional<Block> body;
  std::string docstring;
  bool is_public = false;
  bool is_static = false;
  bool is_mutating = false;  ///< me name
  bool is_async = false;
  bool is_extern = false;
  bool inline_body = false;  ///< fn f() -> T: expression
};

struct Field {
  Location location;
  Symbol name;
  TypePtr type;             ///< null when only a default is written
  ExprPtr default_value;    ///< null without
  bool is_mutable = false;  ///< written with var
  std::vector<Attribute> attributes;
};

/// struct, class, actor, mixin, bitfield, union.
struct RecordDecl : StmtOf<StmtKind::record> {
  enum class Form : std::uint8_t { struct_, class_, actor, mixin, bitfield, union_ };
  Form form = Form::struct_;
  std::vector<Attribute> attributes;
  Symbol name;
  std::vector<GenericParameter> generics;
  std::vector<TypePtr> mixins;  ///< class A with T1, T2:
  std::vector<Field> fields;
  std::vector<std::unique_ptr<FunctionDecl>> methods;
  std::vector<std::pair<Symbol, Symbol>> delegations;  ///< alias Named = inner
  std::vector<StmtPtr> constants;                      ///< val/const/static inside, nested types
  std::string docstring;
  bool is_public = false;
};

struct Variant {
  Location location;
  Symbol name;
  std::vector<Field> fields;  ///< an unlabelled payload has empty names
  ExprPtr discriminant;       ///< Red = 1
};

struct EnumDecl : StmtOf<StmtKind::enum_> {
  std::vector<Attribute> attributes;
  Symbol name;
  std::vector<GenericParameter> generics;
  TypePtr representation;  ///< enum E: u8 … null without
  std::vector<Variant> variants;
  std::vector<std::unique_ptr<FunctionDecl>> methods;
  std::string docstring;
  bool is_public = false;
};

struct TraitDecl : StmtOf<StmtKind::trait> {
  std::vector<Attribute> attributes;
  Symbol name;
  std::vector<GenericParameter> generics;
  std::vector<TypePtr> supertraits;
  std::vector<std::unique_ptr<FunctionDecl>> methods;
  std::vector<Symbol> associated_types;
  std::vector<Field> fields;
  std::string docstring;
  bool is_public = false;
};

struct ImplDecl : StmtOf<StmtKind::impl> {
  std::vector<Attribute> attributes;
  std::vector<GenericParameter> generics;
  TypePtr trait;  ///< null for `impl T:`
  TypePtr target;
  std::vector<std::unique_ptr<FunctionDecl>> methods;
  std::vector<StmtPtr> members;  ///< constants and associated types
  std::string docstring;
};

/// type A = T, alias A = T.
struct TypeAliasDecl : StmtOf<StmtKind::type_alias> {
  Symbol name;
  std::vector<GenericParameter> generics;
  TypePtr type;  ///< null for a requirement or an opaque type
  bool written_alias = false;
  bool is_public = false;
};

/// unit UserId: i64 as uid
struct UnitDecl : StmtOf<StmtKind::unit> {
  Symbol name;
  TypePtr type;
  Symbol suffix;
  bool is_public = false;
};

struct ImportedName {
  Location location;
  Symbol name;
  Symbol alias;  ///< empty without `as`
};

/// A dotted path. `leading_dots` counts those before it: use .sibling.{f}
struct ModulePath {
  std::vector<Symbol> parts;
  std::uint32_t leading_dots = 0;
};

/// use a.b.{x, y as z}, use a.b.*, use a.b, use a.b.x; also export use and common use.
struct UseDecl : StmtOf<StmtKind::use> {
  ModulePath path;                  ///< without the braces
  std::vector<ImportedName> names;  ///< what stands in braces or parentheses
  bool everything = false;          ///< .*
  bool has_names = false;           ///< braces were written
  Symbol alias;                     ///< use a.b as m (refused by check)
  bool is_export = false;
  bool is_common = false;
  bool is_public = false;
  bool written_import = false;
};

/// export f, T; export m.{f}
struct ExportDecl : StmtOf<StmtKind::export_> {
  std::vector<ImportedName> names;
  bool everything = false;
};

/// mod x, pub mod x.
struct ModDecl : StmtOf<StmtKind::mod> {
  Symbol name;
  bool is_public = false;
  std::optional<Block> body;
};

/// extern "C": + declarations.
struct ExternBlockDecl : StmtOf<StmtKind::extern_block> {
  std::vector<Attribute> attributes;
  std::string abi;
  std::vector<StmtPtr> members;
};

/// A construct of the language that this project reads but never runs: only --parse-only accepts it.
struct ForeignStmt : StmtOf<StmtKind::foreign> {
  std::string what;
  std::vector<Block> bodies;
};

/// One parsed file.
struct Module {
  std::string file;
  std::string docstring;
  std::vector<StmtPtr> statements;  ///< declarations and top-level statements in order
  Diagnostics warnings;
  std::uint32_t line_count = 0;
};

}  // namespace stdbind::simple
