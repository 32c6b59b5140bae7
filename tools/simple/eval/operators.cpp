// What the operators do with two values. The rules for integers stand in integer.hpp.
#include <algorithm>
#include <cmath>

#include "compiler.hpp"
#include "format.hpp"

namespace stdbind::simple {

namespace {

struct ResultKind {
  IntKind kind;
  bool mixed;
};

ResultKind result_kind(const Value& a, const Value& b, bool a_literal, bool b_literal) {
  const IntKind ka = a.kind();
  const IntKind kb = b.kind();
  if (ka == kb) return {ka, false};
  if (b_literal && fits(b.wide(), ka)) return {ka, false};
  if (a_literal && fits(a.wide(), kb)) return {kb, false};
  if (hardened(ka) == hardened(kb)) return {hardened(ka), false};
  if (is_unsigned(ka) && is_unsigned(kb)) {
    if (bits_of(ka) == bits_of(kb)) return {ka, true};
    return {bits_of(ka) > bits_of(kb) ? ka : kb, true};
  }
  if (!is_unsigned(ka) && !is_unsigned(kb)) return {bits_of(ka) > bits_of(kb) ? ka : kb, true};
  const IntKind unsigned_kind = is_unsigned(ka) ? ka : kb;
  return {is_soft(unsigned_kind) ? IntKind::i64 : unsigned_kind, true};
}

[[noreturn]] void overflow(BinaryOp op, const Value& a, const Value& b, IntKind kind) {
  raise(to_decimal(a.wide()) + " " + std::string(symbol_of(op)) + " " + to_decimal(b.wide()) + " does not fit " +
        std::string(name_of(kind)) + ", and the engines differ here: convert first, for example with .to_i64()");
}

Value fitted(Wide result, BinaryOp op, const Value& a, const Value& b, ResultKind kind) {
  if (fits(result, kind.kind)) return Value::integer(static_cast<std::int64_t>(result), kind.kind);
  const bool wraps = kind.kind == IntKind::i64 || (is_unsigned(kind.kind) && !is_soft(kind.kind) && !kind.mixed);
  if (!wraps) overflow(op, a, b, kind.kind);
  return Value::integer(wrap(result, kind.kind), kind.kind);
}

Wide floor_divided(Wide a, Wide b) {
  const Wide quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

Value power(const Value& a, const Value& b, ResultKind kind) {
  if (b.wide() < 0) raise("a negative exponent of an integer");
  Value result = Value::integer(1, kind.kind);
  Value base = Value::integer(a.integer(), kind.kind);
  for (auto rest = static_cast<std::uint64_t>(b.integer()); rest != 0; rest >>= 1U) {
    if ((rest & 1U) != 0) result = fitted(result.wide() * base.wide(), BinaryOp::power, a, b, kind);
    if (rest > 1) base = fitted(base.wide() * base.wide(), BinaryOp::power, a, b, kind);
  }
  return result;
}

Value shifted(BinaryOp op, const Value& a, const Value& b) {
  const Wide amount = b.wide();
  const int width = is_soft(a.kind()) ? 64 : bits_of(a.kind());
  if (amount < 0 || amount >= width) {
    raise("a shift by " + to_decimal(amount) + " of " + type_name(a) + ", which has " + std::to_string(width) +
          " bits");
  }
  const auto by = static_cast<int>(amount);
  if (op == BinaryOp::shift_right) return Value::integer(static_cast<std::int64_t>(a.wide() >> by), a.kind());
  return fitted(static_cast<Wide>(static_cast<WideBits>(a.wide()) << by), op, a, b, {a.kind(), false});
}

Value on_integers(BinaryOp op, const Value& a, const Value& b, bool a_literal, bool b_literal) {
  if (op == BinaryOp::shift_left || op == BinaryOp::shift_right) return shifted(op, a, b);
  const ResultKind kind = result_kind(a, b, a_literal, b_literal);
  const Wide x = a.wide();
  const Wide y = b.wide();
  switch (op) {
    case BinaryOp::add:
      return fitted(x + y, op, a, b, kind);
    case BinaryOp::subtract:
      return fitted(x - y, op, a, b, kind);
    case BinaryOp::multiply:
      return fitted(static_cast<Wide>(static_cast<WideBits>(x) * static_cast<WideBits>(y)), op, a, b, kind);
    case BinaryOp::divide:
    case BinaryOp::floor_divide:
    case BinaryOp::remainder: {
      if (y == 0) raise(op == BinaryOp::remainder ? "remainder of a division by zero" : "division by zero");
      if (y == -1 && x == -(Wide{1} << 63)) overflow(op, a, b, IntKind::i64);
      const Wide result = op == BinaryOp::divide ? x / y : op == BinaryOp::remainder ? x % y : floor_divided(x, y);
      return fitted(result, op, a, b, kind);
    }
    case BinaryOp::power:
      return power(a, b, kind);
    case BinaryOp::bit_and:
      return fitted(x & y, op, a, b, kind);
    case BinaryOp::bit_or:
      return fitted(x | y, op, a, b, kind);
    case BinaryOp::bit_xor:
    case BinaryOp::xor_:
      return fitted(x ^ y, op, a, b, kind);
    default:
      raise("the operator " + std::string(symbol_of(op)) + " is not for integers");
  }
}

Value on_floats(BinaryOp op, double a, double b) {
  switch (op) {
    case BinaryOp::add:
      return Value::floating(a + b);
    case BinaryOp::subtract:
      return Value::floating(a - b);
    case BinaryOp::multiply:
      return Value::floating(a * b);
    case BinaryOp::divide:
      if (b == 0) raise("division by zero");
      return Value::floating(a / b);
    case BinaryOp::floor_divide:
      if (b == 0) raise("division by zero");
      return Value::floating(std::floor(a / b));
    case BinaryOp::remainder:
      if (b == 0) raise("remainder of a division by zero");
      return Value::floating(std::fmod(a, b));
    case BinaryOp::power:
      return Value::floating(std::pow(a, b));
    default:
      raise("the operator " + std::string(symbol_of(op)) + " is not for f64");
  }
}

Value composed(const Value& first, const Value& second) {
  auto* function = new FunctionObject(nullptr);
  Value result = Value::own(function);
  function->composed.push_back(first);
  function->composed.push_back(second);
  return result;
}

}  // namespace

std::string_view symbol_of(BinaryOp op) {
  switch (op) {
    case BinaryOp::add:
      return "+";
    case BinaryOp::subtract:
      return "-";
    case BinaryOp::multiply:
      return "*";
    case BinaryOp::divide:
      return "/";
    case BinaryOp::floor_divide:
      return "//";
    case BinaryOp::remainder:
      return "%";
    case BinaryOp::power:
      return "**";
    case BinaryOp::matrix_multiply:
      return "@";
    case BinaryOp::bit_and:
      return "&";
    case BinaryOp::bit_or:
      return "|";
    case BinaryOp::bit_xor:
      return "^";
    case BinaryOp::shift_left:
      return "<<";
    case BinaryOp::shift_right:
      return ">>";
    case BinaryOp::and_:
      return "and";
    case BinaryOp::or_:
      return "or";
    case BinaryOp::xor_:
      return "xor";
    case BinaryOp::coalesce:
      return "??";
    case BinaryOp::pipe:
      return "|>";
    case BinaryOp::compose_back:
      return "<<";
    case BinaryOp::in:
      return "in";
    case BinaryOp::not_in:
      return "not in";
  }
  return "?";
}

Value arithmetic(BinaryOp op, const Value& a, const Value& b, bool a_literal, bool b_literal) {
  if (a.is_integer() && b.is_integer()) return on_integers(op, a, b, a_literal, b_literal);
  if (a.is_floating() && b.is_floating()) return on_floats(op, a.floating(), b.floating());
  if (a.is_floating() && b.is_integer() && b_literal) return on_floats(op, a.floating(), static_cast<double>(b.wide()));
  if (a.is_integer() && b.is_floating() && a_literal) return on_floats(op, static_cast<double>(a.wide()), b.floating());
  if (op == BinaryOp::add && a.is_text() && b.is_text()) {
    check_text(a.text().size() + b.text().size());
    std::string joined;
    joined.reserve(a.text().size() + b.text().size());
    joined += a.text();
    joined += b.text();
    return Value::text(std::move(joined));
  }
  if (op == BinaryOp::add && a.is_array() && b.is_array()) {
    check_elements(a.items().size() + b.items().size());
    std::vector<Value> items;
    items.reserve(a.items().size() + b.items().size());
    items.insert(items.end(), a.items().begin(), a.items().end());
    items.insert(items.end(), b.items().begin(), b.items().end());
    return Value::array(std::move(items));
  }
  if (op == BinaryOp::xor_ && a.is_boolean() && b.is_boolean()) return Value::boolean(a.boolean() != b.boolean());
  if (a.tag() == Tag::function && b.tag() == Tag::function) {
    if (op == BinaryOp::shift_right) return composed(a, b);
    if (op == BinaryOp::shift_left || op == BinaryOp::compose_back) return composed(b, a);
  }
  std::string hint;
  if (a.is_text() || b.is_text()) hint = ": use \"{x}\"";
  if (a.is_boolean() || b.is_boolean()) hint = ": bool has and, or, not";
  if (a.is_floating() != b.is_floating() && (a.is_integer() || b.is_integer())) hint = ": convert with .to_f64()";
  if (is_some(a) || is_some(b)) hint = ": unwrap it, or use ??";
  if (a.is_nil() || b.is_nil()) hint = ": test it first, or use ??";
  raise("the operator " + std::string(symbol_of(op)) + " is not for " + type_name(a) + " and " + type_name(b) + hint);
}

Value negative(const Value& value) {
  if (value.is_floating()) return Value::floating(-value.floating());
  if (!value.is_integer()) raise("minus is not for " + type_name(value));
  const Wide result = -value.wide();
  if (value.kind() == IntKind::i64) return Value::integer(wrap(result, IntKind::i64));
  if (!fits(result, value.kind())) {
    raise("-" + to_decimal(value.wide()) + " does not fit " + type_name(value) + ": convert first");
  }
  return Value::integer(wrap(result, value.kind()), value.kind());
}

Value complement(const Value& value) {
  if (!value.is_integer()) raise("~ is not for " + type_name(value));
  if (is_soft(value.kind()))
    raise("~ of a " + type_name(value) + " that the engines keep at different widths: convert first");
  return Value::integer(wrap(~value.wide(), value.kind()), value.kind());
}

bool contains(const Value& container, const Value& wanted) {
  switch (container.tag()) {
    case Tag::text:
      if (!wanted.is_text()) raise("only text can be in text, not " + type_name(wanted));
      return container.text().find(wanted.text()) != std::string::npos;
    case Tag::array:
    case Tag::tuple:
      return std::ranges::any_of(container.items(), [&](const Value& item) { return equal(item, wanted); });
    case Tag::dict:
      return container.dict().find(wanted) != nullptr;
    case Tag::range:
      if (!wanted.is_integer()) raise("only integers can be in a range, not " + type_name(wanted));
      return wanted.wide() >= container.range().low && wanted.wide() < container.range().high;
    default:
      raise("nothing can be in " + type_name(container));
  }
}

bool holds(ComparisonOp op, const Value& a, const Value& b) {
  if (op == ComparisonOp::equal || op == ComparisonOp::not_equal || op == ComparisonOp::is ||
      op == ComparisonOp::is_not) {
    if (!comparable(a, b)) {
      raise("comparing " + type_name(a) + " with " + type_name(b) + " can never hold" +
            (is_some(a) || is_some(b) ? ": unwrap it, or use ??" : ""));
    }
    return equal(a, b) == (op == ComparisonOp::equal || op == ComparisonOp::is);
  }
  if (a.is_floating() && b.is_floating()) {
    switch (op) {
      case ComparisonOp::less:
        return a.floating() < b.floating();
      case ComparisonOp::less_equal:
        return a.floating() <= b.floating();
      case ComparisonOp::greater:
        return a.floating() > b.floating();
      default:
        return a.floating() >= b.floating();
    }
  }
  const int way = order(a, b);
  switch (op) {
    case ComparisonOp::less:
      return way < 0;
    case ComparisonOp::less_equal:
      return way <= 0;
    case ComparisonOp::greater:
      return way > 0;
    default:
      return way >= 0;
  }
}

Value unwrap(const Value& value) {
  if (value.is_nil()) raise("this is nil");
  if (is_err(value)) raise("this is Err: " + display(value.variant().payload[0]));
  return is_some(value) || is_ok(value) ? value.variant().payload[0] : value;
}

}  // namespace stdbind::simple
