// Types and patterns.
#include "parser_impl.hpp"

namespace stdbind::simple {
namespace {

bool is_primitive(std::string_view name) {
  static constexpr std::string_view names[] = {"i8",  "i16", "i32", "i64",  "u8",   "u16", "u32",
                                               "u64", "f32", "f64", "bool", "text", "any", "nil"};
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

}  // namespace

TypePtr Parser::parse_type() {
  TypePtr first = parse_single_type();
  if (!is("|") || next_is("|")) return first;
  auto made = std::make_unique<Type>();
  made->kind = TypeKind::alternative;
  made->location = first->location;
  made->children.push_back(std::move(first));
  while (accept("|")) made->children.push_back(parse_single_type());
  return made;
}

TypePtr Parser::parse_single_type() {
  const Nested nested(*this);
  continue_line();
  auto made = std::make_unique<Type>();
  made->location = token().location;
  if (kind_now() == TokenKind::integer) {
    made->kind = TypeKind::value;
    made->size = parse_number();
  } else if (is("[")) {
    const Location opened = take().location;
    const Layout layout(*this, brackets_ + 1);
    made->kind = TypeKind::array;
    made->children.push_back(parse_type());
    if (accept(";")) made->size = parse_expression();
    if (!strict() && accept(",")) made->size = parse_expression();
    expect_close("]", "[", opened);
  } else if (is("{")) {
    const Location opened = take().location;
    const Layout layout(*this, brackets_ + 1);
    made->kind = TypeKind::dict;
    made->children.push_back(parse_type());
    if (strict() || is(":")) {
      expect(":", "between the types of key and value");
      made->children.push_back(parse_type());
    }
    expect_close("}", "{", opened);
  } else if (is("(")) {
    const Location opened = take().location;
    const Layout layout(*this, brackets_ + 1);
    made->kind = TypeKind::tuple;
    while (!is(")")) {
      Symbol label;
      if (kind_now() == TokenKind::name && next_is(":")) {
        label = intern(take().text);
        take();
      }
      if (label && made->labels.size() < made->children.size()) made->labels.resize(made->children.size());
      if (label || !made->labels.empty()) made->labels.push_back(label);
      made->children.push_back(parse_type());
      if (!accept(",")) break;
    }
    expect_close(")", "(", opened);
    if (is("->")) {
      refuse(token().location, "the type of a function is written fn(A) -> R");
      take();
      made->kind = TypeKind::function;
      made->result = parse_type();
    } else if (made->children.size() == 1 && made->labels.empty()) {
      TypePtr only = std::move(made->children.front());
      made = std::move(only);
    }
  } else if (is("&") || is("*")) {
    made->kind = TypeKind::reference;
    made->is_pointer = take().text == "*";
    made->is_mutable = accept_word("mut");
    if (!made->is_mutable) accept_word("const");
    made->children.push_back(parse_single_type());
  } else if (is_word("fn") || is_word("Fn")) {
    take();
    made->kind = TypeKind::function;
    expect("(", "after fn");
    const Layout layout(*this, brackets_ + 1);
    while (!is(")")) {
      Symbol label;
      if (kind_now() == TokenKind::name && next_is(":")) {
        label = intern(take().text);
        take();
      }
      made->children.push_back(parse_type());
      if (!accept(",")) break;
    }
    expect_close(")", "(", made->location);
    if (accept("->")) made->result = parse_type();
  } else {
    made = parse_named_type();
  }
  for (unsigned marks = 0; is("?") || is("??"); ++marks) {
    if (marks > 4) fail("this type has too many '?'");
    auto optional = std::make_unique<Type>();
    optional->kind = TypeKind::optional;
    optional->location = token().location;
    if (is("??")) {
      split_operator(1);
    } else {
      take();
    }
    optional->children.push_back(std::move(made));
    made = std::move(optional);
  }
  return made;
}

TypePtr Parser::parse_named_type() {
  auto made = std::make_unique<Type>();
  made->location = token().location;
  static constexpr std::string_view capabilities[] = {"dyn", "mut", "iso", "ref", "imm", "val"};
  for (const std::string_view word : capabilities) {
    if (is_word(word) && !breaks_before(1) && (ahead(1).kind == TokenKind::name || ahead(1).is("["))) {
      refuse(token().location, "'" + std::string(word) + "' is not part of a type here");
      take();
      return parse_single_type();
    }
  }
  if (kind_now() != TokenKind::name) fail("expected a type, found " + found());
  made->path.push_back(intern(take().text));
  while ((is(".") || is("::")) && ahead(1).kind == TokenKind::name && !breaks_before(1)) {
    if (is("::")) refuse(token().location, "'::' is the old form: write '.'");
    take();
    made->path.push_back(intern(take().text));
  }
  const bool generic = !is_primitive(spelling(made->path.back()));
  if (generic && is("<")) {
    take();
    parse_type_arguments(made->children, ">");
  } else if (generic && is("[") && !token().space_before) {
    warn(token().location, "type arguments in [ ] are deprecated: write <…>");
    made->square_brackets = true;
    take();
    parse_type_arguments(made->children, "]");
  }
  return made;
}

// After the opening bracket, to the closing one; `>>` closes two.
void Parser::parse_type_arguments(std::vector<TypePtr>& into, std::string_view close) {
  const Location opened = token().location;
  const Layout layout(*this, brackets_ + 1);
  while (!is(close)) {
    if (kind_now() == TokenKind::name && (next_is("=") || next_is(":"))) {
      take();
      take();
    }
    into.push_back(parse_type());
    if (close == ">" && token().kind == TokenKind::operator_ && token().text.size() > 1 && token().text[0] == '>') {
      split_operator(1);
      return;
    }
    if (!accept(",")) break;
  }
  expect_close(close, close == ">" ? "<" : "[", opened);
}

// ---- Patterns

PatternPtr Parser::wildcard(Location location) {
  auto made = std::make_unique<Pattern>();
  made->location = location;
  return made;
}

PatternPtr Parser::parse_pattern() {
  PatternPtr first = parse_single_pattern();
  if (!is("|") && !leads_next_line({"|"})) return first;
  auto made = std::make_unique<Pattern>();
  made->kind = PatternKind::alternative;
  made->location = first->location;
  made->children.push_back(std::move(first));
  while (true) {
    if (leads_next_line({"|"})) take_leading_operator("|");
    if (!accept("|")) return made;
    continue_line();
    made->children.push_back(parse_single_pattern());
  }
}

PatternPtr Parser::parse_single_pattern() {
  const Nested nested(*this);
  auto made = std::make_unique<Pattern>();
  made->location = token().location;
  const auto list = [&](std::string_view close) {
    const Location opened = take().location;
    const Layout layout(*this, brackets_ + 1);
    while (!is(close)) {
      made->children.push_back(parse_pattern());
      if (is(":") && made->children.back()->kind == PatternKind::binding) {
        take();
        made->children.back()->type = parse_type();
      }
      if (!accept(",")) break;
    }
    expect_close(close, close == ")" ? "(" : "[", opened);
  };
  if (is("..") || is("...") || is("*")) {
    made->kind = PatternKind::rest;
    take();
    if (kind_now() == TokenKind::name) made->name = expect_name("a name");
    return made;
  }
  if (is("(")) {
    made->kind = PatternKind::tuple;
    list(")");
    if (made->children.size() == 1 && made->children[0]->kind != PatternKind::rest) return std::move(made->children[0]);
    return made;
  }
  if (is("[")) {
    made->kind = PatternKind::array;
    list("]");
    return made;
  }
  if (is("{")) {
    refuse(token().location, "a record is matched by its type: Point(x: a, y: b)");
    made->kind = PatternKind::constructor;
    made->has_arguments = true;
    take();
    parse_pattern_arguments(*made, "}");
    return made;
  }
  const bool number = kind_now() == TokenKind::integer || kind_now() == TokenKind::floating;
  if (number || is("-") || kind_now() == TokenKind::text || kind_now() == TokenKind::interpolated || is_word("true") ||
      is_word("false") || is_word("nil") || is_word("None")) {
    const auto bound = [&]() -> ExprPtr {
      if (!is("-")) return parse_primary();
      auto minus = make<UnaryExpr>(take().location);
      if (kind_now() != TokenKind::integer && kind_now() != TokenKind::floating) fail("expected a number after '-'");
      minus->operand = parse_number();
      return minus;
    };
    made->kind = PatternKind::literal;
    made->low = bound();
    if (made->low->kind == ExprKind::interpolation) {
      refuse(made->location, "a text in a pattern has no {…}: use single quotes, or a guard");
    }
    if (is("..") || is("..=")) {
      made->kind = PatternKind::range;
      made->inclusive = take().text == "..=";
      if (kind_now() == TokenKind::integer || kind_now() == TokenKind::floating || kind_now() == TokenKind::text ||
          is("-")) {
        made->high = bound();
      }
    }
    return made;
  }
  return parse_name_pattern();
}

PatternPtr Parser::parse_name_pattern() {
  auto made = std::make_unique<Pattern>();
  made->location = token().location;
  if ((is_word("mut") || is_word("var") || is_word("val") || is_word("ref") || is_word("move")) &&
      ahead(1).kind == TokenKind::name && !breaks_before(1)) {
    const Token word = take();
    made->is_mutable = word.text == "mut" || word.text == "var";
    if (word.text != "var") refuse(word.location, "'" + word.text + "' does not stand in a pattern");
  }
  if (is_word("_")) {
    take();
    if (is("(")) {
      const Location opened = take().location;
      std::vector<Argument> reason;
      parse_arguments(reason, ")", opened);
    }
    return made;
  }
  const Symbol name = expect_name("a pattern");
  made->path.push_back(name);
  while (is(".") || is("::")) {
    if (is("::")) refuse(token().location, "'::' is the old form: write '.'");
    take();
    if (kind_now() != TokenKind::name) fail("expected a variant's name, found " + found());
    made->path.push_back(intern(take().text));
  }
  if (is("(") || (is("{") && is_upper(spelling(made->path.back())))) {
    made->kind = PatternKind::constructor;
    made->has_arguments = true;
    const Token open = take();
    if (open.text == "{") refuse(open.location, "a record is matched by its type: Point(x: a, y: b)");
    parse_pattern_arguments(*made, open.text == "(" ? ")" : "}");
    return made;
  }
  if (made->path.size() > 1 || is_upper(spelling(name))) {
    made->kind = PatternKind::constructor;
    return made;
  }
  made->path.clear();
  made->kind = PatternKind::binding;
  made->name = name;
  if (is("@")) {
    take();
    made->children.push_back(parse_single_pattern());
  }
  return made;
}

void Parser::parse_pattern_arguments(Pattern& pattern, std::string_view close) {
  const Layout layout(*this, brackets_ + 1);
  const Location opened = pattern.location;
  while (!is(close)) {
    Symbol label;
    if (kind_now() == TokenKind::name && next_is(":")) {
      label = intern(take().text);
      take();
    }
    pattern.labels.push_back(label);
    pattern.children.push_back(parse_pattern());
    if (!accept(",")) break;
  }
  expect_close(close, close == ")" ? "(" : "{", opened);
}

// The pattern of val, for and comprehensions: a name, a tuple, and for loops `k, v` without parentheses. A name before
// `(` is a constructor, as in val Some(v) = x else: …
PatternPtr Parser::parse_binding_pattern() {
  const auto single = [&] {
    PatternPtr pattern = parse_single_pattern();
    if (pattern->kind == PatternKind::constructor && !pattern->has_arguments && pattern->path.size() == 1) {
      pattern->kind = PatternKind::binding;  // a constant's name in capitals
      pattern->name = pattern->path.front();
      pattern->path.clear();
    }
    return pattern;
  };
  PatternPtr first = single();
  if (!is(",")) return first;
  auto made = std::make_unique<Pattern>();
  made->kind = PatternKind::tuple;
  made->location = first->location;
  made->children.push_back(std::move(first));
  while (accept(",")) made->children.push_back(single());
  return made;
}

}  // namespace stdbind::simple
