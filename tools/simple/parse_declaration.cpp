// Declarations: prefixes, attributes, functions, externs, aliases and units.
#include "parser_impl.hpp"

namespace stdbind::simple {
namespace {

constexpr std::string_view prefixes[] = {"pub",    "priv",    "private",  "static",   "async",    "lazy",
                                         "inline", "virtual", "override", "abstract", "comptime", "kernel",
                                         "ghost",  "shared",  "unsafe",   "pure",     "common",   "sync"};
constexpr std::string_view heads[] = {"fn",
                                      "me",
                                      "struct",
                                      "class",
                                      "enum",
                                      "trait",
                                      "impl",
                                      "mixin",
                                      "actor",
                                      "union",
                                      "bitfield",
                                      "type",
                                      "alias",
                                      "unit",
                                      "newtype",
                                      "extern",
                                      "mod",
                                      "use",
                                      "export",
                                      "import",
                                      "from",
                                      "extend",
                                      "structured_export"};

bool contains(const auto& words, std::string_view word) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

}  // namespace

bool Parser::at_declaration() const {
  if (token().is("@")) return ahead(1).kind == TokenKind::name && !ahead(1).space_before;
  if (token().is("#")) return true;
  if (token().kind != TokenKind::name) return false;
  const Token& next = ahead(1);
  if (breaks_before(1)) return false;
  const bool name_follows = next.kind == TokenKind::name && next.text != "in" && next.text != "is" &&
                            next.text != "as" && next.text != "and" && next.text != "or" && next.text != "if";
  if (contains(prefixes, token().text)) {
    if (!name_follows) return token().text == "pub" && (next.is("(") || next.is("@"));
    static constexpr std::string_view more[] = {"val", "var", "const"};
    return contains(prefixes, next.text) || contains(heads, next.text) || contains(more, next.text);
  }
  if (!contains(heads, token().text)) return false;
  const std::string& word = token().text;
  if (word == "export") return name_follows || next.is("{") || next.is("*") || next.is("(");
  if (word == "use" || word == "import")
    return name_follows || next.is(".") || next.is("..") || next.kind == TokenKind::text ||
           next.kind == TokenKind::interpolated;
  if (word == "impl") return name_follows || next.is("<") || next.is("[");
  if (word == "extern") return name_follows || next.kind == TokenKind::interpolated || next.kind == TokenKind::text;
  if (word == "from") {
    return (name_follows && (ahead(2).is_word("import") || ahead(2).is("."))) || next.kind == TokenKind::interpolated;
  }
  if (word == "type" || word == "alias" || word == "newtype") return name_follows && !next.is_word("to");
  if (word == "me") return name_follows && (nesting_ == 0 || ahead(2).is("<"));
  return name_follows;
}

void Parser::parse_attributes(std::vector<Attribute>& into) {
  while (true) {
    Attribute attribute;
    attribute.location = token().location;
    if (is("@") && ahead(1).kind == TokenKind::name) {
      take();
    } else if (is("#")) {
      take();
      expect("[", "after #");
      const Layout layout(*this, brackets_ + 1);
      do {
        Attribute inner;
        inner.location = token().location;
        if (kind_now() != TokenKind::name) fail("expected an attribute's name, found " + found());
        inner.name = intern(take().text);
        if (is("(")) {
          const Location opened = take().location;
          parse_arguments(inner.arguments, ")", opened);
        } else if (accept("=")) {
          inner.arguments.push_back({token().location, Symbol(), parse_expression(), false});
        }
        into.push_back(std::move(inner));
      } while (accept(","));
      expect_close("]", "[", attribute.location);
      if (token().line_start) accept_line();
      continue;
    } else {
      return;
    }
    std::string name = take().text;
    while (is(".") && ahead(1).kind == TokenKind::name) {
      take();
      name += '.' + take().text;
    }
    attribute.name = intern(name);
    if (is("(")) {
      const Location opened = take().location;
      parse_arguments(attribute.arguments, ")", opened);
    }
    if (name == "extern" && (token().is_word("fn") || (token().is_word("pub") && ahead(1).is_word("fn")))) {
      refuse(attribute.location, "'@extern fn' declares an ordinary function without a body: write 'extern fn …'");
    }
    into.push_back(std::move(attribute));
    if (token().line_start && token().indent >= block_indent_) accept_line();
  }
}

DeclarationPrefix Parser::parse_prefix() {
  DeclarationPrefix prefix;
  while (true) {
    if (is("@") || is("#")) parse_attributes(prefix.attributes);
    if (kind_now() != TokenKind::name || !contains(prefixes, token().text)) return prefix;
    if (ahead(1).kind != TokenKind::name && !ahead(1).is("(") && !ahead(1).is("@")) return prefix;
    if (breaks_before(1)) return prefix;
    const Token word = take();
    if (word.text == "pub") {
      prefix.is_public = true;
      if (is("(")) {
        refuse(token().location, "'pub' takes nothing in parentheses");
        std::vector<Argument> scope;
        const Location opened = take().location;
        parse_arguments(scope, ")", opened);
      }
    } else if (word.text == "static") {
      prefix.is_static = true;
    } else if (word.text == "async") {
      prefix.is_async = true;
    } else if (word.text == "common" && is_word("use")) {
      tokens_[at_].suffix = "common";
    } else {
      refuse(word.location, "'" + word.text + "' is not supported before a declaration here");
    }
  }
}

StmtPtr Parser::parse_declaration() { return parse_prefixed(parse_prefix()); }

StmtPtr Parser::parse_prefixed(DeclarationPrefix prefix) {
  if (kind_now() != TokenKind::name) {
    if (!prefix.attributes.empty() && at_line_break()) {
      refuse(prefix.attributes.front().location, "an attribute stands above a declaration");
      return make<PassStmt>(prefix.attributes.front().location);
    }
    fail("expected a declaration, found " + found());
  }
  const std::string& word = token().text;
  if (word == "fn" || word == "me") return parse_function(std::move(prefix), false);
  if (word == "val" || word == "var" || word == "const" || word == "let") return parse_binding(std::move(prefix));
  if (word == "struct") return parse_record(std::move(prefix), RecordDecl::Form::struct_);
  if (word == "class") return parse_record(std::move(prefix), RecordDecl::Form::class_);
  if (word == "mixin") return parse_record(std::move(prefix), RecordDecl::Form::mixin);
  if (word == "actor" || word == "union") {
    refuse(token().location, "'" + word + "' is not supported here");
    return parse_record(std::move(prefix), word == "actor" ? RecordDecl::Form::actor : RecordDecl::Form::union_);
  }
  if (word == "bitfield") {
    refuse(token().location, "'bitfield' is not supported here: shift and mask an integer");
    return parse_foreign("bitfield");
  }
  if (word == "enum") return parse_enum(std::move(prefix));
  if (word == "trait") return parse_trait(std::move(prefix));
  if (word == "impl") return parse_impl(std::move(prefix));
  if (word == "extend") {
    refuse(token().location, "methods are added with 'impl Type:'");
    return parse_impl(std::move(prefix));
  }
  if (word == "extern") return parse_extern(std::move(prefix));
  if (word == "type" || word == "alias" || word == "newtype")
    return parse_type_alias(std::move(prefix), word != "type");
  if (word == "unit") return parse_unit(std::move(prefix));
  if (word == "mod") return parse_mod(prefix.is_public);
  if (word == "export" || word == "structured_export") return parse_export(prefix.is_public);
  if (word == "use" || word == "import" || word == "from") return parse_use(prefix.is_public);
  if (!strict()) return parse_statement();
  if (!prefix.attributes.empty()) fail("expected a declaration after the attribute, found " + found());
  fail("expected a declaration, found " + found());
}

Symbol Parser::parse_function_name() {
  if (kind_now() != TokenKind::name) fail("expected the function's name, found " + found());
  // Words such as `new` and `default` are names of methods; check knows which are safe.
  if (next_is("(") || next_is("<") || next_is("[")) return intern(take().text);
  return expect_name("the function's name");
}

std::unique_ptr<FunctionDecl> Parser::parse_function(DeclarationPrefix prefix, bool is_extern) {
  const Nested nested(*this);
  const std::uint32_t indent = token().indent;
  auto function = make<FunctionDecl>(token().location);
  function->attributes = std::move(prefix.attributes);
  function->is_public = prefix.is_public;
  function->is_static = prefix.is_static;
  function->is_async = prefix.is_async;
  function->is_extern = is_extern;
  const bool optional = body_optional_;
  function->is_mutating = take().text == "me";
  if (function->is_mutating && is_word("fn")) {
    refuse(token().location, "a mutating method is written 'me name(…)', without fn");
    take();
  }
  function->location = token().location;
  function->name = parse_function_name();
  if (!strict() && accept(".")) function->name = parse_function_name();
  if (is("=")) {
    fail("there are no function aliases: write fn " + std::string(spelling(function->name)) + "(…): other(…)");
  }
  function->generics = parse_generic_parameters();
  if (is("(")) {
    take();
    const Layout layout(*this, brackets_ + 1);
    function->parameters = parse_parameters(")");
  } else {
    if (strict()) fail("expected '(' and the parameters, found " + found());
  }
  for (const Parameter& parameter : function->parameters) grown(*function, parameter.default_value);
  if (leads_next_line({"->"})) accept_line();
  if (accept("->")) {
    continue_line();
    function->result = parse_type();
  }
  if (leads_next_line({"where"})) accept_line();
  parse_where(function->generics);
  if (is(":")) {
    if (is_extern) fail("an extern function has no body");
    take();
    function->inline_body = !token().line_start;
    const auto saved = std::pair(std::exchange(placeholders_, 0U), std::exchange(placeholders_allowed_, false));
    function->body = parse_block(indent);
    std::tie(placeholders_, placeholders_allowed_) = saved;
    grown(*function, *function->body);
    finish_function_body(*function);
  } else if (!strict() && accept("=")) {
    parse_value();
  } else if (!is_extern && !optional && !at_line_break()) {
    fail("expected ':' and the body, found " + found());
  } else if (!is_extern && !optional) {
    refuse(function->location, "this function has no body: end the line with ':' and indent the body below");
  }
  return function;
}

// Takes docstring and contracts off the front of the body.
void Parser::finish_function_body(FunctionDecl& function) {
  std::vector<StmtPtr>& statements = function.body->statements;
  const auto contract = [](const StmtPtr& statement) {
    const auto* foreign = get_if<ForeignStmt>(statement.get());
    return foreign != nullptr && foreign->what == "contract";
  };
  std::erase_if(statements, contract);
  if (statements.empty()) return;
  const auto* first = get_if<ExprStmt>(statements.front().get());
  if (first == nullptr) return;
  const auto* text = get_if<TextExpr>(first->value.get());
  if (text == nullptr || !text->triple_quoted) return;
  if (statements.size() == 1 && function.result != nullptr) return;  // the result itself
  function.docstring = text->value;
  statements.erase(statements.begin());
}

bool Parser::at_contract() const {
  static constexpr std::string_view words[] = {"in", "out", "out_err", "requires", "ensures", "invariant", "decreases"};
  if (nesting_ == 0 || breaks_before(1) || !contains(words, token().text)) return false;
  return ahead(1).is(":") ||
         (token().text.starts_with("out") && ahead(1).is("(") && ahead(3).is(")") && ahead(4).is(":"));
}

void Parser::refuse_parameter_self(const Token& word) {
  refuse(word.location, "'" + word.text +
                            "' does not stand among the parameters: it is always there in a method; a "
                            "method that changes it is written 'me name(…)'");
}

// False for a `self`, which is dropped.
bool Parser::parse_parameter(Parameter& parameter) {
  std::vector<Attribute> ignored;
  parse_attributes(ignored);
  if (is("&") || is("*") || is("**")) {
    const Token mark = take();
    parameter.variadic = mark.text != "&";
    if (mark.text != "&") refuse(mark.location, "a variadic parameter is written xs: T...");
  }
  parameter.location = token().location;
  while ((is_word("mut") || is_word("var") || is_word("val")) && ahead(1).kind == TokenKind::name && !next_is(":")) {
    if (!ahead(1).is_word("self"))
      refuse(token().location, "a parameter has no '" + token().text + "': copy it to a var");
    parameter.is_mutable = take().text != "val";
  }
  if (is_word("self") || is_word("Self")) {
    const Token word = take();
    refuse_parameter_self(word);
    if (accept(":")) parse_type();
    return false;
  }
  if (kind_now() == TokenKind::name &&
      (next_is(":") || next_is(",") || next_is(")") || next_is("=") || next_is("..."))) {
    parameter.name = intern(take().text);
  } else {
    parameter.name = expect_name("a parameter's name");
  }
  if (accept("...")) parameter.variadic = true;
  if (accept(":")) parameter.type = parse_type();
  if (accept("...")) parameter.variadic = true;
  if (accept("=")) parameter.default_value = parse_expression();
  return true;
}

std::vector<Parameter> Parser::parse_parameters(std::string_view close) {
  std::vector<Parameter> parameters;
  const Location opened = token().location;
  while (!is(close)) {
    Parameter parameter;
    if (parse_parameter(parameter)) parameters.push_back(std::move(parameter));
    if (!accept(",")) break;
  }
  expect_close(close, "(", opened);
  return parameters;
}

// <T, U: A & B>, also the deprecated [T].
std::vector<GenericParameter> Parser::parse_generic_parameters() {
  std::vector<GenericParameter> generics;
  const bool square = is("[");
  if (!square && !is("<")) return generics;
  if (square) warn(token().location, "type parameters in [ ] are deprecated: write <…>");
  const std::string_view close = square ? "]" : ">";
  const Location opened = take().location;
  const Layout layout(*this, brackets_ + 1);
  while (!is(close)) {
    GenericParameter parameter;
    parameter.location = token().location;
    accept_word("const");
    parameter.name = expect_name("a type parameter");
    if (accept(":")) {
      do {
        parameter.bounds.push_back(parse_single_type());
      } while (accept("&") || accept("+"));
    }
    if (accept("=")) parse_type();
    generics.push_back(std::move(parameter));
    if (!accept(",")) break;
  }
  expect_close(close, square ? "[" : "<", opened);
  return generics;
}

// where T: A + B, U: C
void Parser::parse_where(std::vector<GenericParameter>& generics) {
  if (!accept_word("where")) return;
  do {
    const Symbol name = expect_name("a type parameter");
    if (is(":") && ahead(1).line_start) return;
    expect(":", "after the type parameter");
    std::vector<TypePtr> bounds;
    do {
      bounds.push_back(parse_single_type());
    } while (accept("&") || accept("+"));
    for (GenericParameter& parameter : generics) {
      if (parameter.name != name) continue;
      for (TypePtr& bound : bounds) parameter.bounds.push_back(std::move(bound));
      break;
    }
  } while (accept(","));
}

StmtPtr Parser::parse_extern(DeclarationPrefix prefix) {
  const std::uint32_t indent = token().indent;
  const Token word = take();
  if (is_word("fn")) return parse_function(std::move(prefix), true);
  if (is_word("async") && ahead(1).is_word("fn")) {
    take();
    prefix.is_async = true;
    return parse_function(std::move(prefix), true);
  }
  refuse(word.location, "only functions can be extern: extern fn name(…) -> T");
  auto made = make<ExternBlockDecl>(word.location);
  made->attributes = std::move(prefix.attributes);
  if (kind_now() == TokenKind::text || kind_now() == TokenKind::interpolated) {
    ExprPtr abi = parse_text();
    if (const auto* text = get_if<TextExpr>(abi.get())) made->abi = text->value;
  }
  if (is_word("fn")) {
    made->members.push_back(parse_function({}, true));
    return made;
  }
  if (!is(":")) return parse_foreign("extern");
  const bool optional = std::exchange(body_optional_, true);
  take();
  if (!token().line_start || token().indent <= indent) fail("expected the extern functions, indented");
  const std::uint32_t outer = std::exchange(block_indent_, token().indent);
  while (token().line_start && token().kind != TokenKind::end && token().indent == block_indent_) {
    accept_line();
    accept_word("extern");
    DeclarationPrefix inner = parse_prefix();
    if (!is_word("fn")) fail("expected 'fn', found " + found());
    made->members.push_back(parse_function(std::move(inner), true));
    end_of_statement();
  }
  block_indent_ = outer;
  body_optional_ = optional;
  return made;
}

StmtPtr Parser::parse_type_alias(DeclarationPrefix prefix, bool written_alias) {
  auto made = make<TypeAliasDecl>(take().location);
  made->is_public = prefix.is_public;
  made->written_alias = written_alias;
  made->location = token().location;
  made->name = expect_name("the alias's name");
  made->generics = parse_generic_parameters();
  if (accept("=")) {
    continue_line();
    made->type = parse_type();
    if (is_word("where") && !strict()) {
      take();
      parse_expression();
    }
  } else if (!body_optional_) {
    refuse(made->location, "an alias needs '= Type'");
    if (accept(":")) parse_type();
  }
  return made;
}

// unit UserId: i64 as uid
StmtPtr Parser::parse_unit(DeclarationPrefix prefix) {
  if (!(ahead(1).kind == TokenKind::name && ahead(2).is(":") && ahead(3).kind == TokenKind::name &&
        ahead(4).is_word("as"))) {
    refuse(token().location, "a unit is declared as: unit UserId: i64 as uid");
    return parse_foreign("unit");
  }
  auto made = make<UnitDecl>(take().location);
  made->is_public = prefix.is_public;
  made->location = token().location;
  made->name = expect_name("the unit's name");
  expect(":", "after the name");
  made->type = parse_single_type();
  if (accept_word("as")) made->suffix = expect_name("the unit's suffix");
  return made;
}

}  // namespace stdbind::simple
