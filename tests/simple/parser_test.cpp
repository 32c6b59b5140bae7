// The shape of the tree: precedence, layout, interpolation, and where errors are placed.
#include "parser.hpp"

#include <gtest/gtest.h>

namespace {

using namespace stdbind::simple;

std::string show(const Expr& value);

std::string show_block(const Block& block) {
  std::string text = "{";
  for (const StmtPtr& statement : block.statements) {
    const auto* value = get_if<ExprStmt>(statement.get());
    text += ' ' + (value != nullptr ? show(*value->value) : std::string("stmt"));
  }
  return text + " }";
}

std::string operator_text(BinaryOp op) {
  static constexpr const char* names[] = {"+",  "-",  "*",   "/",  "//",  "%",   "**", "@",  "&",  "|",     "^",
                                          "<<", ">>", "and", "or", "xor", "?\?", "|>", "<|", "in", "not-in"};
  return names[static_cast<std::size_t>(op)];
}

// An expression with all its parentheses.
std::string show(const Expr& value) {
  switch (value.kind) {
    case ExprKind::integer:
      return std::to_string(as<IntegerExpr>(value).value);
    case ExprKind::text:
      return '"' + as<TextExpr>(value).value + '"';
    case ExprKind::name:
      return std::string(spelling(as<NameExpr>(value).name));
    case ExprKind::nil:
      return "nil";
    case ExprKind::boolean:
      return as<BooleanExpr>(value).value ? "true" : "false";
    case ExprKind::binary: {
      const auto& binary = as<BinaryExpr>(value);
      return '(' + show(*binary.left) + ' ' + operator_text(binary.op) + ' ' + show(*binary.right) + ')';
    }
    case ExprKind::comparison: {
      static constexpr const char* names[] = {"==", "!=", "<", "<=", ">", ">=", "is", "is-not"};
      const auto& comparison = as<ComparisonExpr>(value);
      std::string text = "(" + show(*comparison.operands[0]);
      for (std::size_t i = 0; i < comparison.ops.size(); ++i) {
        text += std::string(" ") + names[static_cast<std::size_t>(comparison.ops[i])] + ' ' +
                show(*comparison.operands[i + 1]);
      }
      return text + ')';
    }
    case ExprKind::unary: {
      static constexpr const char* names[] = {"-", "+", "not ", "~", "&", "&mut ", "*"};
      const auto& unary = as<UnaryExpr>(value);
      return '(' + std::string(names[static_cast<std::size_t>(unary.op)]) + show(*unary.operand) + ')';
    }
    case ExprKind::range: {
      const auto& range = as<RangeExpr>(value);
      return '(' + (range.low ? show(*range.low) : "") + (range.inclusive ? "..=" : "..") +
             (range.high ? show(*range.high) : "") + ')';
    }
    case ExprKind::cast:
      return '(' + show(*as<CastExpr>(value).value) + " as T)";
    case ExprKind::try_:
      return show(*as<TryExpr>(value).value) + '?';
    case ExprKind::force:
      return show(*as<ForceExpr>(value).value) + '!';
    case ExprKind::presence:
      return show(*as<PresenceExpr>(value).value) + ".?";
    case ExprKind::await_:
      return "(await " + show(*as<AwaitExpr>(value).value) + ')';
    case ExprKind::field: {
      const auto& field = as<FieldExpr>(value);
      return show(*field.object) + (field.optional ? "?." : ".") + std::string(spelling(field.name));
    }
    case ExprKind::index:
      return show(*as<IndexExpr>(value).object) + '[' + show(*as<IndexExpr>(value).index) + ']';
    case ExprKind::call: {
      const auto& call = as<CallExpr>(value);
      std::string text = show(*call.callee) + '(';
      for (const Argument& argument : call.arguments) {
        if (text.back() != '(') text += ", ";
        if (argument.name) text += std::string(spelling(argument.name)) + ": ";
        text += show(*argument.value);
      }
      return text + ')';
    }
    case ExprKind::method_call: {
      const auto& call = as<MethodCallExpr>(value);
      std::string text = show(*call.object) + (call.optional ? "?." : ".") + std::string(spelling(call.name)) + '(';
      for (const Argument& argument : call.arguments) {
        if (text.back() != '(') text += ", ";
        text += show(*argument.value);
      }
      return text + ')';
    }
    case ExprKind::lambda: {
      const auto& function = *as<LambdaExpr>(value).function;
      std::string text = "\\";
      for (const Parameter& parameter : function.parameters) text += std::string(spelling(parameter.name)) + ' ';
      return text + show_block(*function.body);
    }
    case ExprKind::conditional: {
      const auto& choice = as<ConditionalExpr>(value);
      std::string text = "if";
      for (const auto& branch : choice.branches) {
        text += ' ' + show(*branch.conditions[0].value) + ' ' + show_block(branch.body);
      }
      if (choice.otherwise) text += " else " + show_block(*choice.otherwise);
      return text;
    }
    default:
      return "?";
  }
}

Module parsed(const std::string& source) {
  auto module = parse(source, "t.spl", {.parse_only = true});
  if (module) return std::move(*module);
  ADD_FAILURE() << source << '\n' << to_string(module.error().front());
  return {};
}

std::string shown(const std::string& expression) {
  const Module module = parsed(expression + "\n");
  if (module.statements.size() != 1) return std::to_string(module.statements.size()) + " statements";
  const auto* value = get_if<ExprStmt>(module.statements[0].get());
  return value == nullptr ? "no expression" : show(*value->value);
}

TEST(Precedence, GoesFromPipesToPowers) {
  EXPECT_EQ(shown("a + b * c - d"), "((a + (b * c)) - d)");
  EXPECT_EQ(shown("a ** b ** c"), "(a ** (b ** c))");
  EXPECT_EQ(shown("a & b == c"), "((a & b) == c)");
  EXPECT_EQ(shown("a | b ^ c & d << e + f"), "(a | (b ^ (c & (d << (e + f)))))");
  EXPECT_EQ(shown("a or b and c == d"), "(a or (b and (c == d)))");
  EXPECT_EQ(shown("a < b <= c"), "(a < b <= c)");
  EXPECT_EQ(shown("a < b == c"), "((a < b) == c)");
  EXPECT_EQ(shown("a + 1 .. b | c"), "((a + 1)..(b | c))");
  EXPECT_EQ(shown("x in 0..10"), "(x in (0..10))");
  EXPECT_EQ(shown("x not in xs"), "(x not-in xs)");
  EXPECT_EQ(shown("a |> f |> g"), "((a |> f) |> g)");
  EXPECT_EQ(shown("not a and b"), "((not a) and b)");
  EXPECT_EQ(shown("-a.b"), "(-a.b)");
  EXPECT_EQ(shown("a as T + b"), "((a as T) + b)");
  EXPECT_EQ(shown("await f()?"), "(await f()?)");
}

TEST(Postfix, ChainsFromLeftToRight) {
  EXPECT_EQ(shown("a.b(c).d[e]?"), "a.b(c).d[e]?");
  EXPECT_EQ(shown("a?.b?.c(d)"), "a?.b?.c(d)");
  EXPECT_EQ(shown("a.? ?\? b"), "(a.? ?\? b)");
  EXPECT_EQ(shown("t.0.1"), "t.0.1");
  EXPECT_EQ(shown("a! + b"), "(a! + b)");
  EXPECT_EQ(shown("Map<text, i64>.new()"), "Map.new()");
  EXPECT_EQ(shown("first<Dict<text, [i64]>>(x)"), "first(x)");
  EXPECT_EQ(shown("a < b > (c)"), "(a < b > c)");
  EXPECT_EQ(shown("f(w: 2, h: g(3))"), "f(w: 2, h: g(3))");
}

TEST(Lambdas, AreReadInAllTheirForms) {
  EXPECT_EQ(shown("f(\\x: x + 1, y)"), "f(\\x { (x + 1) }, y)");
  EXPECT_EQ(shown("f(fn(a, b): a)"), "f(\\a b { a })");
  EXPECT_EQ(shown("xs.map(_ * 2)"), "xs.map(\\_1 { (_1 * 2) })");
  EXPECT_EQ(shown("xs.reduce(_ + _)"), "xs.reduce(\\_1 _2 { (_1 + _2) })");
  EXPECT_EQ(shown("xs.reduce(_2 - _1)"), "xs.reduce(\\_1 _2 { (_2 - _1) })");
  EXPECT_EQ(shown("f(_.any(_ > 3))"), "f(\\_1 { _1.any(\\_1 { (_1 > 3) }) })");
  EXPECT_EQ(shown("xs.each \\x:\n    g(x)\n    h(x)"), "xs.each(\\x { g(x) h(x) })");
  EXPECT_EQ(shown("xs.map(\\x:\n    g(x)\n    h(x)\n).size()"), "xs.map(\\x { g(x) h(x) }).size()");
  EXPECT_EQ(shown("5 |> (_ * 2)"), "(5 |> \\_1 { (_1 * 2) })");
}

TEST(Layout, EndsLinesWhereItCounts) {
  EXPECT_EQ(shown("(a\n+ b)"), "(a + b)");
  EXPECT_EQ(shown("a +\n    b"), "(a + b)");
  EXPECT_EQ(shown("a\nb"), "2 statements");
  EXPECT_EQ(shown("if a: b else: c"), "if a { b } else { c }");
  EXPECT_EQ(shown("if a:\n    b\n    c\nelif d: e\nelse if f:\n    g\nelse:\n    h"),
            "if a { b c } d { e } f { g } else { h }");
  EXPECT_EQ(shown("if a and\n        b:\n    c"), "if (a and b) { c }");
  EXPECT_EQ(shown("if a:\n    if b: c\nelse:\n    d"), "if a { if b { c } } else { d }");
  EXPECT_EQ(shown("f(if a: b else: c, d)"), "f(if a { b } else { c }, d)");
  EXPECT_EQ(shown("f(\n    a,\n    b,\n)"), "f(a, b)");
}

TEST(Texts, AreSplitIntoPieces) {
  const Module module = parsed("\"a{x + 1:>8.2f}b{{c}}{if y: \"d\" else: \"e\"}\"\n");
  const auto& made = as<InterpolationExpr>(*as<ExprStmt>(*module.statements.at(0)).value);
  ASSERT_EQ(made.parts.size(), 3U);
  EXPECT_EQ(made.parts[0].text, "a");
  EXPECT_EQ(show(*made.parts[0].value), "(x + 1)");
  EXPECT_EQ(made.parts[0].format.text, ">8.2f");
  EXPECT_EQ(made.parts[0].format.align, '>');
  EXPECT_EQ(made.parts[0].format.width, 8);
  EXPECT_EQ(made.parts[0].format.precision, 2);
  EXPECT_EQ(made.parts[0].format.type, 'f');
  EXPECT_EQ(made.parts[1].text, "b{c}");
  EXPECT_EQ(show(*made.parts[1].value), "if y { \"d\" } else { \"e\" }");
  EXPECT_EQ(made.parts[2].value, nullptr);
}

TEST(Texts, KeepWhatIsRaw) {
  EXPECT_EQ(shown("'a{x}\\n\\'b'"), "\"a{x}\\n'b\"");
  EXPECT_EQ(shown("r\"a{x}\\n\""), "\"a{x}\\n\"");
  EXPECT_EQ(shown("\"a{{x}}\\n\\t\\u{e9}\\x41\""),
            "\"a{x}\n\t\xc3\xa9"
            "A\"");
  EXPECT_EQ(shown("f(\"\"\"a\n{x}\"\"\")"), "f(\"a\n{x}\")");
}

TEST(Texts, PlaceErrorsInsideTheirBraces) {
  const auto module = parse("val t = 1\nval s = \"ab {t +} c\"\n", "t.spl");
  ASSERT_FALSE(module);
  EXPECT_EQ(module.error().front().line, 2U);
  EXPECT_EQ(module.error().front().column, 17U);
}

TEST(Errors, AreReportedForEveryDeclaration) {
  const auto module = parse("fn f(:\n    1\nfn g() -> i64: 1\nval x = )\nlet y = 2\n", "t.spl");
  ASSERT_FALSE(module);
  ASSERT_EQ(module.error().size(), 3U);
  EXPECT_EQ(module.error()[0].line, 1U);
  EXPECT_EQ(module.error()[1].line, 4U);
  EXPECT_EQ(to_string(module.error()[2]), "t.spl:5:1: 'let' is the old form: write 'val' ('var' for what changes)");
}

TEST(Errors, DeprecatedFormsAreWarnings) {
  const auto module = parse("struct P:\n    x: i64\nfn f(a: Box[i64]) -> P: P { x: 1 }\n", "t.spl");
  ASSERT_TRUE(module);
  ASSERT_EQ(module->warnings.size(), 2U);
  EXPECT_EQ(to_string(module->warnings[0]),
            "t.spl:3:12: warning: type arguments in [ ] are deprecated: write <\xe2\x80\xa6>");
}

TEST(Declarations, KeepTheirParts) {
  const Module module = parsed(
      "\"\"\"About.\"\"\"\n@unsafe(reason: \"r\", capabilities: [ffi])\nextern fn rt_f(a: text) -> i64\n"
      "struct P<T>:\n    \"\"\"Doc.\"\"\"\n    x: T\n    static fn make() -> P<T>: P(x: 1)\n    me set(v: T): self.x = "
      "v\n"
      "use a.b.{c as d, e}\nexport P\n");
  EXPECT_EQ(module.docstring, "About.");
  ASSERT_EQ(module.statements.size(), 4U);
  const auto& external = as<FunctionDecl>(*module.statements[0]);
  EXPECT_TRUE(external.is_extern);
  EXPECT_EQ(spelling(external.attributes.at(0).name), "unsafe");
  const auto& record = as<RecordDecl>(*module.statements[1]);
  EXPECT_EQ(record.docstring, "Doc.");
  EXPECT_EQ(record.fields.size(), 1U);
  EXPECT_TRUE(record.methods.at(0)->is_static);
  EXPECT_TRUE(record.methods.at(1)->is_mutating);
  const auto& use = as<UseDecl>(*module.statements[2]);
  EXPECT_EQ(use.path.parts.size(), 2U);
  EXPECT_EQ(spelling(use.names.at(0).alias), "d");
}

}  // namespace
