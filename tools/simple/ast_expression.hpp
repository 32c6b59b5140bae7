// The expressions of the syntax tree.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ast_base.hpp"

namespace stdbind::simple {

enum class ExprKind : std::uint8_t {
  integer,
  floating,
  text,
  interpolation,
  boolean,
  nil,
  name,  ///< `self`, `Self` and `super` too
  array,
  array_repeat,
  dict,
  tuple,
  comprehension,
  field,
  index,
  slice,
  call,
  method_call,
  construct,
  unary,
  binary,
  comparison,
  range,
  cast,
  type_test,
  try_,
  force,
  presence,
  await_,
  lambda,
  method_reference,
  conditional,
  match,
  unsafe_,
  block,
  jump,
};

/// Common to all expressions. `height` is 1 + that of the highest child: the parser bounds it.
struct Expr {
  const ExprKind kind;
  bool parenthesized = false;  ///< written as (…)
  std::uint16_t height = 1;
  Location location;
  explicit Expr(ExprKind k) : kind(k) {}
  Expr(const Expr&) = delete;
  Expr& operator=(const Expr&) = delete;
  virtual ~Expr() = default;
};

template <ExprKind K>
struct ExprOf : Expr {
  static constexpr ExprKind static_kind = K;
  ExprOf() : Expr(K) {}
};

template <typename T, typename Node>
const T& as(const Node& node) {
  return static_cast<const T&>(node);
}
template <typename T, typename Node>
T& as(Node& node) {
  return static_cast<T&>(node);
}
/// The node as a T when it is one, else null.
template <typename T, typename Node>
const T* get_if(const Node* node) {
  return node != nullptr && node->kind == T::static_kind ? static_cast<const T*>(node) : nullptr;
}

struct IntegerExpr : ExprOf<ExprKind::integer> {
  std::uint64_t value = 0;  ///< the digits; a minus sign is a UnaryExpr
  Symbol suffix;            ///< u8, i64, … or a unit; empty without
};

struct FloatExpr : ExprOf<ExprKind::floating> {
  double value = 0;
  Symbol suffix;
};

/// Text without interpolation, escapes already resolved.
struct TextExpr : ExprOf<ExprKind::text> {
  std::string value;
  Symbol suffix;               ///< "a.txt"_file
  bool triple_quoted = false;  ///< a docstring when it is the first statement of a body or file
};

/// `:<8`, `:.2f`, `:x`, `:08.3f`: [[fill]align][sign][#][0][width][,][.precision][type]
struct FormatSpec {
  std::string text;  ///< as written; empty when there is none
  std::string fill = " ";
  char align = 0;  ///< one of < > ^ or 0
  char sign = 0;   ///< one of + - space or 0
  bool alternate = false;
  bool zero = false;
  bool grouping = false;
  std::int32_t width = -1;
  std::int32_t precision = -1;
  char type = 0;  ///< b c d e f g o s x X % or 0
};

struct InterpolationPart {
  std::string text;  ///< literal text before `value`
  ExprPtr value;     ///< null in a last part without expression
  FormatSpec format;
};

struct InterpolationExpr : ExprOf<ExprKind::interpolation> {
  std::vector<InterpolationPart> parts;
};

struct BooleanExpr : ExprOf<ExprKind::boolean> {
  bool value = false;
};

/// nil, None.
struct NilExpr : ExprOf<ExprKind::nil> {};

struct NameExpr : ExprOf<ExprKind::name> {
  Symbol name;
  std::vector<TypePtr> generics;  ///< Box<i64>.new(), Box<i64>(…)
};

struct ArrayExpr : ExprOf<ExprKind::array> {
  std::vector<Argument> elements;  ///< spread is true for *xs or xs...
  ~ArrayExpr() override;
};

/// [value; count]
struct ArrayRepeatExpr : ExprOf<ExprKind::array_repeat> {
  ExprPtr value, count;
};

struct DictExpr : ExprOf<ExprKind::dict> {
  std::vector<std::pair<ExprPtr, ExprPtr>> entries;  ///< a bare name as key is a TextExpr
};

struct TupleExpr : ExprOf<ExprKind::tuple> {
  std::vector<ExprPtr> elements;  ///< empty: the unit value ()
  std::vector<Symbol> labels;     ///< one an element, or empty
};

/// [value for pattern in source if condition], {key: value for …}
struct ComprehensionExpr : ExprOf<ExprKind::comprehension> {
  struct Clause {
    PatternPtr pattern;
    ExprPtr source;
    std::vector<ExprPtr> conditions;
  };
  ExprPtr key;  ///< null unless it makes a dict
  ExprPtr value;
  std::vector<Clause> clauses;
};

/// object.name, object?.name; tuple.0 has the name "0".
struct FieldExpr : ExprOf<ExprKind::field> {
  ExprPtr object;
  Symbol name;
  bool optional = false;
};

struct IndexExpr : ExprOf<ExprKind::index> {
  ExprPtr object, index;
  bool optional = false;  ///< object?[index]
};

/// object[start:stop:step]; each may be null. object[1..] and object[a..b] are IndexExpr with a RangeExpr.
struct SliceExpr : ExprOf<ExprKind::slice> {
  ExprPtr object, start, stop, step;
};

struct Argument {
  Location location;
  Symbol name;  ///< empty when positional
  ExprPtr value;
  bool spread = false;
};

struct CallExpr : ExprOf<ExprKind::call> {
  ExprPtr callee;
  std::vector<Argument> arguments;  ///< a trailing lambda is the last one
  std::vector<TypePtr> generics;
};

/// object.name(arguments): a method, a static function, an enum variant or a module's function, as `object` decides.
struct MethodCallExpr : ExprOf<ExprKind::method_call> {
  ExprPtr object;
  Symbol name;
  std::vector<Argument> arguments;
  std::vector<TypePtr> generics;
  bool optional = false;  ///< object?.name(…)
};

/// The older form P { x: 1, ..base }.
struct ConstructExpr : ExprOf<ExprKind::construct> {
  ExprPtr callee;
  std::vector<Argument> fields;
};

enum class UnaryOp : std::uint8_t { minus, plus, not_, bit_not, reference, reference_mut, dereference };

struct UnaryExpr : ExprOf<ExprKind::unary> {
  UnaryOp op = UnaryOp::minus;
  ExprPtr operand;
};

enum class BinaryOp : std::uint8_t {
  add,
  subtract,
  multiply,
  divide,
  floor_divide,
  remainder,
  power,
  matrix_multiply,
  bit_and,
  bit_or,
  bit_xor,
  shift_left,
  shift_right,
  and_,
  or_,
  xor_,
  coalesce,
  pipe,
  compose_back,
  in,
  not_in,
};

/// `>>` with functions on both sides is composition: the evaluator sees it by the values.
struct BinaryExpr : ExprOf<ExprKind::binary> {
  BinaryOp op = BinaryOp::add;
  ExprPtr left, right;
};

enum class ComparisonOp : std::uint8_t { equal, not_equal, less, less_equal, greater, greater_equal, is, is_not };

/// a < b, a < b <= c: one operand more than operators.
struct ComparisonExpr : ExprOf<ExprKind::comparison> {
  std::vector<ExprPtr> operands;
  std::vector<ComparisonOp> ops;
};

struct RangeExpr : ExprOf<ExprKind::range> {
  ExprPtr low, high;  ///< either may be null
  bool inclusive = false;
};

struct CastExpr : ExprOf<ExprKind::cast> {
  ExprPtr value;
  TypePtr type;
};

/// x is T where T can only be a type, such as [i64]; `x is Name` is a ComparisonExpr.
struct TypeTestExpr : ExprOf<ExprKind::type_test> {
  ExprPtr value;
  TypePtr type;
};

struct TryExpr : ExprOf<ExprKind::try_> {
  ExprPtr value;
};  ///< x?
struct ForceExpr : ExprOf<ExprKind::force> {
  ExprPtr value;
};  ///< x!
struct PresenceExpr : ExprOf<ExprKind::presence> {
  ExprPtr value;
};  ///< x.?
struct AwaitExpr : ExprOf<ExprKind::await_> {
  ExprPtr value;
};  ///< await x, x.await

/// A lambda \x: …, fn(x): …, a placeholder expression such as _ * 2 (parameters named _1, _2), or a trailing block.
struct LambdaExpr : ExprOf<ExprKind::lambda> {
  std::unique_ptr<FunctionDecl> function;  ///< no name; a body of one ExprStmt is the value
  bool trailing = false;                   ///< xs.each \x: + indented body
  ~LambdaExpr() override;
};

/// &:len
struct MethodReferenceExpr : ExprOf<ExprKind::method_reference> {
  Symbol name;
};

/// A condition: an expression, or `val pattern = expression` (then `value` is what is matched). A plain name as the
/// pattern binds any value that is not nil.
struct Condition {
  PatternPtr pattern;       ///< null for a plain expression
  bool is_mutable = false;  ///< if var
  ExprPtr value;
};

/// if/elif/else, as a statement (inside ExprStmt) and as a value; inline branches are blocks of one statement.
struct ConditionalExpr : ExprOf<ExprKind::conditional> {
  struct Branch {
    std::vector<Condition> conditions;  ///< all must hold, from left to right
    Block body;
  };
  std::vector<Branch> branches;
  std::optional<Block> otherwise;
};

struct MatchArm {
  Location location;
  PatternPtr pattern;
  ExprPtr guard;  ///< may be null
  Block body;
};

struct MatchExpr : ExprOf<ExprKind::match> {
  ExprPtr subject;
  std::vector<MatchArm> arms;
};

/// unsafe: …, unsafe(capabilities: [ffi]): …
struct UnsafeExpr : ExprOf<ExprKind::unsafe_> {
  std::vector<Argument> arguments;
  Block body;
};

/// A block as a value: do: …, or an indented block after `=`.
struct BlockExpr : ExprOf<ExprKind::block> {
  Block body;
};

/// return, break, continue where a value may stand: x ?? return Err("none").
struct JumpExpr : ExprOf<ExprKind::jump> {
  StmtPtr statement;
  ~JumpExpr() override;
};

}  // namespace stdbind::simple
