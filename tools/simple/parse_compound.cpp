// Expressions with bodies: if, match, unsafe, do, lambdas.
#include "parser_impl.hpp"

namespace stdbind::simple {

// `else` or `elif` of the `if` whose line is indented by `indent`.
bool Parser::at_branch(std::string_view word, std::uint32_t indent) const {
  if (!token().is_word(word)) return false;
  return !token().line_start || brackets_ != 0 || at_ == accepted_ || token().indent == indent;
}

ExprPtr Parser::parse_if() {
  const std::uint32_t indent = token().indent;
  auto made = make<ConditionalExpr>(take().location);
  const std::uint32_t line = made->location.line;
  const bool in_branch_of_line = if_line_ == line;
  const auto choose = [&] {
    if (token().line_start && in_branch_of_line) {
      refuse(token().location, "this could belong to either 'if' of the line above: indent the bodies");
    }
    accept_line();
    take();
  };
  const auto branch = [&] {
    ConditionalExpr::Branch next;
    next.conditions = parse_conditions();
    for (const Condition& condition : next.conditions) grown(*made, condition.value);
    const std::uint32_t outer_line = std::exchange(if_line_, line);
    next.body = parse_body(indent);
    if_line_ = outer_line;
    grown(*made, next.body);
    made->branches.push_back(std::move(next));
  };
  branch();
  while (true) {
    if (at_branch("elif", indent)) {
      choose();
      branch();
      continue;
    }
    if (!at_branch("else", indent)) return made;
    choose();
    if (is_word("if")) {
      take();
      branch();
      continue;
    }
    if (!is(":") && !strict()) {
      made->otherwise = parse_block(indent);
    } else {
      made->otherwise = parse_body(indent);
    }
    grown(*made, *made->otherwise);
    return made;
  }
}

ExprPtr Parser::parse_match() {
  const std::uint32_t indent = token().indent;
  auto made = make<MatchExpr>(take().location);
  made->subject = parse_expression();
  grown(*made, made->subject);
  expect(":", "after what is matched");
  if (!token().line_start || token().kind == TokenKind::end || token().indent <= indent) {
    fail("expected the arms of 'match', indented, on the next line");
  }
  const bool was_suspended = suspended_;
  const std::uint32_t outer_indent = block_indent_;
  suspended_ = suspended_ || brackets_ != 0;
  {
    const Layout layout(*this, 0);
    const std::uint32_t arms = token().indent;
    block_indent_ = arms;
    bool bar_form = false;
    while (token().kind != TokenKind::end && token().line_start && token().indent == arms && !at_block_end()) {
      accept_line();
      made->arms.push_back(parse_arm(bar_form));
      const MatchArm& arm = made->arms.back();
      grown(*made, arm.guard);
      grown(*made, arm.body);
      end_of_statement();
    }
    if (token().line_start && token().kind != TokenKind::end && token().indent > arms && !at_block_end()) {
      fail(token().location, "unexpected indentation");
    }
  }
  block_indent_ = outer_indent;
  suspended_ = was_suspended;
  return made;
}

// case P: body, P: body, P => body, | P -> body, each with an optional guard.
MatchArm Parser::parse_arm(bool& bar_form) {
  const std::uint32_t indent = token().indent;
  MatchArm arm;
  arm.location = token().location;
  const bool with_case = is_word("case") && !next_is(":") && !next_is("=>") && !next_is("->") && !next_is(".");
  const bool with_bar = !with_case && is("|");
  bar_form = with_bar;
  if (with_case || with_bar) take();
  if (is_word("else") || (is_word("default") && (next_is("->") || next_is(":") || next_is("=>")))) {
    refuse(token().location, "the arm for everything else is written: case _:");
    arm.pattern = wildcard(take().location);
  } else {
    arm.pattern = parse_pattern();
    while (is(",") && !suspended_) {
      refuse(token().location, "alternatives are joined with '|'");
      take();
      parse_pattern();
    }
  }
  if (is_word("if") || (!strict() && is_word("when"))) {
    take();
    arm.guard = parse_expression();
  }
  const std::string separator = at_line_break() ? std::string() : token().text;
  if (separator != ":" && separator != "=>" && separator != "->") {
    fail("expected ':' after the pattern, found " + found());
  }
  const bool usual = with_bar ? separator == "->" : with_case ? separator == ":" : separator != "->";
  if (!usual) {
    refuse(token().location,
           "an arm is written 'case P: …', 'P: …', 'P => …' or '| P -> …', not with '" + separator + "' here");
  }
  take();
  arm.body = parse_block(indent);
  return arm;
}

// unsafe: …, unsafe(capabilities: [ffi]): …
ExprPtr Parser::parse_unsafe() {
  const std::uint32_t indent = token().indent;
  auto made = make<UnsafeExpr>(take().location);
  if (is("(")) {
    const Location opened = take().location;
    parse_arguments(made->arguments, ")", opened);
  }
  made->body = parse_body(indent);
  grown(*made, made->body);
  return made;
}

ExprPtr Parser::parse_do() {
  const std::uint32_t indent = token().indent;
  auto made = make<BlockExpr>(take().location);
  made->body = parse_body(indent);
  grown(*made, made->body);
  return made;
}

ExprPtr Parser::finish_lambda(std::unique_ptr<FunctionDecl> function, Location location) {
  auto made = make<LambdaExpr>(location);
  if (function->body) grown(*made, *function->body);
  for (const Parameter& parameter : function->parameters) grown(*made, parameter.default_value);
  made->function = std::move(function);
  return made;
}

// From the colon on.
ExprPtr Parser::parse_lambda_body(std::unique_ptr<FunctionDecl> function, std::uint32_t indent) {
  const Location location = function->location;
  if (!is(":")) fail("expected ':' before the value of the lambda, found " + found());
  take();
  const auto saved = std::exchange(placeholders_allowed_, false);
  const auto count = std::exchange(placeholders_, 0U);
  function->inline_body = !token().line_start;
  function->body = parse_block(indent);
  placeholders_allowed_ = saved;
  placeholders_ = count;
  return finish_lambda(std::move(function), location);
}

Parameter Parser::parse_lambda_parameter() {
  Parameter parameter;
  parameter.location = token().location;
  if (is_word("mut")) take();
  parameter.name = expect_name("a parameter's name");
  return parameter;
}

// \x: value, \a, b: value, \: value, and with an indented body.
ExprPtr Parser::parse_lambda() {
  const std::uint32_t indent = token().indent;
  auto function = make<FunctionDecl>(take().location);
  if (is("(")) {
    take();
    const Layout layout(*this, brackets_ + 1);
    function->parameters = parse_parameters(")");
  } else {
    while (kind_now() == TokenKind::name) {
      function->parameters.push_back(parse_lambda_parameter());
      // \s: text: s.trim() has a type between two colons.
      if (is(":") && ahead(1).kind == TokenKind::name && !breaks_before(1) && ahead(2).is(":") && !breaks_before(2) &&
          !ahead(2).space_before && !ahead(1).is_word("unsafe") && !ahead(1).is_word("do")) {
        take();
        function->parameters.back().type = parse_type();
      }
      if (!accept(",")) break;
    }
  }
  return parse_lambda_body(std::move(function), indent);
}

// fn(x): value
ExprPtr Parser::parse_fn_lambda() {
  const std::uint32_t indent = token().indent;
  auto function = make<FunctionDecl>(take().location);
  take();
  {
    const Layout layout(*this, brackets_ + 1);
    function->parameters = parse_parameters(")");
  }
  if (accept("->")) function->result = parse_type();
  return parse_lambda_body(std::move(function), indent);
}

// The old |x| value.
ExprPtr Parser::parse_bar_lambda() {
  const std::uint32_t indent = token().indent;
  const Token bar = take();
  refuse(bar.location, "a lambda is written \\x: value");
  auto function = make<FunctionDecl>(bar.location);
  if (bar.text == "|") {
    while (kind_now() == TokenKind::name) {
      function->parameters.push_back(parse_lambda_parameter());
      if (accept(":")) function->parameters.back().type = parse_single_type();
      if (!accept(",")) break;
    }
    expect("|", "after the parameters");
  }
  accept(":");
  function->body = parse_block(indent);
  return finish_lambda(std::move(function), bar.location);
}

}  // namespace stdbind::simple
