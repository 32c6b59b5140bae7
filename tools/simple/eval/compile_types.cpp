// Declared types as checks at run time.
#include <algorithm>

#include "nodes.hpp"

namespace stdbind::simple {

bool TypeCheck::accept(Value& value) const {
  if (value.is_nil() && (optional || sort == Sort::option || sort == Sort::nil)) return true;
  if (optional && is_some(value)) {
    Value inner = value.variant().payload[0];
    return accept(inner);
  }
  switch (sort) {
    case Sort::any:
      return true;
    case Sort::integer:
      if (!value.is_integer()) return false;
      if (value.kind() == kind || hardened(value.kind()) == kind) return true;
      if (!fits(value.wide(), kind)) return false;
      value = Value::integer(value.integer(), softened(kind));
      return true;
    case Sort::floating:
      return value.is_floating();
    case Sort::boolean:
      return value.is_boolean();
    case Sort::text:
      return value.is_text();
    case Sort::array:
      return value.is_array() || value.tag() == Tag::range;
    case Sort::dict:
      return value.tag() == Tag::dict;
    case Sort::tuple:
      return value.tag() == Tag::tuple && value.items().size() == count;
    case Sort::nil:
      return value.is_nil();
    case Sort::record:
      return value.tag() == Tag::record && value.record().type == record;
    case Sort::enumeration:
      return value.tag() == Tag::variant && value.variant().type == enumeration;
    case Sort::function:
      return value.tag() == Tag::function;
    case Sort::option:
      return !is_ok(value) && !is_err(value);
    case Sort::result:
      return is_ok(value) || is_err(value);
    case Sort::choice:
      return std::ranges::any_of(choices, [&](const TypeCheck& choice) { return choice.accept(value); });
  }
  return true;
}

TypeCheck Compiler::named_type(const Type& type) {
  TypeCheck check;
  const Symbol name = type.path.back();
  const std::string shown(spelling(name));
  check.text = shown;
  if (type.path.size() > 1) return check;
  if (const auto kind = int_kind_named(shown)) {
    check.sort = TypeCheck::Sort::integer;
    check.kind = *kind;
    return check;
  }
  using Sort = TypeCheck::Sort;
  static const std::vector<std::pair<std::string_view, Sort>> plain = {
      {"f64", Sort::floating}, {"bool", Sort::boolean}, {"text", Sort::text},
      {"nil", Sort::nil},      {"any", Sort::any},      {"Dict", Sort::dict},
      {"List", Sort::array},   {"Array", Sort::array},  {"Result", Sort::result},
  };
  for (const auto& [known, sort] : plain) {
    if (known == shown) {
      check.sort = sort;
      return check;
    }
  }
  if (shown == "Option") {
    check.sort = Sort::option;
    return check;
  }
  if (shown == "f32")
    refuse(type.location, "f32 is not supported here: its rounding differs between the engines; use f64");
  if (shown == "Self" && self_record_ != nullptr) {
    check.sort = Sort::record;
    check.record = self_record_;
  } else if (shown == "Self" && self_enum_ != nullptr) {
    check.sort = Sort::enumeration;
    check.enumeration = self_enum_;
  } else if (const Entity* entity = find_entity(name)) {
    if (entity->kind == Entity::Kind::record) {
      check.sort = Sort::record;
      check.record = entity->record;
    } else if (entity->kind == Entity::Kind::enumeration) {
      check.sort = Sort::enumeration;
      check.enumeration = entity->enumeration;
    } else if (entity->kind == Entity::Kind::alias && alias_depth_ < 20) {
      ++alias_depth_;
      check = compile_type(entity->alias);
      --alias_depth_;
    }
  }
  return check;  // a type parameter, a trait, or a type of a module that was not imported: erased
}

TypeCheck Compiler::compile_type(const Type* type) {
  using Sort = TypeCheck::Sort;
  TypeCheck check;
  check.text = "any";
  if (type == nullptr) return check;
  switch (type->kind) {
    case TypeKind::named:
      return named_type(*type);
    case TypeKind::array:
      check.sort = Sort::array;
      check.text = "an array";
      return check;
    case TypeKind::dict:
      check.sort = Sort::dict;
      check.text = "a dict";
      return check;
    case TypeKind::tuple:
      check.sort = type->children.empty() ? Sort::nil : Sort::tuple;
      check.count = type->children.size();
      check.text = "a tuple of " + std::to_string(check.count);
      return check;
    case TypeKind::optional:
      check = compile_type(type->children.front().get());
      check.optional = true;
      check.text += "?";
      return check;
    case TypeKind::function:
      check.sort = Sort::function;
      check.text = "a function";
      return check;
    case TypeKind::alternative: {
      check.sort = Sort::choice;
      check.text.clear();
      for (const TypePtr& choice : type->children) {
        check.choices.push_back(compile_type(choice.get()));
        check.text += (check.text.empty() ? "" : " | ") + check.choices.back().text;
      }
      return check;
    }
    case TypeKind::reference:
      if (type->is_mutable) {
        refuse(type->location, "&mut parameters lose what is written in some engines: return the value instead");
      }
      return type->is_pointer ? check : compile_type(type->children.front().get());
    case TypeKind::value:
      return check;
  }
  return check;
}

std::optional<TypeCheck> Compiler::type_named_by(const Expr& expression) {
  const auto* name = get_if<NameExpr>(&expression);
  if (name == nullptr || find_variable(*scope_, name->name) != nullptr) return std::nullopt;
  const Entity* entity = find_entity(name->name);
  const bool is_type =
      entity != nullptr && (entity->kind == Entity::Kind::record || entity->kind == Entity::Kind::enumeration ||
                            entity->kind == Entity::Kind::alias);
  Type type;
  type.location = name->location;
  type.path.push_back(name->name);
  if (is_type) return named_type(type);
  if (entity != nullptr) return std::nullopt;
  TypeCheck check = named_type(type);
  if (check.sort == TypeCheck::Sort::any) return std::nullopt;
  return check;
}

namespace {

struct CastNode final : Node {
  NodePtr value;
  TypeCheck type;
  CastNode(Location l, NodePtr v, TypeCheck t) : Node(l), value(std::move(v)), type(std::move(t)) {
    calls = value->calls;
  }
  Value eval(Frame& frame) const override {
    Value scratch;
    const Value& from = value->ref(frame, scratch);
    if (type.sort == TypeCheck::Sort::integer && from.is_integer()) {
      return Value::integer(wrap(from.wide(), type.kind), type.kind);
    }
    return placed(frame, location, [&] { return cast(from); });
  }
  Value cast(const Value& from) const {
    using Sort = TypeCheck::Sort;
    switch (type.sort) {
      case Sort::integer:
        if (from.tag() == Tag::variant && from.variant().payload.empty()) {
          return Value::integer(from.variant().type->variants[from.variant().index].discriminant, type.kind);
        }
        return convert_to_integer(from, type.kind);
      case Sort::floating:
        if (from.is_integer()) return Value::floating(static_cast<double>(from.wide()));
        if (from.is_floating()) return from;
        break;
      case Sort::boolean:
        if (from.is_boolean()) return from;
        if (from.is_integer()) return Value::boolean(from.integer() != 0);
        break;
      case Sort::text: {
        Arguments none;
        if (from.is_text()) return from;
        if (from.is_integer() || from.is_floating() || from.is_boolean()) {
          return *number_method(from, Method::to_text_, none);
        }
        break;
      }
      default: {
        Value copy = from;
        if (type.accept(copy)) return copy;
      }
    }
    raise("cannot convert " + type_name(from) + " to " + type.text);
  }
};

struct TypeTestNode final : Node {
  NodePtr value;
  TypeCheck type;
  bool negated;
  TypeTestNode(Location l, NodePtr v, TypeCheck t, bool n)
      : Node(l), value(std::move(v)), type(std::move(t)), negated(n) {}
  Value eval(Frame& frame) const override {
    Value copy = value->eval(frame);
    const bool same = type.sort == TypeCheck::Sort::integer ? copy.is_integer() && hardened(copy.kind()) == type.kind
                                                            : type.accept(copy);
    return Value::boolean(same != negated);
  }
};

}  // namespace

NodePtr Compiler::compile_cast(const CastExpr& cast) {
  return std::make_unique<CastNode>(cast.location, compile_value(*cast.value), compile_type(cast.type.get()));
}

NodePtr Compiler::compile_type_test(Location location, const Expr& value, TypeCheck type, bool negated) {
  return std::make_unique<TypeTestNode>(location, compile_value(value), std::move(type), negated);
}

}  // namespace stdbind::simple
