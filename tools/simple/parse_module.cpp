// use, export and mod.
#include "parser_impl.hpp"

namespace stdbind::simple {

// a.b.c up to what is imported; the cursor stands before `.{`, `.*`, `(` or the end.
ModulePath Parser::parse_module_path() {
  ModulePath path;
  while (is(".") || is("..") || is("...")) {
    path.leading_dots += static_cast<std::uint32_t>(take().text.size());
    if (is("{") || is("*")) return path;
  }
  while (true) {
    if (kind_now() != TokenKind::name) fail("expected a module's name, found " + found());
    Symbol part = intern(take().text);
    path.parts.push_back(part);
    if (is("-") && !strict() && ahead(1).kind == TokenKind::name) {
      take();
      take();
    }
    if (!is(".") && !is("::")) return path;
    if (is("::")) refuse(token().location, "'::' is the old form: write '.'");
    if (next_is("{") || next_is("*") || next_is("(")) return path;
    take();
  }
}

std::vector<ImportedName> Parser::parse_imported_names(std::string_view close) {
  std::vector<ImportedName> names;
  const Location opened = token().location;
  const Layout layout(*this, brackets_ + 1);
  while (!is(close)) {
    ImportedName name;
    name.location = token().location;
    if (accept("*")) {
      refuse(name.location, "everything is imported with '.*', outside of the braces");
    } else {
      if (kind_now() != TokenKind::name) fail("expected a name, found " + found());
      name.name = intern(take().text);
      while (!strict() && (is(".") || is("::"))) {
        take();
        if (is("{")) {
          take();
          parse_imported_names("}");
          break;
        }
        take();
      }
    }
    if (accept_word("as")) {
      if (kind_now() != TokenKind::name) fail("expected a name after 'as', found " + found());
      name.alias = intern(take().text);
    }
    names.push_back(name);
    if (!accept(",")) break;
  }
  expect_close(close, close == "}" ? "{" : "(", opened);
  return names;
}

StmtPtr Parser::parse_use(bool is_public) {
  const Token word = take();
  auto made = make<UseDecl>(word.location);
  made->is_public = is_public;
  made->is_common = word.suffix == "common";
  made->written_import = word.text != "use";
  if (made->written_import) refuse(word.location, "'" + word.text + "' is deprecated: write use a.b.{name}");
  if (nesting_ != 0) refuse(word.location, "imports stand at the top level of the file");
  if (word.text == "from") {
    if (kind_now() == TokenKind::interpolated) {
      parse_text();
    } else {
      made->path = parse_module_path();
    }
    if (!accept_word("import")) fail("expected 'import', found " + found());
    if (accept("*")) {
      made->everything = true;
      return made;
    }
    const bool brackets = is("(") || is("{");
    if (brackets) {
      const bool round = take().text == "(";
      made->names = parse_imported_names(round ? ")" : "}");
    } else {
      do {
        ImportedName name;
        name.location = token().location;
        name.name = expect_name("a name");
        made->names.push_back(name);
      } while (accept(","));
    }
    made->has_names = true;
    return made;
  }
  if (is_word("lazy") || is_word("type")) {
    if (ahead(1).kind == TokenKind::name) {
      refuse(token().location, "'use " + token().text + "' is not supported here");
      take();
    }
  }
  if (kind_now() == TokenKind::text || kind_now() == TokenKind::interpolated) {
    refuse(token().location, "a module is named by its path: use a.b.{name}");
    parse_text();
    return made;
  }
  made->path = parse_module_path();
  if ((is(".") || is("::")) && (next_is("{") || next_is("*") || next_is("("))) take();
  if (is("{") || is("(")) {
    const bool round = take().text == "(";
    made->has_names = true;
    made->names = parse_imported_names(round ? ")" : "}");
    if (made->names.empty()) refuse(made->location, "nothing is imported: name what is needed");
  } else if (accept("*")) {
    made->everything = true;
  }
  if (is_word("as")) {
    refuse(token().location, "a module has no alias in Simple: write use a.b.{name as other}");
    take();
    made->alias = expect_name("the alias");
  }
  while (!strict() && accept(",")) parse_module_path();
  if (!strict() && accept_word("from")) parse_text();
  return made;
}

// export f, T; export use m.{f}; export m.{f}
StmtPtr Parser::parse_export(bool is_public) {
  const Token word = take();
  if (nesting_ != 0) refuse(word.location, "exports stand at the top level of the file");
  if (is_word("use")) {
    StmtPtr use = parse_use(is_public);
    as<UseDecl>(*use).is_export = true;
    return use;
  }
  if (is_word("fn") || is_word("struct") || is_word("class") || is_word("enum") || is_word("val") || is_word("const")) {
    refuse(word.location, "what is declared is exported by 'export name' on a line of its own");
    return parse_statement();
  }
  auto made = make<ExportDecl>(word.location);
  if (accept("*")) {
    made->everything = true;
    return made;
  }
  const bool brackets = is("{") || is("(");
  if (brackets) {
    const bool round = take().text == "(";
    made->names = parse_imported_names(round ? ")" : "}");
  } else {
    while (true) {
      ImportedName name;
      name.location = token().location;
      if (kind_now() != TokenKind::name) fail("expected a name to export, found " + found());
      name.name = intern(take().text);
      if (is(".")) {
        // export m.{f}: another module's names, as with export use.
        --at_;
        auto use = make<UseDecl>(word.location);
        use->is_export = true;
        use->path = parse_module_path();
        if (is(".") && (next_is("{") || next_is("*"))) take();
        if (accept("{")) {
          use->has_names = true;
          use->names = parse_imported_names("}");
        } else if (accept("*")) {
          use->everything = true;
        }
        return use;
      }
      if (accept_word("as")) {
        if (kind_now() != TokenKind::name) fail("expected a name after 'as', found " + found());
        name.alias = intern(take().text);
      }
      made->names.push_back(name);
      if (!accept(",")) break;
      if (token().line_start) continue_line();
    }
  }
  if (accept_word("from")) {
    refuse(word.location, "another module's names are exported with: export use m.{f}");

    parse_module_path();
  }
  return made;
}

StmtPtr Parser::parse_mod(bool is_public) {
  const std::uint32_t indent = token().indent;
  auto made = make<ModDecl>(take().location);
  made->is_public = is_public;
  made->name = expect_name("the module's name");
  if (is(":")) {
    refuse(token().location, "a module is a file: it has no block");
    made->body = parse_body(indent);
  }
  return made;
}

}  // namespace stdbind::simple
