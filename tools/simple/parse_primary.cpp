// Literals, names, parentheses, lists and dicts.
#include "parser_impl.hpp"

namespace stdbind::simple {

ExprPtr Parser::parse_primary() {
  const Nested nested(*this);
  switch (kind_now()) {
    case TokenKind::integer:
    case TokenKind::floating:
      return parse_number();
    case TokenKind::text:
    case TokenKind::interpolated:
      return parse_text();
    case TokenKind::foreign_block: {
      auto made = make<TextExpr>(token().location);
      made->value = take().text;
      return made;
    }
    case TokenKind::name:
      return parse_name_or_word();
    case TokenKind::operator_:
      break;
    default:
      fail("expected an expression, found " + found());
  }
  if (is("(")) return parse_parenthesized();
  if (is("[")) return parse_array();
  if (is("{")) return parse_braces();
  if (is("\\")) return parse_lambda();
  if (is("|") || is("||")) return parse_bar_lambda();
  if (is(":") && ahead(1).kind == TokenKind::name && !ahead(1).space_before && !strict()) {
    take();
    auto made = make<TextExpr>(token().location);
    made->value = take().text;
    return made;
  }
  fail("expected an expression, found " + found());
}

ExprPtr Parser::parse_number() {
  Token& number = take();
  if (number.kind == TokenKind::integer) {
    auto made = make<IntegerExpr>(number.location);
    constexpr std::uint64_t largest_magnitude = 1ULL << 63U;
    if (number.decimal && number.suffix.empty() && number.integer > largest_magnitude) {
      refuse(number.location, "this number does not fit in i64: write " + number.text + "u64");
    }
    made->value = number.integer;
    made->suffix = intern(number.suffix);
    return made;
  }
  auto made = make<FloatExpr>(number.location);
  made->value = number.floating;
  made->suffix = intern(number.suffix);
  return made;
}

ExprPtr Parser::parse_text() {
  const Token& text = token();
  const bool plain = text.kind == TokenKind::text || (text.pieces.size() == 1 && !text.pieces[0].has_expression);
  if (text.kind == TokenKind::interpolated && text.prefixed_f && !text.triple_quoted) {
    warn(text.location, "every double-quoted text interpolates: leave out the f");
  }
  if (!plain) return parse_interpolated();
  Token& taken = take();
  auto made = make<TextExpr>(taken.location);
  made->value = taken.kind == TokenKind::text ? std::move(taken.text) : std::move(taken.pieces[0].literal);
  made->triple_quoted = taken.triple_quoted;
  made->suffix = intern(taken.suffix);
  return made;
}

ExprPtr Parser::parse_interpolated() {
  Token& taken = take();
  auto made = make<InterpolationExpr>(taken.location);
  for (TextPiece& piece : taken.pieces) {
    InterpolationPart part;
    part.text = std::move(piece.literal);
    if (piece.has_expression) {
      part.value = parse_embedded(piece);
      if (part.value) {
        grown(*made, part.value);
        part.format = parse_format(piece.format, piece.location);
      } else {
        part.text += '{' + piece.expression + '}';
      }
    }
    made->parts.push_back(std::move(part));
  }
  return made;
}

// The expression in the braces of a text. Leniently, null when it is none: the braces are literal then.
ExprPtr Parser::parse_embedded(const TextPiece& piece) {
  const Nested nested(*this);
  LexResult lexed = lex(piece.expression, file_, piece.location);
  if (!lexed.errors.empty()) {
    if (!strict()) return nullptr;
    const Diagnostic& first = lexed.errors.front();
    fail({first.line, first.column}, first.message);
  }
  if (strict()) errors.insert(errors.end(), lexed.refusals.begin(), lexed.refusals.end());
  Parser inner(std::move(lexed.tokens), file_, options_, depth_);
  try {
    ExprPtr value = inner.parse_only_expression();
    errors.insert(errors.end(), inner.errors.begin(), inner.errors.end());
    warnings.insert(warnings.end(), inner.warnings.begin(), inner.warnings.end());
    return value;
  } catch (const SyntaxError& error) {
    if (!strict()) return nullptr;
    fail(error.location, error.message + " (a literal brace in a text is written {{)");
  }
}

FormatSpec Parser::parse_format(const std::string& text, Location location) {
  FormatSpec spec;
  spec.text = text;
  std::size_t at = 0;
  const auto peek = [&](std::size_t n) { return at + n < text.size() ? text[at + n] : '\0'; };
  const auto is_align = [](char c) { return c == '<' || c == '>' || c == '^'; };
  const auto number = [&] {
    constexpr std::int32_t widest = 10'000;
    std::int32_t value = -1;
    while (peek(0) >= '0' && peek(0) <= '9') {
      value = std::min(widest + 1, std::max(value, 0) * 10 + (text[at++] - '0'));
    }
    if (value > widest) fail(location, "a format is at most 10000 wide");
    return value;
  };
  if (is_align(peek(1))) {
    spec.fill = std::string(1, text[at]);
    spec.align = text[at + 1];
    at += 2;
  } else if (is_align(peek(0))) {
    spec.align = text[at++];
  }
  if (peek(0) == '+' || peek(0) == '-') spec.sign = text[at++];
  if (peek(0) == '#') {
    spec.alternate = true;
    ++at;
  }
  if (peek(0) == '0') {
    spec.zero = true;
    ++at;
  }
  spec.width = number();
  if (peek(0) == ',' || peek(0) == '_') {
    spec.grouping = true;
    ++at;
  }
  if (peek(0) == '.') {
    ++at;
    spec.precision = number();
  }
  if (at < text.size()) spec.type = text[at];
  return spec;
}

ExprPtr Parser::parse_name_or_word() {
  const Token& word = token();
  const Location location = word.location;
  const std::string& text = word.text;
  if (text == "true" || text == "false") {
    auto made = make<BooleanExpr>(location);
    made->value = take().text == "true";
    return made;
  }
  if (text == "nil" || text == "None") {
    take();
    return make<NilExpr>(location);
  }
  const bool alone = breaks_before(1);
  const Token& next = ahead(1);
  static constexpr std::string_view after_name = ". = , ) ] } ?. + / % == != <= >= < > << >> ^ ";
  const bool used_as_name =
      !alone && next.kind == TokenKind::operator_ && after_name.find(next.text + " ") != std::string_view::npos;
  if (text == "if" && !used_as_name) return parse_if();
  if (text == "match" && !used_as_name) return parse_match();
  if (text == "unsafe" && (next.is(":") || next.is("(")) && !alone) return parse_unsafe();
  if (text == "fn" && next.is("(")) return parse_fn_lambda();
  if (text == "do" && next.is(":")) return parse_do();
  if ((text == "return" || text == "break" || text == "continue") && !next.is(".")) return parse_jump_expression();
  if (!text.empty() && text[0] == '_' && text.find_first_not_of("0123456789", 1) == std::string::npos) {
    return parse_placeholder();
  }
  static constexpr std::string_view never[] = {"else", "elif", "and", "or",  "in",    "is",   "as", "for", "while",
                                               "case", "val",  "var", "let", "const", "enum", "fn", "pass"};
  for (const std::string_view hard : never) {
    if (text == hard && !used_as_name) fail("expected an expression, found '" + text + "'");
  }
  if ((text == "struct" || text == "class" || text == "trait" || text == "impl" || text == "use" || text == "import") &&
      next.kind == TokenKind::name && !alone) {
    fail("expected an expression, found '" + text + "'");
  }
  auto made = make<NameExpr>(location);
  made->name = intern(take().text);
  return made;
}

ExprPtr Parser::parse_placeholder() {
  const Token word = take();
  if (!placeholders_allowed_) refuse(word.location, "'_' holds a place only in an argument: xs.map(_ * 2)");
  auto made = make<NameExpr>(word.location);
  unsigned number = 0;
  if (word.text == "_") {
    number = placeholders_ + 1;
  } else {
    for (const char c : word.text.substr(1)) number = std::min(99U, number * 10 + static_cast<unsigned>(c - '0'));
    if (number == 0 || number > 9) fail(word.location, "placeholders are _1 to _9");
  }
  if (number > 9) fail(word.location, "an argument has at most 9 placeholders");
  placeholders_ = std::max(placeholders_, number);
  made->name = intern("_" + std::to_string(number));
  return made;
}

ExprPtr Parser::parse_jump_expression() {
  auto made = make<JumpExpr>(token().location);
  made->statement = parse_jump();
  grown(*made, made->statement->height);
  return made;
}

ExprPtr Parser::parse_parenthesized() {
  const Location opened = take().location;
  const Layout layout(*this, brackets_ + 1);
  if (accept(")")) return make<TupleExpr>(opened);
  auto tuple = make<TupleExpr>(opened);
  bool comma = false;
  while (!is(")")) {
    Symbol label;
    if (kind_now() == TokenKind::name && next_is(":")) {
      label = intern(take().text);
      take();
      comma = true;
    }
    ExprPtr value = parse_expression();
    if (is_word("for") && tuple->elements.empty()) {
      refuse(token().location, "there are no generators in Simple: write a list, [x for x in xs]");
      value = parse_comprehension(nullptr, std::move(value), opened, "");
    }
    grown(*tuple, value);
    if (label && tuple->labels.size() < tuple->elements.size()) tuple->labels.resize(tuple->elements.size());
    if (label || !tuple->labels.empty()) tuple->labels.push_back(label);
    tuple->elements.push_back(std::move(value));
    if (!accept(",")) break;
    comma = true;
  }
  expect_close(")", "(", opened);
  if (comma) return tuple;
  ExprPtr only = std::move(tuple->elements.front());
  only->parenthesized = true;
  return only;
}

ExprPtr Parser::parse_array() {
  const Location opened = take().location;
  const Layout layout(*this, brackets_ + 1);
  if (is_word("for") && !next_is(",") && !next_is("]")) {
    refuse(token().location, "a comprehension begins with its value: [x * x for x in xs]");
    auto made = make<ComprehensionExpr>(opened);
    parse_clauses(*made);
    expect(":", "before the value");
    made->value = parse_expression();
    grown(*made, made->value);
    expect_close("]", "[", opened);
    return made;
  }
  auto array = make<ArrayExpr>(opened);
  while (!is("]")) {
    Argument element;
    element.location = token().location;
    if (accept("...") || accept("*") || accept("..")) element.spread = true;
    element.value = parse_expression();
    grown(*array, element.value);
    if (array->elements.empty() && !element.spread && is_word("for")) {
      return parse_comprehension(nullptr, std::move(element.value), opened, "]");
    }
    if (array->elements.empty() && !element.spread && accept(";")) {
      auto repeat = make<ArrayRepeatExpr>(opened);
      grown(*repeat, element.value);
      repeat->value = std::move(element.value);
      repeat->count = parse_expression();
      grown(*repeat, repeat->count);
      expect_close("]", "[", opened);
      return repeat;
    }
    if (accept("...")) element.spread = true;
    array->elements.push_back(std::move(element));
    if (!accept(",")) break;
  }
  expect_close("]", "[", opened);
  return array;
}

// { … }: a dict, a dict comprehension, leniently a set.
ExprPtr Parser::parse_braces() {
  const Location opened = take().location;
  const Layout layout(*this, brackets_ + 1);
  auto dict = make<DictExpr>(opened);
  auto set = make<ArrayExpr>(opened);
  while (!is("}")) {
    if (accept("**") || accept("...")) {
      refuse(opened, "a dict takes no spread: set the keys one by one");
      ExprPtr spread = parse_expression();
      grown(*dict, spread);
      dict->entries.emplace_back(nullptr, std::move(spread));
      if (!accept(",")) break;
      continue;
    }
    ExprPtr key = parse_expression();
    grown(*dict, key);
    if (!accept(":")) {
      refuse(key->location, "a dict has key: value entries; there are no set literals here");
      if (is_word("for")) return parse_comprehension(nullptr, std::move(key), opened, "}");
      Argument element;
      element.value = std::move(key);
      grown(*set, element.value);
      set->elements.push_back(std::move(element));
    } else {
      ExprPtr value = parse_expression();
      grown(*dict, value);
      if (dict->entries.empty() && is_word("for")) {
        return parse_comprehension(std::move(key), std::move(value), opened, "}");
      }
      if (key->kind == ExprKind::name && !key->parenthesized) {
        refuse(key->location, "a bare name as a key is read differently by Simple's engines: write \"name\" or (name)");
      }
      dict->entries.emplace_back(std::move(key), std::move(value));
    }
    if (!accept(",")) break;
  }
  expect_close("}", "{", opened);
  if (!set->elements.empty()) return set;
  return dict;
}

// From the first `for` on; `close` is empty where the caller closes.
ExprPtr Parser::parse_comprehension(ExprPtr key, ExprPtr value, Location location, std::string_view close) {
  auto made = make<ComprehensionExpr>(location);
  grown(*made, key);
  grown(*made, value);
  made->key = std::move(key);
  made->value = std::move(value);
  parse_clauses(*made);
  if (!close.empty()) expect_close(close, close == "]" ? "[" : "{", location);
  return made;
}

void Parser::parse_clauses(ComprehensionExpr& made) {
  while (accept_word("for")) {
    ComprehensionExpr::Clause clause;
    clause.pattern = parse_binding_pattern();
    if (!accept_word("in")) fail("expected 'in' after the variable, found " + found());
    clause.source = parse_expression();
    grown(made, clause.source);
    while (accept_word("if")) {
      clause.conditions.push_back(parse_expression());
      grown(made, clause.conditions.back());
    }
    made.clauses.push_back(std::move(clause));
  }
}

}  // namespace stdbind::simple
