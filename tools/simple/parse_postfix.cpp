// What follows a value: calls, members, indices, casts, and calls without parentheses.
#include <tuple>

#include "parser_impl.hpp"

namespace stdbind::simple {
ExprPtr Parser::parse_postfix() { return parse_postfix_of(parse_primary()); }

ExprPtr Parser::parse_postfix_of(ExprPtr value) {
  const auto wrap = [&]<typename T>(std::unique_ptr<T> made) {
    grown(*made, value);
    made->value = std::move(value);
    value = std::move(made);
  };
  while (true) {
    if (leads_next_line({".", "?."})) take_leading_operator(token().text);
    const Location location = token().location;
    if (kind_now() == TokenKind::name) {
      if (is_word("as")) {
        value = parse_cast(std::move(value));
        continue;
      }
      return value;
    }
    if (kind_now() != TokenKind::operator_) return value;
    const std::string& op = token().text;
    if (op == "(") {
      value = parse_call(std::move(value));
    } else if (op == "[" && !token().space_before) {
      value = parse_subscript(std::move(value));
    } else if (op == "." || op == "?." || op == "::") {
      value = parse_member(std::move(value));
    } else if (op == ".?") {
      take();
      wrap(make<PresenceExpr>(location));
    } else if (op == "?") {
      take();
      wrap(make<TryExpr>(location));
      if (is("[") && !token().space_before) {
        refuse(token().location, "'?[' is read differently by Simple's engines: bind the value first");
      }
      const bool ternary = can_start_argument() && token().space_before && !is("\\");
      if (ternary) fail(location, "there is no '?:' in Simple: write if c: a else: b");
    } else if (op == "!" && !token().space_before) {
      take();
      wrap(make<ForceExpr>(location));
    } else if (op == "{" && at_construct(*value)) {
      value = parse_construct(std::move(value));
    } else if (op == "<" && at_generic_arguments() &&
               (value->kind == ExprKind::name || value->kind == ExprKind::field)) {
      value = parse_generic_call(std::move(value));
    } else if (op == "->" && !token().space_before && ahead(1).kind == TokenKind::name && ahead(2).is("(")) {
      refuse(location, "'->' does not call: write x = x.name(…)");
      tokens_[at_].text = ".";
    } else if (op == "\\" && (value->kind == ExprKind::call || value->kind == ExprKind::method_call ||
                              value->kind == ExprKind::field || value->kind == ExprKind::name)) {
      Argument argument;
      argument.location = location;
      argument.value = parse_lambda();
      as<LambdaExpr>(*argument.value).trailing = true;
      const unsigned height = argument.value->height;
      if (auto* call = const_cast<CallExpr*>(get_if<CallExpr>(value.get()))) {
        call->arguments.push_back(std::move(argument));
        grown(*call, height);
      } else if (auto* method = const_cast<MethodCallExpr*>(get_if<MethodCallExpr>(value.get()))) {
        method->arguments.push_back(std::move(argument));
        grown(*method, height);
      } else if (value->kind == ExprKind::field) {
        auto& field = as<FieldExpr>(*value);
        auto made = make<MethodCallExpr>(field.location);
        made->name = field.name;
        made->optional = field.optional;
        made->object = std::move(field.object);
        grown(*made, made->object);
        made->arguments.push_back(std::move(argument));
        grown(*made, height);
        value = std::move(made);
      } else {
        auto made = make<CallExpr>(value->location);
        made->callee = std::move(value);
        made->arguments.push_back(std::move(argument));
        grown(*made, height);
        value = std::move(made);
      }
    } else {
      return value;
    }
  }
}

ExprPtr Parser::parse_member(ExprPtr object) {
  const Token dot = take();
  if (dot.text == "::") refuse(dot.location, "'::' is the old form: write '.'");
  const Location location = token().location;
  Symbol name;
  if (kind_now() == TokenKind::integer) {
    name = intern(take().text);
  } else if (kind_now() == TokenKind::name) {
    name = intern(take().text);
  } else {
    fail("expected a name after '" + dot.text + "', found " + found());
  }
  if (spelling(name) == "await" && !is("(")) {
    auto made = make<AwaitExpr>(location);
    grown(*made, object);
    made->value = std::move(object);
    return made;
  }
  if (is("(")) {
    auto made = make<MethodCallExpr>(location);
    made->name = name;
    made->optional = dot.text == "?.";
    grown(*made, object);
    made->object = std::move(object);
    const Location opened = take().location;
    parse_arguments(made->arguments, ")", opened);
    grown(*made, made->arguments);
    return made;
  }
  auto made = make<FieldExpr>(location);
  made->name = name;
  made->optional = dot.text == "?.";
  grown(*made, object);
  made->object = std::move(object);
  return made;
}

ExprPtr Parser::parse_call(ExprPtr callee) {
  auto made = make<CallExpr>(callee->location);
  grown(*made, callee);
  made->callee = std::move(callee);
  const Location opened = take().location;
  parse_arguments(made->arguments, ")", opened);
  grown(*made, made->arguments);
  return made;
}

void Parser::parse_arguments(std::vector<Argument>& into, std::string_view close, Location opened) {
  const Layout layout(*this, brackets_ + 1);
  while (!is(close)) {
    into.push_back(parse_argument());
    if (!accept(",")) break;
  }
  expect_close(close, close == ")" ? "(" : "[", opened);
}

Argument Parser::parse_argument() {
  Argument argument;
  argument.location = token().location;
  if (kind_now() == TokenKind::name && next_is(":") && !is_word("else")) {
    argument.name = intern(take().text);
    take();
  } else if (kind_now() == TokenKind::name && next_is("=")) {
    refuse(ahead(1).location, "a named argument is written name: value");
    argument.name = intern(take().text);
    take();
  } else if (is("*") || is("**") || is("...")) {
    argument.spread = true;
    take();
  }
  const auto saved = std::pair(std::exchange(placeholders_, 0U), std::exchange(placeholders_allowed_, true));
  if (kind_now() == TokenKind::name && next_is("=>")) {
    refuse(ahead(1).location, "a lambda is written \\x: value");
    auto function = make<FunctionDecl>(token().location);
    Parameter parameter;
    parameter.location = token().location;
    parameter.name = intern(take().text);
    function->parameters.push_back(std::move(parameter));
    take();
    function->body = parse_block(token().indent);
    argument.value = finish_lambda(std::move(function), argument.location);
  } else {
    argument.value = wrap_placeholders(parse_expression());
  }
  std::tie(placeholders_, placeholders_allowed_) = saved;
  if (accept("...")) argument.spread = true;
  // (x for x in xs) without its own brackets.
  if (is_word("for") && !strict()) {
    argument.value = parse_comprehension(nullptr, std::move(argument.value), argument.location, "");
  }
  return argument;
}

ExprPtr Parser::parse_subscript(ExprPtr object) {
  const Location opened = take().location;
  const Layout layout(*this, brackets_ + 1);
  const auto finish = [&](auto made) -> ExprPtr {
    grown(*made, object);
    made->object = std::move(object);
    expect_close("]", "[", opened);
    return made;
  };
  ExprPtr first;
  if (!is(":") && !is("::")) {
    first = parse_expression();
    if (is(",") && !strict()) {
      auto tuple = make<TupleExpr>(opened);
      grown(*tuple, first);
      tuple->elements.push_back(std::move(first));
      while (accept(",")) {
        if (is("]")) break;
        tuple->elements.push_back(parse_expression());
        grown(*tuple, tuple->elements.back());
      }
      first = std::move(tuple);
    }
    if (is("]")) {
      auto made = make<IndexExpr>(opened);
      grown(*made, first);
      made->index = std::move(first);
      return finish(std::move(made));
    }
  }
  auto made = make<SliceExpr>(opened);
  grown(*made, first);
  made->start = std::move(first);
  const bool both = accept("::");
  if (!both) expect(":", "or ']' in the index");
  if (!both && !is("]") && !is(":")) {
    made->stop = parse_expression();
    grown(*made, made->stop);
  }
  if (both || accept(":")) {
    if (!is("]")) {
      made->step = parse_expression();
      grown(*made, made->step);
    }
  }
  return finish(std::move(made));
}

// Name<T, U> directly before '(' or '.': only the tokens of types between the angles.
bool Parser::at_generic_arguments() const {
  if (token().space_before) return false;
  int angles = 0;
  constexpr std::size_t longest = 80;
  for (std::size_t n = 0; n < longest; ++n) {
    const Token& next = ahead(n);
    if (next.kind == TokenKind::end) return false;
    if (next.is("<")) {
      ++angles;
    } else if (next.is(">") || next.is(">>")) {
      angles -= static_cast<int>(next.text.size());
      if (angles <= 0) {
        const Token& after = ahead(n + 1);
        return angles == 0 && !after.line_start && !after.space_before &&
               (after.is("(") || after.is(".") || after.is("::"));
      }
    } else if (next.kind == TokenKind::operator_) {
      static constexpr std::string_view allowed = ", . ? [ ] ( ) { } : ; | & -> ";
      if (allowed.find(next.text + " ") == std::string_view::npos) return false;
    } else if (next.kind != TokenKind::name && next.kind != TokenKind::integer) {
      return false;
    }
  }
  return false;
}

ExprPtr Parser::parse_generic_call(ExprPtr callee) {
  std::vector<TypePtr> generics;
  take();
  parse_type_arguments(generics, ">");
  if (callee->kind == ExprKind::name && !is("(")) {
    as<NameExpr>(*callee).generics = std::move(generics);
    return callee;
  }
  if (!is("(")) return callee;
  if (callee->kind == ExprKind::field) {
    auto& field = as<FieldExpr>(*callee);
    auto made = make<MethodCallExpr>(field.location);
    made->name = field.name;
    made->optional = field.optional;
    made->generics = std::move(generics);
    made->object = std::move(field.object);
    grown(*made, made->object);
    const Location opened = take().location;
    parse_arguments(made->arguments, ")", opened);
    grown(*made, made->arguments);
    return made;
  }
  ExprPtr made = parse_call(std::move(callee));
  as<CallExpr>(*made).generics = std::move(generics);
  return made;
}

// P { x: 1 }: a type's name and what can only be fields.
bool Parser::at_construct(const Expr& callee) const {
  std::string_view name;
  if (const auto* plain = get_if<NameExpr>(&callee)) name = spelling(plain->name);
  if (const auto* field = get_if<FieldExpr>(&callee)) name = spelling(field->name);
  if (!is_upper(name)) return false;
  const Token& first = ahead(1);
  const Token& second = ahead(2);
  if (first.is("}") || first.is("..") || first.is("...")) return true;
  return first.kind == TokenKind::name && (second.is(":") || second.is(",") || second.is("}"));
}

ExprPtr Parser::parse_construct(ExprPtr callee) {
  auto made = make<ConstructExpr>(callee->location);
  warn(token().location, "'P { x: 1 }' is the older form: write P(x: 1)");
  grown(*made, callee);
  made->callee = std::move(callee);
  const Location opened = take().location;
  const Layout layout(*this, brackets_ + 1);
  while (!is("}")) {
    Argument field;
    field.location = token().location;
    if (accept("..") || accept("...")) {
      field.spread = true;
      field.value = parse_expression();
    } else {
      field.name = expect_name("a field's name");
      if (accept(":")) {
        field.value = parse_expression();
      } else {
        auto name = make<NameExpr>(field.location);
        name->name = field.name;
        field.value = std::move(name);
      }
    }
    grown(*made, field.value);
    made->fields.push_back(std::move(field));
    if (!accept(",")) break;
  }
  expect_close("}", "{", opened);
  return made;
}

ExprPtr Parser::parse_cast(ExprPtr value) {
  auto made = make<CastExpr>(take().location);
  grown(*made, value);
  made->value = std::move(value);
  made->type = parse_single_type();
  return made;
}

// Whether the token can begin the argument of a call without parentheses.
bool Parser::can_start_argument() const {
  switch (kind_now()) {
    case TokenKind::integer:
    case TokenKind::floating:
    case TokenKind::text:
    case TokenKind::interpolated:
      return true;
    case TokenKind::operator_:
      return is("\\") || (!strict() && is(":") && token().space_before && ahead(1).kind == TokenKind::name &&
                          !ahead(1).space_before && !ahead(1).line_start);
    case TokenKind::name: {
      static constexpr std::string_view not_one[] = {"and",  "or",    "in",     "is",    "as",    "if",
                                                     "else", "elif",  "xor",    "for",   "while", "then",
                                                     "with", "where", "return", "match", "case"};
      return std::none_of(std::begin(not_one), std::end(not_one),
                          [&](std::string_view w) { return token().text == w; }) &&
             !(token().text == "not" && ahead(1).is_word("in"));
    }
    default:
      return false;
  }
}

bool Parser::at_colon_block() const {
  const Token& next = ahead(1);
  return is(":") && next.line_start && next.kind != TokenKind::end && next.indent > token().indent;
}

// print x, expect x == y, and (leniently) any name with arguments or an indented block.
ExprPtr Parser::parse_command_call(ExprPtr callee) {
  const bool nameable = (callee->kind == ExprKind::name || callee->kind == ExprKind::field) && !callee->parenthesized;
  const bool call = callee->kind == ExprKind::call || callee->kind == ExprKind::method_call;
  const bool arguments = nameable && can_start_argument() &&
                         ((!is_word("to") && !is_word("not_to")) || ahead(1).kind == TokenKind::operator_);
  if (!arguments && !(at_colon_block() && (nameable || call))) return callee;
  auto made = make<CallExpr>(callee->location);
  if (strict()) {
    const auto* name = get_if<NameExpr>(callee.get());
    const std::string_view word = name == nullptr ? std::string_view() : spelling(name->name);
    if (!arguments) fail("unexpected ':': a block follows if, for, while, match, fn and the words of specs");
    if (word != "print" && word != "expect") {
      fail("expected the end of the line, found " + found() + "; a call is written " +
           std::string(word.empty() ? "name" : word) + "(…)");
    }
  }
  const std::uint32_t indent = token().indent;
  if (call) {
    auto& inner = as<Expr>(*callee);
    grown(*made, inner.height);
  }
  grown(*made, callee);
  made->callee = std::move(callee);
  while (arguments) {
    made->arguments.push_back(parse_argument());
    if (strict() || !accept(",")) break;
  }
  // expect x to_equal y
  while (!strict() && kind_now() == TokenKind::name && can_start_argument()) {
    take();
    if (can_start_argument() || is("(") || is("[") || is("-")) made->arguments.push_back(parse_argument());
  }
  if (!strict() && at_colon_block()) {
    auto function = make<FunctionDecl>(token().location);
    function->body = parse_body(indent);
    Argument block;
    block.location = function->location;
    block.value = finish_lambda(std::move(function), block.location);
    made->arguments.push_back(std::move(block));
  }
  grown(*made, made->arguments);
  return made;
}

}  // namespace stdbind::simple
