// Structs, classes, enums, traits and impls.
#include "parser_impl.hpp"

namespace stdbind::simple {

// The lines of a type's body; `body` reads one member. Without a colon there is none.
template <typename Body>
void Parser::for_each_member(std::uint32_t indent, std::string& docstring, bool may_be_empty, const Body& body) {
  if (!is(":")) {
    if (!may_be_empty) fail("expected ':' and the body, found " + found());
    return;
  }
  take();
  const bool optional = std::exchange(body_optional_, body_optional_);
  ++nesting_;
  if (!token().line_start) {
    body();
    while (accept(",") || accept(";")) body();
  } else {
    if (token().kind == TokenKind::end || token().indent <= indent) {
      fail("expected an indented body here; an empty one is written 'pass'");
    }
    const Layout layout(*this, 0);
    const std::uint32_t outer = std::exchange(block_indent_, token().indent);
    bool first = true;
    while (token().line_start && token().kind != TokenKind::end && token().indent == block_indent_) {
      accept_line();
      if (token().kind == TokenKind::text && token().triple_quoted && breaks_before(1)) {
        const Token text = take();
        if (first) docstring = text.text;
      } else if (token().kind == TokenKind::name && token().text.starts_with("pass") && breaks_before(1)) {
        take();
      } else {
        body();
      }
      first = false;
      end_of_statement();
    }
    if (token().line_start && token().kind != TokenKind::end && token().indent > block_indent_) {
      fail(token().location, "unexpected indentation");
    }
    block_indent_ = outer;
  }
  --nesting_;
  body_optional_ = optional;
}

bool Parser::at_member_function() const {
  return (token().is_word("fn") || token().is_word("me")) && ahead(1).kind == TokenKind::name && !breaks_before(1);
}

Field Parser::parse_field(DeclarationPrefix prefix) {
  Field field;
  field.attributes = std::move(prefix.attributes);
  if ((is_word("var") || is_word("val") || is_word("mut") || is_word("let")) && ahead(1).kind == TokenKind::name) {
    field.is_mutable = take().text != "val";
  }
  field.location = token().location;
  if (kind_now() != TokenKind::name) fail("expected a field or a method, found " + found());
  if (!next_is(":") && !next_is("=")) fail("expected a field 'name: Type' or a method, found " + found());
  field.name = intern(take().text);
  if (accept(":")) field.type = parse_type();
  if (accept("=")) {
    continue_line();
    field.default_value = parse_expression();
  }
  if (is(",") && ahead(1).line_start) take();
  return field;
}

// Base classes, which Simple does not have, and mixins.
void Parser::parse_base(RecordDecl& record) {
  if (is("(") || is_word("extends") ||
      (is(":") && ahead(1).kind == TokenKind::name && !ahead(1).line_start &&
       (ahead(2).is(":") ? ahead(3).line_start : ahead(2).is("{") || ahead(2).line_start))) {
    const bool tuple_form = is("(") && record.form == RecordDecl::Form::struct_ && !strict();
    if (!tuple_form) refuse(token().location, "there is no inheritance in Simple: use a trait, a mixin or a field");
    if (is("(")) {
      const Location opened = take().location;
      const Layout layout(*this, brackets_ + 1);
      while (!is(")")) {
        if (kind_now() == TokenKind::name && next_is(":")) {
          record.fields.push_back(parse_field({}));
        } else {
          parse_type();
        }
        if (!accept(",")) break;
      }
      expect_close(")", "(", opened);
    } else {
      take();
      do {
        parse_type();
      } while (accept(","));
    }
  }
  if (accept_word("with") || (!strict() && accept_word("implements"))) {
    do {
      record.mixins.push_back(parse_single_type());
    } while (accept(",") || accept("+"));
  }
}

StmtPtr Parser::parse_record(DeclarationPrefix prefix, RecordDecl::Form form) {
  const Nested nested(*this);
  const std::uint32_t indent = token().indent;
  take();
  auto record = make<RecordDecl>(token().location);
  record->form = form;
  record->attributes = std::move(prefix.attributes);
  record->is_public = prefix.is_public;
  record->name = expect_name("the type's name");
  record->generics = parse_generic_parameters();
  parse_base(*record);
  parse_where(record->generics);
  const bool optional = std::exchange(body_optional_, form == RecordDecl::Form::mixin || !strict());
  for_each_member(indent, record->docstring, true, [&] { parse_record_member(*record); });
  body_optional_ = optional;
  for (const auto& method : record->methods) grown(*record, method->height);
  for (const StmtPtr& constant : record->constants) grown(*record, constant->height);
  for (const Field& field : record->fields) grown(*record, field.default_value);
  return record;
}

void Parser::parse_record_member(RecordDecl& record) {
  DeclarationPrefix prefix = parse_prefix();
  if (at_member_function()) {
    record.methods.push_back(parse_function(std::move(prefix), false));
    return;
  }
  if (is_word("alias") && ahead(1).kind == TokenKind::name && ahead(2).is("=")) {
    take();
    const Symbol trait = expect_name("a trait's name");
    take();
    record.delegations.emplace_back(trait, expect_name("the field that does the work"));
    return;
  }
  const bool constant = is_word("const") || (prefix.is_static && (is_word("val") || is_word("var")));
  if (constant && ahead(1).kind == TokenKind::name) {
    record.constants.push_back(parse_binding(std::move(prefix)));
    return;
  }
  static constexpr std::string_view inner[] = {"struct", "class", "enum", "type", "impl"};
  for (const std::string_view word : inner) {
    if (is_word(word) && ahead(1).kind == TokenKind::name && !breaks_before(1)) {
      refuse(token().location, "a type is declared at the top level");
      record.constants.push_back(parse_prefixed(std::move(prefix)));
      return;
    }
  }
  if (is_word("use") && ahead(1).kind == TokenKind::name) {
    if (!strict()) {
      parse_type_alias({}, true);
      return;
    }
    fail("a trait's methods are added with: class A with Trait:");
  }
  if (at_contract()) {
    parse_foreign("contract");
    return;
  }
  record.fields.push_back(parse_field(std::move(prefix)));
  while (!strict() && accept(",")) record.fields.push_back(parse_field({}));
}

Variant Parser::parse_variant() {
  Variant variant;
  if (is("|") || (is_word("case") && ahead(1).kind == TokenKind::name)) {
    refuse(token().location, "a variant is its name alone on a line");
    take();
  }
  variant.location = token().location;
  if (kind_now() != TokenKind::name) fail("expected a variant's name, found " + found());
  variant.name = intern(take().text);
  const auto payload = [&](std::string_view close) {
    const Location opened = take().location;
    const Layout layout(*this, brackets_ + 1);
    while (!is(close)) {
      Field field;
      field.location = token().location;
      if (kind_now() == TokenKind::name && next_is(":")) {
        field.name = intern(take().text);
        take();
      }
      field.type = parse_type();
      if (accept("=")) field.default_value = parse_expression();
      variant.fields.push_back(std::move(field));
      if (!accept(",")) break;
    }
    expect_close(close, close == ")" ? "(" : "{", opened);
  };
  if (is("(")) {
    payload(")");
  } else if (is("{")) {
    refuse(token().location, "a payload is written in parentheses");
    payload("}");
  }
  if (accept("=")) variant.discriminant = parse_expression();
  return variant;
}

StmtPtr Parser::parse_enum(DeclarationPrefix prefix) {
  const Nested nested(*this);
  const std::uint32_t indent = token().indent;
  take();
  auto made = make<EnumDecl>(token().location);
  made->attributes = std::move(prefix.attributes);
  made->is_public = prefix.is_public;
  made->name = expect_name("the enum's name");
  made->generics = parse_generic_parameters();
  if (is("(") && !strict()) {
    take();
    made->representation = parse_type();
    expect(")", "after the representation");
  }
  if (is(":") && ahead(1).kind == TokenKind::name && !ahead(1).line_start && ahead(2).is(":")) {
    take();
    made->representation = parse_type();
  }
  if (!strict() && accept_word("with")) {
    do {
      parse_single_type();
    } while (accept(","));
  }
  parse_where(made->generics);
  const bool optional = std::exchange(body_optional_, false);
  for_each_member(indent, made->docstring, false, [&] {
    DeclarationPrefix member = parse_prefix();
    if (at_member_function()) {
      made->methods.push_back(parse_function(std::move(member), false));
      return;
    }
    if (is_word("const") && ahead(1).kind == TokenKind::name && !breaks_before(1)) {
      refuse(token().location, "a constant is declared outside of the enum");
      parse_binding({});
      return;
    }
    made->variants.push_back(parse_variant());
    while (accept(",")) {
      if (at_line_break()) return;
      made->variants.push_back(parse_variant());
    }
    while (!strict() && is("|")) made->variants.push_back(parse_variant());
  });
  body_optional_ = optional;
  for (const auto& method : made->methods) grown(*made, method->height);
  return made;
}

StmtPtr Parser::parse_trait(DeclarationPrefix prefix) {
  const Nested nested(*this);
  const std::uint32_t indent = token().indent;
  take();
  auto made = make<TraitDecl>(token().location);
  made->attributes = std::move(prefix.attributes);
  made->is_public = prefix.is_public;
  made->name = expect_name("the trait's name");
  made->generics = parse_generic_parameters();
  const bool supertraits = is(":") && ahead(1).kind == TokenKind::name && !ahead(1).line_start;
  if (supertraits || is_word("with") || (!strict() && is_word("extends"))) {
    take();
    do {
      made->supertraits.push_back(parse_single_type());
    } while (accept("+") || accept(",") || accept("&"));
  }
  parse_where(made->generics);
  const bool optional = std::exchange(body_optional_, true);
  for_each_member(indent, made->docstring, true, [&] {
    DeclarationPrefix member = parse_prefix();
    body_optional_ = true;
    if (at_member_function()) {
      made->methods.push_back(parse_function(std::move(member), false));
    } else if (is_word("type") && ahead(1).kind == TokenKind::name) {
      const StmtPtr associated = parse_type_alias({}, false);
      made->associated_types.push_back(as<TypeAliasDecl>(*associated).name);
    } else if ((is_word("const") || member.is_static) && ahead(1).kind == TokenKind::name) {
      refuse(token().location, "a trait has methods and fields only");
      parse_field({});
    } else {
      made->fields.push_back(parse_field(std::move(member)));
    }
  });
  body_optional_ = optional;
  for (const auto& method : made->methods) grown(*made, method->height);
  return made;
}

// impl T:, impl Trait for T:, impl<A> Box<A>:
StmtPtr Parser::parse_impl(DeclarationPrefix prefix) {
  const Nested nested(*this);
  const std::uint32_t indent = token().indent;
  take();
  auto made = make<ImplDecl>(token().location);
  made->attributes = std::move(prefix.attributes);
  made->generics = parse_generic_parameters();
  made->location = token().location;
  made->target = parse_type();
  if (accept_word("for")) {
    made->trait = std::move(made->target);
    made->target = parse_type();
  }
  if (!strict() && accept_word("with")) parse_single_type();
  parse_where(made->generics);
  const bool optional = std::exchange(body_optional_, false);
  for_each_member(indent, made->docstring, made->trait != nullptr || !strict(), [&] {
    DeclarationPrefix member = parse_prefix();
    if (at_member_function()) {
      made->methods.push_back(parse_function(std::move(member), false));
    } else if (is_word("type") && ahead(1).kind == TokenKind::name) {
      made->members.push_back(parse_type_alias({}, false));
    } else if ((is_word("val") || is_word("var") || is_word("const")) && ahead(1).kind == TokenKind::name) {
      made->members.push_back(parse_binding(std::move(member)));
    } else if (!strict() && is_word("extern")) {
      made->members.push_back(parse_extern(std::move(member)));
    } else {
      fail("expected a method, found " + found());
    }
  });
  body_optional_ = optional;
  for (const auto& method : made->methods) grown(*made, method->height);
  for (const StmtPtr& member : made->members) grown(*made, member->height);
  return made;
}

}  // namespace stdbind::simple
