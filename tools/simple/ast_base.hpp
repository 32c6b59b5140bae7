// The parts of the syntax tree that expressions and statements share: blocks, attributes, types and patterns.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "diagnostics.hpp"
#include "symbol.hpp"

namespace stdbind::simple {

struct Expr;
struct Stmt;
struct Pattern;
struct Type;
struct FunctionDecl;
using ExprPtr = std::unique_ptr<Expr>;
using StmtPtr = std::unique_ptr<Stmt>;
using PatternPtr = std::unique_ptr<Pattern>;
using TypePtr = std::unique_ptr<Type>;

enum class StmtKind : std::uint8_t {
  expression,
  binding,
  assignment,
  return_,
  break_,
  continue_,
  while_,
  for_,
  loop,
  with,
  defer,
  pass,
  assert_,
  spec_block,
  asm_,
  function,
  record,
  enum_,
  trait,
  impl,
  type_alias,
  unit,
  use,
  export_,
  mod,
  extern_block,
  foreign,
};

struct Stmt {
  const StmtKind kind;
  std::uint16_t height = 1;
  Location location;
  explicit Stmt(StmtKind k) : kind(k) {}
  Stmt(const Stmt&) = delete;
  Stmt& operator=(const Stmt&) = delete;
  virtual ~Stmt() = default;
};

/// Statements of one indentation level (or the one statement after a colon). The value of a block is the value of its
/// last statement if that is an ExprStmt.
struct Block {
  Location location;
  std::vector<StmtPtr> statements;
};

/// `@name(a, key: b)`, `#[name(a)]`, or an effect such as `@pure`.
struct Argument;
struct Attribute {
  Location location;
  Symbol name;  ///< "pkg.name" stays one symbol
  std::vector<Argument> arguments;
};

// ---- Types -------------------------------------------------------------------------------------------------------

enum class TypeKind : std::uint8_t {
  named,        ///< i64, text, Result<T, E>, a.b.T, Self, any, nil; also `_`
  array,        ///< [T], [T; N]
  dict,         ///< {K: V}; Dict<K, V> stays named
  tuple,        ///< (A, B), (q: i64, r: i64); () has no elements
  optional,     ///< T?
  function,     ///< fn(A) -> R
  alternative,  ///< A | B
  reference,    ///< &T, &mut T, *T, *mut T, *const T
  value,        ///< a constant among generic arguments: Matrix<3>
};

struct Type {
  TypeKind kind = TypeKind::named;
  Location location;
  std::vector<Symbol> path;       ///< named: a.b.T is {a, b, T}
  std::vector<TypePtr> children;  ///< generic arguments; element; key, value; elements; target; parameters; choices
  std::vector<Symbol> labels;     ///< tuple and function: one a child, or empty
  TypePtr result;                 ///< function: null when nothing is returned
  ExprPtr size;                   ///< array: N; value: the constant
  bool is_mutable = false;        ///< reference: &mut
  bool is_pointer = false;        ///< reference: written with *
  bool square_brackets = false;   ///< named: Box[T], deprecated
  Type();
  ~Type();
};

// ---- Patterns ----------------------------------------------------------------------------------------------------

enum class PatternKind : std::uint8_t {
  wildcard,     ///< _, _("why")
  binding,      ///< name; also `name: Type`, and `name @ pattern`
  literal,      ///< 1, -1, "a", true, nil, None
  range,        ///< 1..5, 1..=5
  constructor,  ///< Ok(t), Shape.Circle(r: x), Color.Red, Point { x, y }
  tuple,        ///< (a, b)
  array,        ///< [a, b, ..rest]
  alternative,  ///< a | b
  rest,         ///< .. or ..name inside array and constructor patterns
};

struct Pattern {
  PatternKind kind = PatternKind::wildcard;
  Location location;
  Symbol name;                       ///< binding; rest (may be empty)
  bool is_mutable = false;           ///< binding: `var name`, `mut name`
  TypePtr type;                      ///< binding: null when untyped
  ExprPtr low, high;                 ///< literal: low; range: either may be null
  bool inclusive = false;            ///< range
  std::vector<Symbol> path;          ///< constructor: {Shape, Circle}
  bool has_arguments = false;        ///< constructor: written with ( ) or { }
  std::vector<PatternPtr> children;  ///< elements, arguments, alternatives; binding: the pattern after @
  std::vector<Symbol> labels;        ///< constructor: one a child, empty symbol for positional
  Pattern();
  ~Pattern();
};

}  // namespace stdbind::simple
