// Literals, interpolated text, arrays, dicts, tuples, ranges and comprehensions.
#include "format.hpp"
#include "nodes.hpp"

namespace stdbind::simple {

namespace {

struct InterpolationNode final : Node {
  struct Part {
    std::string text;
    NodePtr value;
    const FormatSpec* format;
  };
  std::vector<Part> parts;
  using Node::Node;
  Value eval(Frame& frame) const override {
    std::string out;
    for (const Part& part : parts) {
      out += part.text;
      if (part.value == nullptr) continue;
      Value scratch;
      const Value& value = part.value->ref(frame, scratch);
      placed(frame, part.value->location, [&] {
        if (part.format->text.empty()) {
          display_to(out, value);
        } else {
          out += format(value, *part.format);
        }
        check_text(out.size());
      });
    }
    return Value::text(std::move(out));
  }
};

struct ArrayNode final : Node {
  struct Element {
    NodePtr value;
    bool spread;
  };
  std::vector<Element> elements;
  using Node::Node;
  Value eval(Frame& frame) const override {
    std::vector<Value> items;
    items.reserve(elements.size());
    for (const Element& element : elements) {
      Value value = element.value->eval(frame);
      if (!element.spread) {
        items.push_back(std::move(value));
        continue;
      }
      if (!value.is_array())
        frame.machine->fail(frame, location, "only an array can be spread, not " + type_name(value));
      placed(frame, location, [&] { check_elements(items.size() + value.items().size()); });
      items.insert(items.end(), value.items().begin(), value.items().end());
    }
    return Value::array(std::move(items));
  }
};

struct RepeatNode final : Node {
  NodePtr value, count;
  using Node::Node;
  Value eval(Frame& frame) const override {
    const Value element = value->eval(frame);
    const Value times = count->eval(frame);
    return placed(frame, location, [&] {
      if (!times.is_integer() || times.wide() < 0) raise("the count of [value; count] must be an integer from 0 on");
      check_elements(static_cast<std::size_t>(times.integer()));
      return Value::array(std::vector<Value>(static_cast<std::size_t>(times.integer()), element));
    });
  }
};

struct DictNode final : Node {
  std::vector<std::pair<NodePtr, NodePtr>> entries;
  using Node::Node;
  Value eval(Frame& frame) const override {
    auto* dict = new DictObject;
    Value result = Value::own(dict);
    for (const auto& [key, value] : entries) {
      const Value k = key->eval(frame);
      Value v = value->eval(frame);
      placed(frame, location, [&] { dict->set(k, std::move(v)); });
    }
    return result;
  }
};

struct TupleNode final : Node {
  std::vector<NodePtr> elements;
  const std::vector<Symbol>* labels = nullptr;
  using Node::Node;
  Value eval(Frame& frame) const override {
    std::vector<Value> items;
    for (const NodePtr& element : elements) items.push_back(element->eval(frame));
    return Value::own(new TupleObject(std::move(items), labels));
  }
};

struct RangeNode final : Node {
  NodePtr low, high;
  bool inclusive = false;
  using Node::Node;
  Value eval(Frame& frame) const override {
    const Value from = low->eval(frame);
    const Value to = high->eval(frame);
    return placed(frame, location, [&] {
      const std::int64_t first = integer_argument({from}, 0);
      std::int64_t last = integer_argument({to}, 0);
      if (inclusive && __builtin_add_overflow(last, 1, &last)) raise("a range up to the largest i64");
      return Value::own(new RangeObject(first, last));
    });
  }
};

/// One `for` of a comprehension; the innermost adds the value.
struct ComprehensionNode final : Node {
  struct Clause {
    MatcherPtr pattern;
    NodePtr source;
    std::vector<NodePtr> conditions;
  };
  std::vector<Clause> clauses;
  NodePtr key, value;
  using Node::Node;

  void run(Frame& frame, std::size_t depth, std::vector<Value>& items, DictObject* dict) const {
    if (depth == clauses.size()) {
      if (dict != nullptr) {
        const Value k = key->eval(frame);
        Value v = value->eval(frame);
        placed(frame, location, [&] { dict->set(k, std::move(v)); });
      } else {
        placed(frame, location, [&] { check_elements(items.size() + 1); });
        items.push_back(value->eval(frame));
      }
      return;
    }
    const Clause& clause = clauses[depth];
    const Value source = clause.source->eval(frame);
    const auto each = [&](const Value& item) {
      frame.machine->count_step(frame, location);
      if (!clause.pattern->match(frame, item)) {
        frame.machine->fail(frame, clause.source->location, "the pattern does not fit " + type_name(item));
      }
      for (const NodePtr& condition : clause.conditions) {
        if (!condition->test(frame)) return;
      }
      run(frame, depth + 1, items, dict);
    };
    if (source.tag() == Tag::range) {
      for (std::int64_t i = source.range().low; i < source.range().high; ++i) each(Value::integer(i));
    } else if (source.is_array()) {
      for (const Value& item : source.items()) each(item);
    } else {
      frame.machine->fail(frame, clause.source->location, type_name(source) + " cannot be iterated");
    }
  }
  Value eval(Frame& frame) const override {
    std::vector<Value> items;
    if (key == nullptr) {
      run(frame, 0, items, nullptr);
      return Value::array(std::move(items));
    }
    auto* dict = new DictObject;
    Value result = Value::own(dict);
    run(frame, 0, items, dict);
    return result;
  }
};

}  // namespace

NodePtr Compiler::compile_literal(const Expr& expression) {
  const Location at = expression.location;
  switch (expression.kind) {
    case ExprKind::integer: {
      const auto& number = as<IntegerExpr>(expression);
      IntKind kind = IntKind::i64;
      if (number.suffix) {
        const auto named = int_kind_named(spelling(number.suffix));
        if (!named) {
          if (spelling(number.suffix) == "f64") {
            return std::make_unique<ConstantNode>(at, Value::floating(static_cast<double>(number.value)));
          }
          refuse(at, "unknown suffix of a number: " + std::string(spelling(number.suffix)));
        }
        kind = *named;
      }
      if (!fits(static_cast<Wide>(number.value), kind)) {
        refuse(at, std::to_string(number.value) + " does not fit " + std::string(name_of(kind)));
      }
      auto node = std::make_unique<ConstantNode>(at, Value::integer(static_cast<std::int64_t>(number.value), kind));
      node->is_literal = !number.suffix;
      return node;
    }
    case ExprKind::floating: {
      const auto& number = as<FloatExpr>(expression);
      if (number.suffix && spelling(number.suffix) != "f64") {
        refuse(at, "only f64 is supported here, not " + std::string(spelling(number.suffix)));
      }
      return std::make_unique<ConstantNode>(at, Value::floating(number.value));
    }
    case ExprKind::text: {
      const auto& text = as<TextExpr>(expression);
      if (text.suffix) refuse(at, "typed text literals are not supported here");
      return std::make_unique<ConstantNode>(at, Value::text(text.value));
    }
    case ExprKind::boolean:
      return std::make_unique<ConstantNode>(at, Value::boolean(as<BooleanExpr>(expression).value));
    default:
      return std::make_unique<ConstantNode>(at, Value());
  }
}

NodePtr Compiler::compile_interpolation(const InterpolationExpr& text) {
  auto node = std::make_unique<InterpolationNode>(text.location);
  for (const InterpolationPart& part : text.parts) {
    node->parts.push_back({part.text, part.value != nullptr ? compile_value(*part.value) : nullptr,
                           part.value != nullptr ? &part.format : nullptr});
  }
  return node;
}

NodePtr Compiler::compile_collection(const Expr& expression) {
  const Location at = expression.location;
  switch (expression.kind) {
    case ExprKind::array: {
      auto node = std::make_unique<ArrayNode>(at);
      for (const Argument& element : as<ArrayExpr>(expression).elements) {
        node->elements.push_back({compile_value(*element.value), element.spread});
      }
      return node;
    }
    case ExprKind::array_repeat: {
      const auto& repeat = as<ArrayRepeatExpr>(expression);
      auto node = std::make_unique<RepeatNode>(at);
      node->value = compile_value(*repeat.value);
      node->count = compile_value(*repeat.count);
      return node;
    }
    case ExprKind::dict: {
      auto node = std::make_unique<DictNode>(at);
      for (const auto& [key, value] : as<DictExpr>(expression).entries) {
        NodePtr compiled = compile_value(*key);
        node->entries.emplace_back(std::move(compiled), compile_value(*value));
      }
      return node;
    }
    case ExprKind::tuple: {
      const auto& tuple = as<TupleExpr>(expression);
      if (tuple.elements.empty()) return std::make_unique<ConstantNode>(at, Value());
      auto node = std::make_unique<TupleNode>(at);
      for (const ExprPtr& element : tuple.elements) node->elements.push_back(compile_value(*element));
      if (!tuple.labels.empty()) node->labels = &tuple.labels;
      return node;
    }
    default: {
      const auto& range = as<RangeExpr>(expression);
      if (range.low == nullptr || range.high == nullptr) refuse(at, "a range needs both ends here");
      auto node = std::make_unique<RangeNode>(at);
      node->low = compile_value(*range.low);
      node->high = compile_value(*range.high);
      node->inclusive = range.inclusive;
      return node;
    }
  }
}

NodePtr Compiler::compile_comprehension(const ComprehensionExpr& comprehension) {
  const BlockScope block(*scope_);
  auto node = std::make_unique<ComprehensionNode>(comprehension.location);
  for (const ComprehensionExpr::Clause& clause : comprehension.clauses) {
    ComprehensionNode::Clause code;
    code.source = compile_value(*clause.source);
    code.pattern = compile_pattern(*clause.pattern, VariableKind::loop);
    for (const ExprPtr& condition : clause.conditions) code.conditions.push_back(compile_condition(*condition));
    node->clauses.push_back(std::move(code));
  }
  if (comprehension.key != nullptr) node->key = compile_value(*comprehension.key);
  node->value = compile_value(*comprehension.value);
  return node;
}

}  // namespace stdbind::simple
