// Blocks and statements.
#include "parser_impl.hpp"

namespace stdbind::simple {

// After the colon (or arrow): the rest of the line, or the indented lines below it.
Block Parser::parse_block(std::uint32_t parent_indent) {
  const Nested nested(*this);
  Block block;
  block.location = token().location;
  const bool was_optional = std::exchange(body_optional_, false);
  ++nesting_;
  const auto leave = [&] {
    --nesting_;
    body_optional_ = was_optional;
  };
  const bool below = token().line_start && at_ != accepted_;
  if (!below) {
    block.statements.push_back(parse_statement());
    while (is(";")) {
      take();
      if (kind_now() == TokenKind::end) break;
      block.statements.push_back(parse_statement());
    }
    leave();
    return block;
  }
  if (token().kind == TokenKind::end || token().indent <= parent_indent) {
    fail("expected an indented block here; an empty one is written 'pass'");
  }
  const bool was_suspended = suspended_;
  const std::uint32_t outer_indent = block_indent_;
  suspended_ = suspended_ || brackets_ != 0;
  {
    const Layout layout(*this, 0);
    block_indent_ = token().indent;
    parse_lines(block, block_indent_);
  }
  block_indent_ = outer_indent;
  suspended_ = was_suspended;
  leave();
  return block;
}

Block Parser::parse_body(std::uint32_t parent_indent) {
  expect(":", "before the body");
  return parse_block(parent_indent);
}

bool Parser::at_block_end() const {
  return suspended_ && (token().is(")") || token().is("]") || token().is("}") || token().is(","));
}

void Parser::parse_lines(Block& block, std::uint32_t indent) {
  while (token().kind != TokenKind::end && token().line_start && token().indent == indent && !at_block_end()) {
    accept_line();
    parse_line(block.statements);
  }
  if (token().line_start && token().kind != TokenKind::end && token().indent > indent && !at_block_end()) {
    fail(token().location, "unexpected indentation");
  }
}

void Parser::parse_line(std::vector<StmtPtr>& into) {
  into.push_back(parse_statement());
  while (is(";")) {
    take();
    if (kind_now() == TokenKind::end) return;
    into.push_back(parse_statement());
  }
  end_of_statement();
}

void Parser::end_of_statement() {
  if (at_line_break() || at_block_end()) return;
  if (is_word("if")) fail("a condition does not follow its value: write if c: a else: b");
  if (is("{")) fail("blocks are indented in Simple, not put in braces: write ':' and indent the lines below");
  if (is("=>")) fail("unexpected '=>': a lambda is written \\x: value");
  fail("unexpected " + found());
}

StmtPtr Parser::parse_statement() {
  const Nested nested(*this);
  if (kind_now() == TokenKind::end) fail("expected a statement, found " + found());
  if (at_declaration()) return parse_declaration();
  if (token().kind == TokenKind::name) {
    if (StmtPtr statement = parse_word_statement(token().text)) return statement;
  }
  return parse_simple_statement();
}

// Null when the word begins an ordinary expression.
StmtPtr Parser::parse_word_statement(std::string_view word) {
  const Token& next = ahead(1);
  const bool alone = breaks_before(1);
  const bool named = !alone && next.kind == TokenKind::name;
  const bool used = !alone && next.kind == TokenKind::operator_ && next.text != "(" && next.text != "[" &&
                    next.text != "{" && next.text != "-" && next.text != ":" && next.text != "*" && next.text != "&" &&
                    next.text != "\\" && next.text != "~" && next.text != "!" && next.text != "..";
  if (word == "val" || word == "var" || word == "let") {
    if (!used && !alone) return parse_binding({});
  }
  if (word == "const" && named) return parse_binding({});
  if (word == "return" || word == "break" || word == "continue") {
    if (!used || word == "return") return parse_jump();
  }
  if (used) return nullptr;
  if (word == "me" && named) {
    refuse(token().location, "'me' declares a method; a call is written self." + next.text + "(…)");
    take();
    return parse_simple_statement();
  }
  if (word == "while") return parse_while();
  if (word == "for") return parse_for();
  if (word == "loop" && next.is(":")) return parse_loop();
  if (word == "with" && !next.is(":")) return parse_with(false);
  if (word == "async" && next.is_word("with")) {
    take();
    return parse_with(true);
  }
  if ((word == "defer" || word == "errdefer") && !alone) return parse_defer();
  if (word.starts_with("pass") && (word == "pass" || word.starts_with("pass_"))) return parse_pass();
  if (word == "assert" && !alone && !next.is("(") && !next.is(":")) return parse_assert();
  if (word == "asm" && !alone) return parse_asm();
  if (word == "try" && next.is(":")) return parse_refused_try();
  if ((word == "throw" || word == "raise") && !alone) {
    fail("there are no exceptions in Simple: return Err(…) and pass it on with '?', or panic(…)");
  }
  if (word == "catch" || word == "finally" || word == "except") {
    if (next.is(":") || named) fail("there are no exceptions in Simple: return a Result and match it");
  }
  if ((word == "else" || word == "elif") && (next.is(":") || named)) {
    fail("'" + std::string(word) + "' has no 'if' here; loops have no else in Simple");
  }
  if (word == "case" && !alone) fail("'case' stands only inside match");
  if (at_spec_block()) return parse_spec_block();
  if (at_contract()) {
    warn(token().location, "contracts are not checked here");
    return parse_foreign("contract");
  }
  if (!strict() && named && word == "macro") return parse_foreign("macro");
  return nullptr;
}

StmtPtr Parser::parse_simple_statement() {
  const Location location = token().location;
  ExprPtr value = parse_expression();
  if (kind_now() == TokenKind::operator_) {
    const std::string& op = token().text;
    const bool compound =
        op.size() >= 2 && op.back() == '=' && op != "==" && op != "!=" && op != "<=" && op != ">=" && op != "..=";
    if (op == "=" || compound) return parse_assignment(std::move(value), location);
    if (op == "," && !suspended_ && brackets_ == 0 && !value->parenthesized) {
      refuse(token().location, "a tuple is written in parentheses: (a, b)");
      auto tuple = make<TupleExpr>(location);
      grown(*tuple, value);
      tuple->elements.push_back(std::move(value));
      while (accept(",")) {
        tuple->elements.push_back(parse_expression());
        grown(*tuple, tuple->elements.back());
      }
      if (is("=")) return parse_assignment(std::move(tuple), location);
      value = std::move(tuple);
    }
  }
  value = parse_command_call(std::move(value));
  auto statement = make<ExprStmt>(location);
  grown(*statement, value);
  statement->value = std::move(value);
  return statement;
}

StmtPtr Parser::parse_assignment(ExprPtr target, Location location) {
  static constexpr std::pair<std::string_view, BinaryOp> compound[] = {
      {"+=", BinaryOp::add},         {"-=", BinaryOp::subtract},    {"*=", BinaryOp::multiply},
      {"/=", BinaryOp::divide},      {"%=", BinaryOp::remainder},   {"**=", BinaryOp::power},
      {"&=", BinaryOp::bit_and},     {"|=", BinaryOp::bit_or},      {"^=", BinaryOp::bit_xor},
      {"<<=", BinaryOp::shift_left}, {">>=", BinaryOp::shift_right}};
  auto statement = make<AssignmentStmt>(location);
  const Token op = take();
  if (op.text == ":=") refuse(op.location, "':=' is not part of the language: write val name = value");
  for (const auto& [text, binary] : compound) {
    if (op.text == text) statement->op = binary;
  }
  if (statement->op && (op.text.size() == 3 || op.text == "&=" || op.text == "|=" || op.text == "^=")) {
    const std::string plain = op.text.substr(0, op.text.size() - 1);
    refuse(op.location, "there is no '" + op.text + "' in Simple: write x = x " + plain + " y");
  }
  continue_line();
  statement->value = parse_value();
  if (is("=") && strict()) fail("an assignment has no value: write two statements");
  while (is("=")) {
    take();
    statement->value = parse_value();
  }
  grown(*statement, target);
  grown(*statement, statement->value);
  statement->target = std::move(target);
  return statement;
}

// After `=`: an expression, perhaps a call without parentheses.
ExprPtr Parser::parse_value() {
  const Location location = token().location;
  ExprPtr value = parse_expression();
  if (strict()) return value;
  value = parse_command_call(std::move(value));
  if (!is(",") || suspended_ || brackets_ != 0) return value;
  auto tuple = make<TupleExpr>(location);
  grown(*tuple, value);
  tuple->elements.push_back(std::move(value));
  while (accept(",")) {
    tuple->elements.push_back(parse_expression());
    grown(*tuple, tuple->elements.back());
  }
  return tuple;
}

StmtPtr Parser::parse_binding(DeclarationPrefix prefix) {
  auto statement = make<BindingStmt>(token().location);
  statement->attributes = std::move(prefix.attributes);
  statement->is_public = prefix.is_public;
  const Token word = take();
  if (word.text == "let") {
    refuse(word.location, "'let' is the old form: write 'val' ('var' for what changes)");
    statement->binding = accept_word("mut") ? BindingKind::let_mut : BindingKind::let;
  } else {
    statement->binding = word.text == "var"     ? BindingKind::var
                         : word.text == "const" ? BindingKind::const_
                                                : BindingKind::val;
  }
  if (is_word("mut") && ahead(1).kind == TokenKind::name) {
    refuse(token().location, "what changes is declared with 'var'");
    take();
  }
  statement->pattern = parse_binding_pattern();
  if (accept(":")) statement->type = parse_type();
  if (is(":=")) fail("':=' is not part of the language: write val name = value");
  if (!accept("=")) {
    if (statement->binding == BindingKind::var && statement->type != nullptr) return statement;
    if (!strict() && statement->type != nullptr) return statement;
    fail("expected '=' and a value, found " + found());
  }
  continue_line();
  statement->value = parse_value();
  grown(*statement, statement->value);
  if (is_word("else") && (next_is(":") || !strict())) {
    const std::uint32_t indent = token().indent;
    take();
    statement->otherwise = parse_body(indent);
    grown(*statement, *statement->otherwise);
  }
  return statement;
}

StmtPtr Parser::parse_jump() {
  const Token word = take();
  const bool bare =
      at_line_break() || is(";") || is(")") || is("]") || is("}") || is(",") || is_word("else") || is_word("elif");
  if (word.text == "return") {
    auto statement = make<ReturnStmt>(word.location);
    if (!bare) {
      statement->value = parse_value();
      grown(*statement, statement->value);
    }
    return statement;
  }
  if (!bare && !is_word("if")) {
    refuse(token().location, "'" + word.text + "' takes nothing after it");
    if (word.text == "break") {
      auto statement = make<BreakStmt>(word.location);
      statement->value = parse_expression();
      grown(*statement, statement->value);
      return statement;
    }
    auto statement = make<ContinueStmt>(word.location);
    statement->label = expect_name("a label");
    return statement;
  }
  if (word.text == "break") return make<BreakStmt>(word.location);
  return make<ContinueStmt>(word.location);
}

std::vector<Condition> Parser::parse_conditions() {
  std::vector<Condition> conditions;
  conditions.push_back(parse_condition());
  while (!strict() && is(",")) {
    take();
    conditions.push_back(parse_condition());
  }
  return conditions;
}

Condition Parser::parse_condition() {
  Condition condition;
  const bool binds = (is_word("val") || is_word("var") || is_word("let")) && !next_is(".") && !next_is("=");
  if (binds) {
    if (is_word("let")) refuse(token().location, "'if let' is the old form: write 'if val'");
    condition.is_mutable = take().text == "var";
    condition.pattern = parse_pattern();
    expect("=", "after the pattern");
  }
  continue_line();
  condition.value = parse_expression();
  if (is("=") && strict()) fail("a condition compares with '=='; '=' assigns");
  return condition;
}

StmtPtr Parser::parse_while() {
  const std::uint32_t indent = token().indent;
  auto statement = make<WhileStmt>(take().location);
  statement->conditions = parse_conditions();
  for (const Condition& condition : statement->conditions) grown(*statement, condition.value);
  statement->body = parse_body(indent);
  grown(*statement, statement->body);
  return statement;
}

StmtPtr Parser::parse_loop() {
  const std::uint32_t indent = token().indent;
  auto statement = make<LoopStmt>(take().location);
  statement->body = parse_body(indent);
  grown(*statement, statement->body);
  return statement;
}

StmtPtr Parser::parse_for() {
  const std::uint32_t indent = token().indent;
  auto statement = make<ForStmt>(take().location);
  statement->pattern = parse_binding_pattern();
  if (!accept_word("in")) fail("expected 'in' after the loop variable, found " + found());
  statement->source = parse_expression();
  grown(*statement, statement->source);
  if (is_word("if")) {
    refuse(token().location, "a loop has no condition after its source: put 'if …: continue' in its body");
    take();
    statement->condition = parse_expression();
  }
  statement->body = parse_body(indent);
  grown(*statement, statement->body);
  if (token().is_word("else") && token().line_start && token().indent == indent && brackets_ == 0) {
    refuse(token().location, "a loop has no 'else' in Simple: use a variable that tells whether it ended early");
  }
  return statement;
}

StmtPtr Parser::parse_with(bool is_async) {
  const std::uint32_t indent = token().indent;
  auto statement = make<WithStmt>(token().location);
  statement->is_async = is_async;
  if (is_async) refuse(token().location, "there is no 'async with': wait first, then use 'with'");
  take();
  do {
    if (!statement->resources.empty()) refuse(token().location, "'with' takes one resource: nest a second 'with'");
    WithStmt::Resource resource;
    resource.value = parse_expression();
    grown(*statement, resource.value);
    if (accept_word("as")) resource.name = expect_name("the resource's name");
    // `x as name` reads as a cast: take it apart.
    if (!resource.name && resource.value->kind == ExprKind::cast && !resource.value->parenthesized) {
      auto& cast = as<CastExpr>(*resource.value);
      if (cast.type->kind == TypeKind::named && cast.type->path.size() == 1 && cast.type->children.empty()) {
        resource.name = cast.type->path.front();
        resource.value = std::move(cast.value);
      }
    }
    statement->resources.push_back(std::move(resource));
  } while (accept(","));
  statement->body = parse_body(indent);
  grown(*statement, statement->body);
  return statement;
}

StmtPtr Parser::parse_defer() {
  const std::uint32_t indent = token().indent;
  auto statement = make<DeferStmt>(token().location);
  statement->on_error_only = take().text == "errdefer";
  accept(":");
  statement->body = parse_block(indent);
  grown(*statement, statement->body);
  return statement;
}

StmtPtr Parser::parse_pass() {
  auto statement = make<PassStmt>(token().location);
  statement->name = intern(take().text);
  if (is("(")) {
    const Location opened = take().location;
    parse_arguments(statement->arguments, ")", opened);
  }
  return statement;
}

StmtPtr Parser::parse_assert() {
  auto statement = make<AssertStmt>(take().location);
  statement->condition = parse_expression();
  grown(*statement, statement->condition);
  if (accept(",") || accept(":")) {
    statement->message = parse_expression();
    grown(*statement, statement->message);
  }
  return statement;
}

// asm is kept as text: only compiled code runs it.
StmtPtr Parser::parse_asm() {
  const std::uint32_t indent = token().indent;
  auto statement = make<AsmStmt>(token().location);
  refuse(token().location, "assembly cannot be run by an interpreter");
  take();
  while (!at_line_break() && !is(":")) {
    if (is("(") || is("{")) {
      const std::string open = token().text;
      int depth = 0;
      do {
        if (token().is(open)) ++depth;
        if (token().is(open == "(" ? ")" : "}")) --depth;
        statement->text += take().text + ' ';
      } while (depth > 0 && token().kind != TokenKind::end);
    } else {
      statement->text += take().text + ' ';
    }
  }
  if (accept(":")) {
    while (token().kind != TokenKind::end && (!token().line_start || token().indent > indent)) {
      statement->text += take().text + ' ';
    }
  }
  return statement;
}

bool Parser::at_spec_block() const {
  static constexpr std::string_view blocks[] = {"describe", "context", "it", "slow_it", "pending", "skip"};
  static constexpr std::string_view hooks[] = {"before_each", "after_each", "before_all", "after_all"};
  if (breaks_before(1)) return false;
  const Token& next = ahead(1);
  for (const std::string_view word : blocks) {
    if (token().text == word && (next.kind == TokenKind::text || next.kind == TokenKind::interpolated)) return true;
  }
  for (const std::string_view word : hooks) {
    if (token().text == word && next.is(":")) return true;
  }
  return false;
}

StmtPtr Parser::parse_spec_block() {
  const std::uint32_t indent = token().indent;
  auto statement = make<SpecBlockStmt>(token().location);
  const Token word = take();
  statement->word = intern(word.text);
  if (!is(":")) {
    statement->name = parse_text();
    while (!strict() && accept(",")) parse_argument();
  }
  if (!is(":") && (word.text == "pending" || word.text == "skip" || !strict())) return statement;
  statement->body = parse_body(indent);
  grown(*statement, statement->body);
  return statement;
}

StmtPtr Parser::parse_refused_try() {
  refuse(token().location, "there are no exceptions in Simple: functions return a Result; match it or use '?'");
  return parse_foreign("try");
}

// A construct with indented blocks that is read only to get past it.
StmtPtr Parser::parse_foreign(std::string what) {
  const std::uint32_t indent = token().indent;
  auto statement = make<ForeignStmt>(token().location);
  statement->what = std::move(what);
  while (!at_line_break() && !is(":")) {
    if (is("(") || is("[") || is("{")) {
      const Layout layout(*this, brackets_ + 1);
      int depth = 0;
      do {
        if (token().is("(") || token().is("[") || token().is("{")) ++depth;
        if (token().is(")") || token().is("]") || token().is("}")) --depth;
        take();
      } while (depth > 0 && token().kind != TokenKind::end);
    } else {
      take();
    }
  }
  if (accept(":")) {
    while (token().kind != TokenKind::end && (!token().line_start || token().indent > indent)) take();
  }
  while (token().line_start && token().indent == indent &&
         (token().is_word("catch") || token().is_word("except") || token().is_word("finally"))) {
    accept_line();
    take();
    while (token().kind != TokenKind::end && (!token().line_start || token().indent > indent)) take();
  }
  return statement;
}

}  // namespace stdbind::simple
