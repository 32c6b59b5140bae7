// The words of std.spec: blocks, expect with its matchers, the assert functions.
#include <algorithm>
#include <array>
#include <cmath>
#include <regex>

#include "format.hpp"
#include "spec.hpp"

namespace stdbind::simple {

namespace {

constexpr std::array<std::string_view, 19> spec_words = {
    "describe",         "context",         "it",         "slow_it", "pending",       "skip",         "before_each",
    "after_each",       "before_all",      "after_all",  "expect",  "assert_true",   "assert_false", "assert_equal",
    "assert_not_equal", "assert_contains", "assert_nil", "fail",    "assert_not_nil"};

struct SpecBlockNode final : Node {
  std::string word;
  std::string name;
  NodePtr body;
  using Node::Node;
  Value eval(Frame& frame) const override {
    SpecRun& run = *frame.machine->spec;
    if (word == "describe" || word == "context") {
      run.group(frame, name, *body);
    } else if (word == "it" || word == "slow_it") {
      run.example(frame, location, name, *body);
    } else if (word == "pending" || word == "skip") {
      run.skip(name);
    } else {
      run.hook(frame, word, *body);
    }
    return {};
  }
};

bool is_truthy(const Value& value) {
  if (value.is_nil() || (value.is_boolean() && !value.boolean())) return false;
  if (value.is_integer()) return value.wide() != 0;
  if (value.is_floating()) return value.floating() != 0;
  if (value.is_text()) return !value.text().empty();
  if (value.is_array() || value.tag() == Tag::tuple) return !value.items().empty();
  return value.tag() != Tag::dict || !value.dict().entries.empty();
}

std::int64_t length_of(const Value& value) {
  if (value.is_text()) return static_cast<std::int64_t>(value.text().size());
  if (value.is_array() || value.tag() == Tag::tuple) return static_cast<std::int64_t>(value.items().size());
  if (value.tag() == Tag::dict) return static_cast<std::int64_t>(value.dict().entries.size());
  raise(type_name(value) + " has no length");
}

double number_of(const Value& value) {
  if (value.is_floating()) return value.floating();
  if (value.is_integer()) return static_cast<double>(value.wide());
  raise(type_name(value) + " is not a number");
}

bool is_close(const Value& actual, const Arguments& expected) {
  const double tolerance = expected.size() > 1 ? number_of(expected[1]) : 1e-9;
  return std::fabs(number_of(actual) - number_of(expected[0])) <= tolerance;
}

bool matches(const Value& actual, const Arguments& expected) {
  if (!actual.is_text()) raise("to_match is for text, not " + type_name(actual));
  try {
    return std::regex_search(actual.text(), std::regex(text_argument(expected, 0)));
  } catch (const std::regex_error& error) {
    raise(std::string("to_match: ") + error.what());
  }
}

struct MatcherEntry {
  std::string_view name;
  std::string_view words;  ///< "expected A WORDS B"
  std::size_t least, most;
  bool (*holds)(const Value& actual, const Arguments& expected);
};

constexpr std::array<MatcherEntry, 16> matchers = {{
    {"to_equal", "to equal", 1, 1, [](const Value& a, const Arguments& e) { return equal(a, e[0]); }},
    {"to_be", "to be", 1, 1, [](const Value& a, const Arguments& e) { return equal(a, e[0]); }},
    {"to_be_nil", "to be nil", 0, 0, [](const Value& a, const Arguments&) { return a.is_nil(); }},
    {"to_be_truthy", "to be truthy", 0, 0, [](const Value& a, const Arguments&) { return is_truthy(a); }},
    {"to_be_falsy", "to be falsy", 0, 0, [](const Value& a, const Arguments&) { return !is_truthy(a); }},
    {"to_contain", "to contain", 1, 1, [](const Value& a, const Arguments& e) { return contains(a, e[0]); }},
    {"to_start_with", "to start with", 1, 1,
     [](const Value& a, const Arguments& e) { return text_argument({a}, 0).starts_with(text_argument(e, 0)); }},
    {"to_end_with", "to end with", 1, 1,
     [](const Value& a, const Arguments& e) { return text_argument({a}, 0).ends_with(text_argument(e, 0)); }},
    {"to_be_greater_than", "to be greater than", 1, 1,
     [](const Value& a, const Arguments& e) { return order(a, e[0]) > 0; }},
    {"to_be_less_than", "to be less than", 1, 1, [](const Value& a, const Arguments& e) { return order(a, e[0]) < 0; }},
    {"to_be_at_least", "to be at least", 1, 1, [](const Value& a, const Arguments& e) { return order(a, e[0]) >= 0; }},
    {"to_be_at_most", "to be at most", 1, 1, [](const Value& a, const Arguments& e) { return order(a, e[0]) <= 0; }},
    {"to_have_length", "to have length", 1, 1,
     [](const Value& a, const Arguments& e) { return length_of(a) == integer_argument(e, 0); }},
    {"to_be_empty", "to be empty", 0, 0, [](const Value& a, const Arguments&) { return length_of(a) == 0; }},
    {"to_be_close_to", "to be close to", 1, 2, [](const Value& a, const Arguments& e) { return is_close(a, e); }},
    {"to_match", "to match", 1, 1, [](const Value& a, const Arguments& e) { return matches(a, e); }},
}};

struct MatcherNode final : Node {
  NodePtr actual;
  const MatcherEntry* entry = nullptr;
  bool negated = false;
  std::vector<NodePtr> arguments;
  using Node::Node;
  Value eval(Frame& frame) const override {
    SpecRun& run = *frame.machine->spec;
    run.expected(frame, location);
    const Value value = actual->eval(frame);
    Arguments expected;
    for (const NodePtr& argument : arguments) expected.push_back(argument->eval(frame));
    placed(frame, location, [&] {
      if (entry->holds(value, expected) != negated) return;
      std::string text = "expected " + quoted(value) + (negated ? " not " : " ") + std::string(entry->words);
      if (!expected.empty()) text += " " + quoted(expected[0]);
      if (!expected.empty() && value.tag() != expected[0].tag()) {
        text += " (" + type_name(value) + " and " + type_name(expected[0]) + ")";
      }
      run.fail(frame, location, std::move(text));
    });
    return {};
  }
};

/// expect(x) without a matcher: x must be a bool, or nothing was checked.
struct ExpectNode final : Node {
  NodePtr value;
  NodePtr left, right;  ///< of a comparison, to be shown
  ComparisonOp op = ComparisonOp::equal;
  using Node::Node;
  Value eval(Frame& frame) const override {
    SpecRun& run = *frame.machine->spec;
    run.expected(frame, location);
    if (left != nullptr) {
      const Value a = left->eval(frame);
      const Value b = right->eval(frame);
      static constexpr std::array<std::string_view, 8> signs = {"==", "!=", "<", "<=", ">", ">=", "is", "is not"};
      placed(frame, location, [&] {
        if (holds(op, a, b)) return;
        run.fail(frame, location,
                 "expected " + quoted(a) + " " + std::string(signs[static_cast<std::size_t>(op)]) + " " + quoted(b));
      });
      return {};
    }
    const Value shown = value->eval(frame);
    if (!shown.is_boolean()) {
      run.fail(frame, location, "expect without a matcher checks nothing: " + type_name(shown) + " is not a bool");
    } else if (!shown.boolean()) {
      run.fail(frame, location, "expected true, got false");
    }
    return {};
  }
};

struct AssertCallNode final : Node {
  std::string word;
  std::vector<NodePtr> arguments;
  using Node::Node;

  /// Empty when it holds.
  std::string problem(const Arguments& values) const {
    const auto flag = [&](bool wanted) -> std::string {
      if (!values[0].is_boolean()) return "expected a bool, got " + type_name(values[0]);
      return values[0].boolean() == wanted
                 ? ""
                 : std::string("expected ") + (wanted ? "true, got false" : "false, got true");
    };
    if (word == "fail") return values.empty() ? "fail" : display(values[0]);
    if (word == "assert_true") return flag(true);
    if (word == "assert_false") return flag(false);
    if (word == "assert_nil") return values[0].is_nil() ? "" : "expected nil, got " + quoted(values[0]);
    if (word == "assert_not_nil") return values[0].is_nil() ? "expected a value, got nil" : "";
    if (word == "assert_contains") {
      return contains(values[0], values[1]) ? "" : "expected " + quoted(values[0]) + " to contain " + quoted(values[1]);
    }
    const bool wanted = word == "assert_equal";
    if (equal(values[0], values[1]) == wanted) return "";
    return "expected " + quoted(values[0]) + (wanted ? " to equal " : " not to equal ") + quoted(values[1]);
  }
  Value eval(Frame& frame) const override {
    SpecRun& run = *frame.machine->spec;
    run.expected(frame, location);
    Arguments values;
    for (const NodePtr& argument : arguments) values.push_back(argument->eval(frame));
    std::string text = placed(frame, location, [&] { return problem(values); });
    if (!text.empty()) run.fail(frame, location, std::move(text));
    return {};
  }
};

const CallExpr* expect_call(const Expr& expression) {
  const auto* call = get_if<CallExpr>(&expression);
  const auto* name = call != nullptr ? get_if<NameExpr>(call->callee.get()) : nullptr;
  return name != nullptr && spelling(name->name) == "expect" ? call : nullptr;
}

/// expect(x), or expect(x).not_(); null for anything else.
const CallExpr* expectation(const Expr& expression, bool& negated) {
  if (const CallExpr* call = expect_call(expression)) return call;
  const auto* method = get_if<MethodCallExpr>(&expression);
  if (method == nullptr || spelling(method->name) != "not_") return nullptr;
  negated = true;
  return expect_call(*method->object);
}

}  // namespace

bool Compiler::spec_word(Symbol name) const {
  return unit_.uses_spec && std::ranges::find(spec_words, spelling(name)) != spec_words.end();
}

bool Compiler::is_expect_chain(const Expr& expression) const {
  bool negated = false;
  const auto* method = get_if<MethodCallExpr>(&expression);
  return unit_.uses_spec && method != nullptr && find_entity(intern("expect")) == nullptr &&
         expectation(*method->object, negated) != nullptr;
}

NodePtr Compiler::compile_spec_block(const SpecBlockStmt& statement) {
  const std::string word(spelling(statement.word));
  if (!unit_.uses_spec) refuse(statement.location, word + " needs: use std.spec.{describe, it, expect}");
  auto node = std::make_unique<SpecBlockNode>(statement.location);
  node->word = word;
  if (const auto* name = get_if<TextExpr>(statement.name.get())) {
    node->name = name->value;
  } else if (statement.name != nullptr) {
    refuse(statement.name->location, "the names of groups and examples are plain text");
  }
  const bool hook = word == "before_each" || word == "after_each" || word == "before_all" || word == "after_all";
  const bool was_hook = scope_->in_hook;
  const std::size_t floor = scope_->hook_floor;
  if (hook) {
    scope_->in_hook = true;
    scope_->hook_floor = scope_->variables.size();
  }
  std::vector<Symbol> loops;
  std::swap(loops, scope_->loops);  // a break cannot leave the block
  node->body = compile_block(statement.body);
  std::swap(loops, scope_->loops);
  scope_->in_hook = was_hook;
  scope_->hook_floor = floor;
  return node;
}

NodePtr Compiler::compile_spec_call(Location location, std::string_view word, const std::vector<Argument>& arguments) {
  if (!word.starts_with("assert_") && word != "fail") {
    refuse(location, "write " + std::string(word) + " as a block: " + std::string(word) + " \"…\":");
  }
  auto node = std::make_unique<AssertCallNode>(location);
  node->word = word;
  node->arguments = compile_positional(location, arguments, word);
  const bool two = word == "assert_equal" || word == "assert_not_equal" || word == "assert_contains";
  const std::size_t least = word == "fail" ? 0 : two ? 2 : 1;
  const std::size_t most = word == "fail" ? 1 : least + 1;  // a message may follow
  if (node->arguments.size() < least || node->arguments.size() > most) {
    refuse(location, std::string(word) + " does not take " + std::to_string(node->arguments.size()) + " arguments");
  }
  return node;
}

NodePtr Compiler::compile_expect(const CallExpr& call) {
  if (call.arguments.size() != 1) refuse(call.location, "expect takes one value");
  auto node = std::make_unique<ExpectNode>(call.location);
  const Expr& value = *call.arguments[0].value;
  if (const auto* comparison = get_if<ComparisonExpr>(&value);
      comparison != nullptr && comparison->ops.size() == 1 && !type_named_by(*comparison->operands[1])) {
    node->left = compile_value(*comparison->operands[0]);
    node->right = compile_value(*comparison->operands[1]);
    node->op = comparison->ops[0];
    return node;
  }
  node->value = compile_condition(value);
  return node;
}

NodePtr Compiler::compile_matcher(const MethodCallExpr& call) {
  const std::string_view name = spelling(call.name);
  if (name == "not_") refuse(call.location, "not_() is followed by a matcher");
  auto node = std::make_unique<MatcherNode>(call.location);
  const CallExpr* expect = expectation(*call.object, node->negated);
  const auto entry = std::ranges::find(matchers, name, &MatcherEntry::name);
  if (name == "to_be_true" || name == "to_be_false") {
    refuse(call.location, std::string(name) + " is refused by the real engines: write to_equal(" +
                              (name == "to_be_true" ? "true)" : "false)"));
  }
  if (entry == matchers.end()) refuse(call.location, "unknown matcher: " + std::string(name));
  if (expect->arguments.size() != 1) refuse(expect->location, "expect takes one value");
  node->entry = &*entry;
  node->actual = compile_value(*expect->arguments[0].value);
  node->arguments = compile_positional(call.location, call.arguments, name);
  if (node->arguments.size() < entry->least || node->arguments.size() > entry->most) {
    refuse(call.location,
           std::string(name) + " does not take " + std::to_string(node->arguments.size()) + " arguments");
  }
  return node;
}

}  // namespace stdbind::simple
