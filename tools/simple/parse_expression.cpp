// Operators. The levels and their order are those of the tree-walk interpreter; where other engines read a mixture
// differently, check asks for parentheses.
#include <optional>

#include "parser_impl.hpp"

namespace stdbind::simple {
namespace {

enum Level : int {
  pipe,
  layer,
  parallel,
  coalesce,
  logical_or,
  logical_and,
  equality,
  comparison,
  range,
  bit_or,
  bit_xor,
  bit_and,
  shift,
  sum,
  product,
  power
};

struct OperatorInfo {
  std::string_view text;
  Level level;
  BinaryOp op;
};

constexpr OperatorInfo infos[] = {
    {"|>", pipe, BinaryOp::pipe},
    {"~>", layer, BinaryOp::pipe},
    {"//", parallel, BinaryOp::floor_divide},
    {"??", coalesce, BinaryOp::coalesce},
    {"or", logical_or, BinaryOp::or_},
    {"||", logical_or, BinaryOp::or_},
    {"and", logical_and, BinaryOp::and_},
    {"&&", logical_and, BinaryOp::and_},
    {"==", equality, BinaryOp::in},
    {"!=", equality, BinaryOp::in},
    {"is", equality, BinaryOp::in},
    {"in", equality, BinaryOp::in},
    {"<", comparison, BinaryOp::in},
    {">", comparison, BinaryOp::in},
    {"<=", comparison, BinaryOp::in},
    {">=", comparison, BinaryOp::in},
    {"..", range, BinaryOp::in},
    {"..=", range, BinaryOp::in},
    {"|", bit_or, BinaryOp::bit_or},
    {"^", bit_xor, BinaryOp::bit_xor},
    {"xor", bit_xor, BinaryOp::xor_},
    {"&", bit_and, BinaryOp::bit_and},
    {"<<", shift, BinaryOp::shift_left},
    {">>", shift, BinaryOp::shift_right},
    {"+", sum, BinaryOp::add},
    {"-", sum, BinaryOp::subtract},
    {"*", product, BinaryOp::multiply},
    {"/", product, BinaryOp::divide},
    {"%", product, BinaryOp::remainder},
    {"@", product, BinaryOp::matrix_multiply},
    {"**", power, BinaryOp::power},
};

const OperatorInfo* find_operator(const Token& token) {
  if (token.kind != TokenKind::operator_ && token.kind != TokenKind::name) return nullptr;
  for (const OperatorInfo& info : infos) {
    if (token.text == info.text) return &info;
  }
  return nullptr;
}

bool is_plain(const Expr& value) {
  return value.parenthesized ||
         (value.kind != ExprKind::binary && value.kind != ExprKind::comparison && value.kind != ExprKind::range);
}

const UnaryExpr* bare_unary(const Expr& value) { return value.parenthesized ? nullptr : get_if<UnaryExpr>(&value); }

bool is_bare_coalesce(const Expr& value) {
  const auto* binary = get_if<BinaryExpr>(&value);
  return binary != nullptr && !value.parenthesized && binary->op == BinaryOp::coalesce;
}

ComparisonOp comparison_op(std::string_view text) {
  if (text == "==") return ComparisonOp::equal;
  if (text == "!=") return ComparisonOp::not_equal;
  if (text == "<") return ComparisonOp::less;
  if (text == "<=") return ComparisonOp::less_equal;
  if (text == ">") return ComparisonOp::greater;
  return ComparisonOp::greater_equal;
}

}  // namespace

ExprPtr Parser::parse_expression() { return parse_binary(pipe); }

ExprPtr Parser::parse_binary(int lowest) {
  const Nested nested(*this);
  ExprPtr left = is("..") || is("..=") ? parse_range(nullptr) : parse_unary();
  while (true) {
    if (lowest <= product &&
        leads_next_line({"|>",  "??", "or", "and", "||", "&&", "==", "!=", "is", "in", "<", ">", "<=", ">=", "..",
                         "..=", "|",  "^",  "xor", "&",  "<<", ">>", "+",  "-",  "*",  "/", "%", "**", "~>"})) {
      take_leading_operator(token().text);
    }
    if (at_line_break()) return left;
    const bool not_in = is_word("not") && !breaks_before(1) && ahead(1).is_word("in");
    const OperatorInfo* info = not_in ? find_operator(ahead(1)) : find_operator(token());
    if (info == nullptr || info->level < lowest) return left;
    if (const UnaryExpr* unary = bare_unary(*left)) {
      const bool after_not = unary->op == UnaryOp::not_ && info->level > logical_and;
      if (after_not)
        refuse(unary->location,
               "'not' reaches differently far in Simple's engines: write not (a " + std::string(info->text) + " b)");
      if (info->level == power) refuse(unary->location, "write (-a) ** b or -(a ** b)");
      if (info->level == coalesce) refuse(unary->location, "put parentheses around one side of '?\?'");
    }
    if (info->level == equality || info->level == comparison) {
      left = parse_comparison(std::move(left), info->level);
      continue;
    }
    if (info->level == range) {
      left = parse_range(std::move(left));
      continue;
    }
    const Token op = take();
    if (op.text == "||") refuse(op.location, "write 'or'");
    if (op.text == "&&") refuse(op.location, "write 'and'");
    if (op.text == "//") refuse(op.location, "'//' is read differently by Simple's engines: write a call or '/'");
    if (op.text == "~>" || op.text == "@")
      refuse(op.location, "'" + op.text + "' needs the numeric library: write a call");
    continue_line();
    ExprPtr right;
    if (info->level == pipe) {
      const auto saved = std::pair(std::exchange(placeholders_, 0U), std::exchange(placeholders_allowed_, true));
      right = wrap_placeholders(parse_binary(info->level + 1));
      std::tie(placeholders_, placeholders_allowed_) = saved;
    } else {
      right = parse_binary(info->level == power ? info->level : info->level + 1);
    }
    if (info->level == coalesce && ((!is_plain(*left) && !is_bare_coalesce(*left)) || !is_plain(*right))) {
      refuse(op.location,
             "'?\?' binds differently in Simple's engines: put parentheses around the side that calculates");
    } else if (info->level != coalesce && info->level != pipe &&
               (is_bare_coalesce(*left) || is_bare_coalesce(*right))) {
      refuse(op.location, "'?\?' binds differently in Simple's engines: write (a ?? b) in parentheses");
    }
    auto made = make<BinaryExpr>(op.location);
    made->op = info->op;
    grown(*made, left);
    grown(*made, right);
    made->left = std::move(left);
    made->right = std::move(right);
    left = std::move(made);
  }
}

// == != is in, or a chain of < <= > >=.
ExprPtr Parser::parse_comparison(ExprPtr left, int level) {
  const Location location = token().location;
  if (level == comparison) {
    auto made = make<ComparisonExpr>(location);
    grown(*made, left);
    made->operands.push_back(std::move(left));
    while (true) {
      if (leads_next_line({"<", "<=", ">", ">="})) take_leading_operator(token().text);
      if (!is("<") && !is("<=") && !is(">") && !is(">=")) return made;
      made->ops.push_back(comparison_op(take().text));
      continue_line();
      made->operands.push_back(parse_binary(level + 1));
      grown(*made, made->operands.back());
    }
  }
  const bool negated = accept_word("not");
  const Token op = take();
  bool is_not = false;
  if (op.text == "is" && is_word("not")) {
    take();
    is_not = true;
  }
  continue_line();
  ExprPtr right = parse_binary(level + 1);
  const auto compares = [](const Expr& side) {
    const auto* binary = get_if<BinaryExpr>(&side);
    return !side.parenthesized &&
           (side.kind == ExprKind::comparison ||
            (binary != nullptr && (binary->op == BinaryOp::in || binary->op == BinaryOp::not_in)));
  };
  if (compares(*left) || compares(*right)) {
    refuse(op.location, "'" + op.text + "' does not chain: join two comparisons with 'and', or use parentheses");
  }
  if (op.text == "in") {
    auto made = make<BinaryExpr>(location);
    made->op = negated ? BinaryOp::not_in : BinaryOp::in;
    grown(*made, left);
    grown(*made, right);
    made->left = std::move(left);
    made->right = std::move(right);
    return made;
  }
  auto made = make<ComparisonExpr>(location);
  made->ops.push_back(op.text == "is" ? (is_not ? ComparisonOp::is_not : ComparisonOp::is) : comparison_op(op.text));
  grown(*made, left);
  grown(*made, right);
  made->operands.push_back(std::move(left));
  made->operands.push_back(std::move(right));
  return made;
}

ExprPtr Parser::parse_range(ExprPtr low) {
  auto made = make<RangeExpr>(token().location);
  made->inclusive = take().text == "..=";
  grown(*made, low);
  made->low = std::move(low);
  const bool open = at_line_break() || is("]") || is(")") || is("}") || is(",") || is(":") || is("=>");
  if (!open) {
    made->high = parse_binary(bit_or);
    grown(*made, made->high);
  }
  if (is("..") || is("..=")) fail("a range has two ends");
  return made;
}

ExprPtr Parser::parse_unary() {
  const Nested nested(*this);
  const Location location = token().location;
  const auto unary = [&](UnaryOp op) -> ExprPtr {
    auto made = make<UnaryExpr>(location);
    made->op = op;
    continue_line();
    made->operand = parse_unary();
    grown(*made, made->operand);
    const auto* cast = get_if<CastExpr>(made->operand.get());
    if (cast != nullptr && !cast->parenthesized && op != UnaryOp::not_ && op != UnaryOp::reference) {
      refuse(location, "write (-a) as T or -(a as T)");
    }
    return made;
  };
  if (kind_now() == TokenKind::operator_) {
    const std::string text = token().text;
    if (text == "-" || text == "+" || text == "~") {
      take();
      return unary(text == "-" ? UnaryOp::minus : text == "+" ? UnaryOp::plus : UnaryOp::bit_not);
    }
    if (text == "!") {
      refuse(location, "write 'not'");
      take();
      return unary(UnaryOp::not_);
    }
    if (text == "*") {
      refuse(location, "there are no raw pointers here: read memory with rt_ptr_read_i64 and its like");
      take();
      return unary(UnaryOp::dereference);
    }
    if (text == "&") {
      if (next_is(":") && ahead(2).kind == TokenKind::name) {
        take();
        take();
        auto made = make<MethodReferenceExpr>(location);
        made->name = intern(take().text);
        return made;
      }
      take();
      if (accept_word("mut")) {
        refuse(location, "'&mut' arguments are lost in the interpreter: return the value instead");
        return unary(UnaryOp::reference_mut);
      }
      return unary(UnaryOp::reference);
    }
  }
  if (is_word("not")) {
    take();
    return unary(UnaryOp::not_);
  }
  const bool operand_follows = !breaks_before(1) && (ahead(1).kind != TokenKind::operator_ || ahead(1).is("\\"));
  if (is_word("await") && (operand_follows || next_is("("))) {
    take();
    auto made = make<AwaitExpr>(location);
    made->value = parse_unary();
    grown(*made, made->value);
    return made;
  }
  if (is_word("yield") && !next_is("=") && !next_is(".")) {
    fail("there are no generators in Simple: return a list, or call a function for each value");
  }
  if ((is_word("move") || is_word("spawn") || is_word("go") || is_word("ref") || is_word("mut")) && operand_follows &&
      find_operator(ahead(1)) == nullptr) {
    refuse(location, "'" + token().text + "' is not supported here");
    take();
    return parse_unary();
  }
  return parse_postfix();
}

// The argument as a lambda of its placeholders, when it has any.
ExprPtr Parser::wrap_placeholders(ExprPtr value) {
  if (placeholders_ == 0) return value;
  auto function = make<FunctionDecl>(value->location);
  function->inline_body = true;
  for (unsigned i = 1; i <= placeholders_; ++i) {
    Parameter parameter;
    parameter.location = value->location;
    parameter.name = intern("_" + std::to_string(i));
    function->parameters.push_back(std::move(parameter));
  }
  const Location location = value->location;
  auto statement = make<ExprStmt>(location);
  grown(*statement, value);
  statement->value = std::move(value);
  function->body.emplace();
  function->body->location = location;
  function->body->statements.push_back(std::move(statement));
  return finish_lambda(std::move(function), location);
}

}  // namespace stdbind::simple
