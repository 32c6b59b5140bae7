// The inside of the parser, shared by its source files. Layout: kind_now() answers `end` at a line break that counts;
// a construct that goes on over it calls continue_line(). Nesting is bounded by Nested, the height of a tree by
// grown().
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ast.hpp"
#include "lexer.hpp"
#include "parser.hpp"

namespace stdbind::simple {

/// Thrown at the first error of a top-level declaration; the parser goes on at the next one.
struct SyntaxError {
  Location location;
  std::string message;
};

struct DeclarationPrefix {
  std::vector<Attribute> attributes;
  bool is_public = false;
  bool is_static = false;
  bool is_async = false;
};

class Parser {
 public:
  Parser(std::vector<Token> tokens, std::string_view file, const ParseOptions& options, unsigned depth = 0)
      : tokens_(std::move(tokens)), file_(file), options_(options), depth_(depth) {}

  Module parse_module();
  /// The whole input as one expression, for {…} in texts.
  ExprPtr parse_only_expression();

  Diagnostics errors;
  Diagnostics warnings;

 private:
  // ---- tokens and layout (parser.cpp)
  static constexpr unsigned max_depth = 400;
  static constexpr unsigned max_height = 600;

  struct Nested {
    explicit Nested(Parser& parser);
    ~Nested() { --parser_.depth_; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;
    Parser& parser_;
  };

  /// Inside brackets line breaks do not count; a block inside them makes them count again.
  struct Layout {
    Layout(Parser& parser, unsigned brackets) : parser_(parser), saved_(parser.brackets_) {
      parser.brackets_ = brackets;
    }
    ~Layout() { parser_.brackets_ = saved_; }
    Layout(const Layout&) = delete;
    Layout& operator=(const Layout&) = delete;
    Parser& parser_;
    unsigned saved_;
  };

  const Token& token() const { return tokens_[at_]; }
  const Token& ahead(std::size_t n) const { return tokens_[std::min(at_ + n, tokens_.size() - 1)]; }
  bool at_line_break() const {
    return token().kind == TokenKind::end || (token().line_start && brackets_ == 0 && at_ != accepted_);
  }
  TokenKind kind_now() const { return at_line_break() ? TokenKind::end : token().kind; }
  bool is(std::string_view op) const { return !at_line_break() && token().is(op); }
  bool is_word(std::string_view word) const { return !at_line_break() && token().is_word(word); }
  bool next_is(std::string_view op) const { return !breaks_before(1) && ahead(1).is(op); }
  bool breaks_before(std::size_t n) const {
    return ahead(n).kind == TokenKind::end || (ahead(n).line_start && brackets_ == 0);
  }
  Token& take() {
    Token& taken = tokens_[at_];
    if (at_ + 1 < tokens_.size()) ++at_;
    return taken;
  }
  bool accept(std::string_view op);
  bool accept_word(std::string_view word);
  void expect(std::string_view op, std::string_view what);
  void expect_close(std::string_view close, std::string_view open, Location opened);
  void accept_line() { accepted_ = at_; }
  /// After an operator at the end of a line: goes on in the next one.
  void continue_line();
  /// `op` leads the next, more deeply indented line.
  bool leads_next_line(std::initializer_list<std::string_view> ops) const;
  void take_leading_operator(std::string_view shown);
  std::string found() const;
  [[noreturn]] void fail(Location location, std::string message) const;
  /// At this token; where a line is too short, behind its last token.
  [[noreturn]] void fail(std::string message) const {
    fail(at_line_break() && at_ > 0 ? tokens_[at_ - 1].end : token().location, std::move(message));
  }
  /// What check does not allow; --parse-only goes on.
  void refuse(Location location, std::string message);
  void warn(Location location, std::string message);
  bool strict() const { return !options_.parse_only; }
  Symbol expect_name(std::string_view what);
  void split_operator(std::size_t first);

  template <typename T>
  std::unique_ptr<T> make(Location location) {
    auto node = std::make_unique<T>();
    node->location = location;
    return node;
  }
  template <typename Node>
  void grown(Node& node, unsigned child_height) {
    const unsigned height = std::max<unsigned>(node.height, child_height + 1);
    if (height > max_height) fail(node.location, "this is too long or too deeply nested: split it up");
    node.height = static_cast<std::uint16_t>(height);
  }
  template <typename Node>
  void grown(Node& node, const ExprPtr& child) {
    if (child) grown(node, child->height);
  }
  template <typename Node>
  void grown(Node& node, const Block& block) {
    for (const StmtPtr& statement : block.statements) grown(node, statement->height);
  }
  template <typename Node>
  void grown(Node& node, const std::vector<Argument>& arguments) {
    for (const Argument& argument : arguments) grown(node, argument.value);
  }

  // ---- blocks and statements (parse_statement.cpp)
  void recover();
  Block parse_block(std::uint32_t parent_indent);
  Block parse_body(std::uint32_t parent_indent);  ///< from its colon on
  void parse_lines(Block& block, std::uint32_t indent);
  void parse_line(std::vector<StmtPtr>& into);
  void end_of_statement();
  StmtPtr parse_statement();
  StmtPtr parse_word_statement(std::string_view word);
  StmtPtr parse_simple_statement();
  StmtPtr parse_binding(DeclarationPrefix prefix);
  StmtPtr parse_assignment(ExprPtr target, Location location);
  StmtPtr parse_while();
  StmtPtr parse_for();
  StmtPtr parse_loop();
  StmtPtr parse_with(bool is_async);
  StmtPtr parse_defer();
  StmtPtr parse_pass();
  StmtPtr parse_assert();
  StmtPtr parse_asm();
  StmtPtr parse_jump();
  StmtPtr parse_spec_block();
  StmtPtr parse_refused_try();
  StmtPtr parse_foreign(std::string what);
  bool at_spec_block() const;
  bool at_colon_block() const;
  bool at_block_end() const;
  std::vector<Condition> parse_conditions();
  Condition parse_condition();

  // ---- declarations (parse_declaration.cpp, parse_record.cpp, parse_module.cpp)
  bool at_declaration() const;
  StmtPtr parse_declaration();
  DeclarationPrefix parse_prefix();
  void parse_attributes(std::vector<Attribute>& into);
  std::unique_ptr<FunctionDecl> parse_function(DeclarationPrefix prefix, bool is_extern);
  std::vector<Parameter> parse_parameters(std::string_view close);
  bool parse_parameter(Parameter& parameter);
  std::vector<GenericParameter> parse_generic_parameters();
  void parse_where(std::vector<GenericParameter>& generics);
  void finish_function_body(FunctionDecl& function);
  StmtPtr parse_extern(DeclarationPrefix prefix);
  StmtPtr parse_prefixed(DeclarationPrefix prefix);
  void refuse_parameter_self(const Token& word);
  Symbol parse_function_name();
  bool at_contract() const;
  StmtPtr parse_record(DeclarationPrefix prefix, RecordDecl::Form form);
  StmtPtr parse_enum(DeclarationPrefix prefix);
  StmtPtr parse_trait(DeclarationPrefix prefix);
  StmtPtr parse_impl(DeclarationPrefix prefix);
  StmtPtr parse_type_alias(DeclarationPrefix prefix, bool written_alias);
  StmtPtr parse_unit(DeclarationPrefix prefix);
  void parse_record_member(RecordDecl& record);
  void parse_base(RecordDecl& record);
  Field parse_field(DeclarationPrefix prefix);
  void parse_variants(EnumDecl& decl);
  Variant parse_variant();
  bool at_member_function() const;
  template <typename Body>
  void for_each_member(std::uint32_t indent, std::string& docstring, bool may_be_empty, const Body& body);
  StmtPtr parse_use(bool is_public);
  StmtPtr parse_export(bool is_public);
  StmtPtr parse_mod(bool is_public);
  ModulePath parse_module_path();
  std::vector<ImportedName> parse_imported_names(std::string_view close);

  // ---- expressions (parse_expression.cpp, parse_postfix.cpp, parse_primary.cpp, parse_compound.cpp)
  ExprPtr parse_expression();
  ExprPtr parse_binary(int lowest);
  ExprPtr parse_comparison(ExprPtr left, int level);
  ExprPtr parse_range(ExprPtr low);
  ExprPtr parse_unary();
  ExprPtr parse_postfix();
  ExprPtr parse_postfix_of(ExprPtr value);
  ExprPtr parse_member(ExprPtr object);
  ExprPtr parse_call(ExprPtr callee);
  ExprPtr parse_subscript(ExprPtr object);
  ExprPtr parse_generic_call(ExprPtr callee);
  ExprPtr parse_construct(ExprPtr callee);
  ExprPtr parse_cast(ExprPtr value);
  bool at_generic_arguments() const;
  bool at_construct(const Expr& callee) const;
  ExprPtr parse_primary();
  ExprPtr parse_name_or_word();
  ExprPtr parse_number();
  ExprPtr parse_text();
  ExprPtr parse_interpolated();
  ExprPtr parse_embedded(const TextPiece& piece);
  FormatSpec parse_format(const std::string& text, Location location);
  ExprPtr parse_parenthesized();
  ExprPtr parse_array();
  ExprPtr parse_braces();
  ExprPtr parse_if();
  ExprPtr parse_match();
  MatchArm parse_arm(bool& bar_form);
  ExprPtr parse_unsafe();
  ExprPtr parse_lambda();
  ExprPtr parse_fn_lambda();
  ExprPtr parse_bar_lambda();
  ExprPtr parse_jump_expression();
  ExprPtr parse_placeholder();
  void parse_dict_entries(DictExpr& dict);
  bool at_branch(std::string_view word, std::uint32_t indent) const;
  Parameter parse_lambda_parameter();
  ExprPtr parse_do();
  ExprPtr parse_lambda_body(std::unique_ptr<FunctionDecl> function, std::uint32_t indent);
  ExprPtr finish_lambda(std::unique_ptr<FunctionDecl> function, Location location);
  ExprPtr parse_comprehension(ExprPtr key, ExprPtr value, Location location, std::string_view close);
  void parse_clauses(ComprehensionExpr& made);
  ExprPtr parse_value();  ///< an expression, or an indented one below `=`
  void parse_arguments(std::vector<Argument>& into, std::string_view close, Location opened);
  Argument parse_argument();
  ExprPtr wrap_placeholders(ExprPtr value);
  bool can_start_argument() const;
  ExprPtr parse_command_call(ExprPtr callee);
  bool at_expression() const;

  // ---- types and patterns (parse_type.cpp)
  TypePtr parse_type();
  TypePtr parse_single_type();
  TypePtr parse_named_type();
  void parse_type_arguments(std::vector<TypePtr>& into, std::string_view close);
  PatternPtr parse_pattern();
  PatternPtr parse_single_pattern();
  PatternPtr parse_binding_pattern();  ///< names and tuples of val, for and lambdas
  PatternPtr parse_name_pattern();
  void parse_pattern_arguments(Pattern& pattern, std::string_view close);
  PatternPtr wildcard(Location location);

  std::vector<Token> tokens_;
  std::string file_;
  ParseOptions options_;
  std::size_t at_ = 0;
  std::size_t accepted_ = static_cast<std::size_t>(-1);
  unsigned brackets_ = 0;
  unsigned depth_ = 0;
  std::uint32_t block_indent_ = 0;
  unsigned placeholders_ = 0;  ///< highest placeholder of the argument being read
  bool placeholders_allowed_ = false;
  bool suspended_ = false;      ///< a block inside brackets: their closer ends it too
  bool body_optional_ = false;  ///< among the members of a trait
  std::uint32_t if_line_ = 0;   ///< line of the `if` whose branch is being read
  unsigned nesting_ = 0;        ///< blocks around the statement being read
};

}  // namespace stdbind::simple
