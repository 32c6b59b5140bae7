// Rules about expressions, patterns and types.
#include <algorithm>
#include <array>
#include <limits>

#include "checker_impl.hpp"

namespace stdbind::simple {
namespace {

struct IntegerType {
  std::string_view name;
  std::uint64_t largest;
  std::uint64_t smallest_magnitude;
};

constexpr IntegerType integer_types[] = {
    {"i8", 127, 128},
    {"i16", 32767, 32768},
    {"i32", 2147483647, 2147483648},
    {"i64", 9223372036854775807U, 9223372036854775808U},
    {"u8", 255, 0},
    {"u16", 65535, 0},
    {"u32", 4294967295, 0},
    {"u64", std::numeric_limits<std::uint64_t>::max(), 0},
};

constexpr std::array<std::string_view, 8> growing = {"push",  "pop",    "insert", "remove",
                                                     "clear", "append", "extend", "set"};

// Type names of other languages, and what Simple calls them.
constexpr std::pair<std::string_view, std::string_view> foreign_types[] = {
    {"String", "text"}, {"Str", "text"},  {"str", "text"},   {"string", "text"}, {"Int", "i64"},   {"int", "i64"},
    {"Float", "f64"},   {"float", "f64"}, {"double", "f64"}, {"Bool", "bool"},   {"usize", "i64"}, {"isize", "i64"},
    {"i128", "i64"},    {"u128", "u64"},  {"byte", "u8"},    {"char", "text"},   {"Array", "[T]"}, {"void", "no '->'"},
};

}  // namespace

void Checker::expression(const ExprPtr& value) {
  if (value) expression(*value);
}

void Checker::arguments(const std::vector<Argument>& all) {
  std::set<Symbol> seen;
  bool named = false;
  for (const Argument& argument : all) {
    if (argument.name && !seen.insert(argument.name).second) {
      refuse(argument.location, "the argument '" + std::string(spelling(argument.name)) + "' is given twice");
    }
    const bool trailing = argument.value && argument.value->kind == ExprKind::lambda;
    if (!argument.name && named && !trailing) refuse(argument.location, "positional arguments come before named ones");
    named = named || argument.name;
    expression(argument.value);
  }
}

void Checker::attributes(const std::vector<Attribute>& all) {
  // Their arguments are words such as `ffi`, not values.
  for (const Attribute& attribute : all) {
    const std::string_view word = spelling(attribute.name);
    if (word == "ffi" || word == "link") {
      refuse(attribute.location, "'@" + std::string(word) + "' does nothing: load a library with spl_dlopen");
    }
  }
}

void Checker::conditions(const std::vector<Condition>& all) {
  for (const Condition& condition : all) {
    expression(condition.value);
    if (condition.pattern) pattern(*condition.pattern, condition.is_mutable ? Declared::var : Declared::val);
  }
}

void Checker::literal(const Expr& value, bool negated) {
  if (const auto* number = get_if<FloatExpr>(&value)) {
    const std::string_view suffix = spelling(number->suffix);
    if (!suffix.empty() && suffix != "f64" && suffix != "f32" && !suffixes_.contains(number->suffix)) {
      refuse(value.location,
             "'" + std::string(suffix) + "' is no suffix of a number here: f32, f64 or a declared unit");
    }
    return;
  }
  const auto& number = as<IntegerExpr>(value);
  const std::string_view suffix = number.suffix ? spelling(number.suffix) : std::string_view();
  if (suffixes_.contains(number.suffix) || suffix == "f64" || suffix == "f32") return;
  for (const IntegerType& type : integer_types) {
    if (type.name != suffix) continue;
    if (number.value > (negated ? type.smallest_magnitude : type.largest)) {
      refuse(value.location, "this number does not fit in " + std::string(type.name));
    }
    return;
  }
  if (!suffix.empty()) {
    refuse(value.location,
           "'" + std::string(suffix) + "' is no suffix of a number here: i8 … u64, f32, f64 or a declared unit");
  }
}

void Checker::name(const NameExpr& name) {
  const std::string_view word = spelling(name.name);
  for (const TypePtr& generic : name.generics) type(generic);
  if (!functions_.empty()) uses_[top_function_].reads.insert(name.name);
  if (word == "self" || word == "Self") {
    const bool has_self =
        std::any_of(functions_.begin(), functions_.end(), [](const Function& f) { return f.is_method; });
    const bool is_static = has_self && std::any_of(functions_.begin(), functions_.end(),
                                                   [](const Function& f) { return f.is_method && f.decl->is_static; });
    if (!has_self) refuse(name.location, "'" + std::string(word) + "' stands only in a method");
    if (is_static && word == "self") refuse(name.location, "a static method has no self");
    return;
  }
  if (is_reserved(word)) {
    refuse(name.location, "'" + std::string(word) + "' is a word of the language and not safe as a name");
    return;
  }
  if (!is_upper(word) || !variants_.contains(name.name) || types_.contains(name.name)) return;
  const bool declared =
      std::any_of(scopes_.begin(), scopes_.end(), [&](const Scope& scope) { return scope.names.contains(name.name); });
  if (declared) return;
  refuse(name.location, "a variant is written with its enum: " +
                            std::string(spelling(variants_.find(name.name)->second->name)) + "." + std::string(word));
}

// A change of a list or dict that lies in a field of something else may be lost.
void Checker::mutation(const Expr& object, Location location) {
  const auto& field = as<FieldExpr>(object);
  const auto* owner = get_if<NameExpr>(field.object.get());
  const bool own = owner != nullptr && spelling(owner->name) == "self";
  if (own && !functions_.empty() && functions_.front().is_method && functions_.front().decl->is_mutating) return;
  refuse(location, "a change of the collection in '." + std::string(spelling(field.name)) +
                       "' may be lost: take it into a var, change that, and assign it back" +
                       std::string(own ? " in a method declared with 'me'" : ""));
}

void Checker::call(const CallExpr& call) {
  if (const auto* callee = get_if<NameExpr>(call.callee.get()); callee != nullptr && !functions_.empty()) {
    uses_[top_function_].calls.insert(callee->name);
  }
  expression(call.callee);
  for (const TypePtr& generic : call.generics) type(generic);
  arguments(call.arguments);
}

void Checker::method_call(const MethodCallExpr& call) {
  const std::string_view word = spelling(call.name);
  if (word == "to_be_true" || word == "to_be_false") {
    refuse(call.location, "there is no '" + std::string(word) + "': write to_equal(" +
                              std::string(word == "to_be_true" ? "true" : "false") + ")");
  } else if (is_reserved(word) && !is_reserved_but_method(word)) {
    refuse(call.location, "'" + std::string(word) + "' is a word of the language and not safe as a name");
  }
  if (call.object->kind == ExprKind::field && std::find(growing.begin(), growing.end(), word) != growing.end() &&
      !(word == "set" && call.arguments.size() != 2)) {
    mutation(*call.object, call.location);
  }
  if (const auto* index = get_if<IndexExpr>(call.object.get())) {
    const ExprKind key = index->index->kind;
    if (key == ExprKind::text || key == ExprKind::interpolation) {
      refuse(call.location, "a call on what a dict holds fails: bind it to a typed val first");
    }
  }
  expression(call.object);
  for (const TypePtr& generic : call.generics) type(generic);
  arguments(call.arguments);
}

void Checker::expression(const Expr& value) {
  switch (value.kind) {
    case ExprKind::integer:
    case ExprKind::floating:
      literal(value, false);
      return;
    case ExprKind::text: {
      const Symbol suffix = as<TextExpr>(value).suffix;
      if (suffix && !suffixes_.contains(suffix)) {
        refuse(value.location, "texts with the suffix '_" + std::string(spelling(suffix)) + "' are not supported here");
      }
      return;
    }
    case ExprKind::interpolation:
      for (const InterpolationPart& part : as<InterpolationExpr>(value).parts) expression(part.value);
      return;
    case ExprKind::boolean:
    case ExprKind::nil:
    case ExprKind::method_reference:
      return;
    case ExprKind::name:
      name(as<NameExpr>(value));
      return;
    case ExprKind::array: {
      for (const Argument& element : as<ArrayExpr>(value).elements) expression(element.value);
      return;
    }
    case ExprKind::array_repeat:
      expression(as<ArrayRepeatExpr>(value).value);
      expression(as<ArrayRepeatExpr>(value).count);
      return;
    case ExprKind::dict:
      for (const auto& [key, entry] : as<DictExpr>(value).entries) {
        expression(key);
        expression(entry);
      }
      return;
    case ExprKind::tuple:
      for (const ExprPtr& element : as<TupleExpr>(value).elements) expression(element);
      return;
    case ExprKind::comprehension: {
      const auto& made = as<ComprehensionExpr>(value);
      scopes_.emplace_back();
      for (const auto& clause : made.clauses) {
        expression(clause.source);
        pattern(*clause.pattern, Declared::val);
        for (const ExprPtr& condition : clause.conditions) expression(condition);
      }
      expression(made.key);
      expression(made.value);
      scopes_.pop_back();
      return;
    }
    case ExprKind::field: {
      const auto& field = as<FieldExpr>(value);
      const std::string_view word = spelling(field.name);
      if (word == "to_be_true" || word == "to_be_false") {
        refuse(value.location, "there is no '" + std::string(word) + "': write to_equal(true) or to_equal(false)");
      } else if (is_reserved(word) && !is_reserved_but_method(word)) {
        refuse(value.location, "'" + std::string(word) + "' is a word of the language and not safe as a name");
      }
      expression(field.object);
      return;
    }
    case ExprKind::index:
      expression(as<IndexExpr>(value).object);
      expression(as<IndexExpr>(value).index);
      return;
    case ExprKind::slice: {
      const auto& slice = as<SliceExpr>(value);
      expression(slice.object);
      expression(slice.start);
      expression(slice.stop);
      expression(slice.step);
      const auto* step = get_if<UnaryExpr>(slice.step.get());
      if (step != nullptr && step->op == UnaryOp::minus) {
        refuse(slice.step->location, "a slice has no negative step: write .reversed()");
      }
      return;
    }
    case ExprKind::call:
      call(as<CallExpr>(value));
      return;
    case ExprKind::method_call:
      method_call(as<MethodCallExpr>(value));
      return;
    case ExprKind::construct:
      expression(as<ConstructExpr>(value).callee);
      for (const Argument& field : as<ConstructExpr>(value).fields) expression(field.value);
      return;
    case ExprKind::unary: {
      const auto& unary = as<UnaryExpr>(value);
      if (unary.op == UnaryOp::minus && unary.operand->kind == ExprKind::integer) {
        literal(*unary.operand, true);
      } else {
        expression(unary.operand);
      }
      return;
    }
    case ExprKind::binary: {
      const auto& binary = as<BinaryExpr>(value);
      expression(binary.left);
      expression(binary.right);
      const bool logical = binary.op == BinaryOp::and_ || binary.op == BinaryOp::or_;
      for (const Expr* side : {binary.left.get(), binary.right.get()}) {
        if (logical &&
            (side->kind == ExprKind::integer || side->kind == ExprKind::text || side->kind == ExprKind::nil)) {
          refuse(side->location, "'and' and 'or' take booleans only: bits are joined with & and |, nil with ?\?");
        }
      }
      return;
    }
    case ExprKind::comparison:
      for (const ExprPtr& operand : as<ComparisonExpr>(value).operands) expression(operand);
      return;
    case ExprKind::range:
      expression(as<RangeExpr>(value).low);
      expression(as<RangeExpr>(value).high);
      return;
    case ExprKind::cast:
      expression(as<CastExpr>(value).value);
      type(as<CastExpr>(value).type);
      return;
    case ExprKind::type_test:
      expression(as<TypeTestExpr>(value).value);
      return;
    case ExprKind::try_:
      expression(as<TryExpr>(value).value);
      return;
    case ExprKind::force:
      expression(as<ForceExpr>(value).value);
      return;
    case ExprKind::await_:
      expression(as<AwaitExpr>(value).value);
      return;
    case ExprKind::presence: {
      const Expr& object = *as<PresenceExpr>(value).value;
      if (const auto* get = get_if<MethodCallExpr>(&object); get != nullptr && spelling(get->name) == "get") {
        refuse(value.location, "'.get(k).?' misleads where the value is 0: test contains_key(k), then read d[k]");
      }
      expression(object);
      return;
    }
    case ExprKind::lambda:
      function(*as<LambdaExpr>(value).function, false, true);
      return;
    case ExprKind::conditional: {
      const auto& choice = as<ConditionalExpr>(value);
      for (const auto& branch : choice.branches) {
        scopes_.emplace_back();
        conditions(branch.conditions);
        block(branch.body);
        scopes_.pop_back();
      }
      if (choice.otherwise) block(*choice.otherwise);
      return;
    }
    case ExprKind::match: {
      const auto& match = as<MatchExpr>(value);
      expression(match.subject);
      for (const MatchArm& arm : match.arms) {
        scopes_.emplace_back();
        pattern(*arm.pattern, Declared::val);
        expression(arm.guard);
        block(arm.body);
        scopes_.pop_back();
      }
      return;
    }
    case ExprKind::unsafe_:
      block(as<UnsafeExpr>(value).body);
      return;
    case ExprKind::block:
      block(as<BlockExpr>(value).body);
      return;
    case ExprKind::jump:
      statement(*as<JumpExpr>(value).statement);
      return;
  }
}

void Checker::pattern(const Pattern& item, Declared kind) {
  switch (item.kind) {
    case PatternKind::wildcard:
      return;
    case PatternKind::binding:
      declare(item.name, item.is_mutable ? Declared::var : kind, item.location, "a variable");
      type(item.type);
      break;
    case PatternKind::rest:
      if (item.name) declare(item.name, kind, item.location, "a variable");
      return;
    case PatternKind::literal:
    case PatternKind::range: {
      const auto bound = [&](const ExprPtr& value) {
        const auto* minus = get_if<UnaryExpr>(value.get());
        if (minus != nullptr && minus->operand->kind == ExprKind::integer) {
          literal(*minus->operand, true);
        } else {
          expression(value);
        }
      };
      bound(item.low);
      bound(item.high);
      return;
    }
    case PatternKind::constructor:
      constructor(item);
      break;
    default:
      break;
  }
  for (const PatternPtr& child : item.children) pattern(*child, kind);
}

void Checker::constructor(const Pattern& item) {
  const Symbol last = item.path.back();
  const std::string name(spelling(last));
  if (item.path.size() == 1) {
    if (name == "Ok" || name == "Err" || name == "Some") return;
    const auto found = variants_.find(last);
    if (found != variants_.end() && !types_.contains(last)) {
      refuse(item.location,
             "a variant is written with its enum: " + std::string(spelling(found->second->name)) + "." + name);
    } else if (!item.has_arguments) {
      refuse(item.location, "'" + name + "' alone is no pattern: write the variant with its enum, Enum." + name +
                                ", or compare with a guard");
    }
    return;
  }
  const auto owner = enums_.find(item.path[item.path.size() - 2]);
  if (owner == enums_.end()) return;
  const auto& variants = owner->second->variants;
  const auto variant = std::find_if(variants.begin(), variants.end(), [&](const Variant& v) { return v.name == last; });
  if (variant == variants.end()) {
    refuse(item.location, "the enum " + std::string(spelling(owner->first)) + " has no variant '" + name + "'");
    return;
  }
  if (item.has_arguments && item.children.size() != variant->fields.size()) {
    const bool rest = std::any_of(item.children.begin(), item.children.end(),
                                  [](const PatternPtr& child) { return child->kind == PatternKind::rest; });
    if (!rest) {
      refuse(item.location, "'" + name + "' holds " + std::to_string(variant->fields.size()) + " value(s), not " +
                                std::to_string(item.children.size()));
      return;
    }
  }
  // The interpreter drops the labels and goes by position.
  for (std::size_t i = 0; i < item.labels.size() && i < variant->fields.size(); ++i) {
    if (item.labels[i] && item.labels[i] != variant->fields[i].name) {
      refuse(item.location,
             "the labels of a pattern go by position in the interpreter: keep the order of the declaration");
      return;
    }
  }
}

void Checker::type(const TypePtr& item) {
  if (item) type(*item);
}

void Checker::type(const Type& item) {
  if (item.kind == TypeKind::named && item.path.size() == 1 && !types_.contains(item.path.front())) {
    const std::string_view word = spelling(item.path.front());
    for (const auto& [foreign, own] : foreign_types) {
      if (word == foreign) {
        refuse(item.location, "there is no type '" + std::string(word) + "' in Simple: write " + std::string(own));
      }
    }
  }
  for (const TypePtr& child : item.children) type(child);
  type(item.result);
  expression(item.size);
}

}  // namespace stdbind::simple
