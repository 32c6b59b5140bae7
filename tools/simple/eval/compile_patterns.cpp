// Patterns of val, match, if val, while val and for.
#include <algorithm>

#include "nodes.hpp"

namespace stdbind::simple {

namespace {

struct AnyMatcher final : Matcher {
  bool match(Frame&, const Value&) const override { return true; }
};

struct BindMatcher final : Matcher {
  std::uint32_t slot = 0;
  std::optional<TypeCheck> type;
  MatcherPtr inner;
  bool match(Frame& frame, const Value& value) const override {
    if (inner != nullptr && !inner->match(frame, value)) return false;
    Value copy = value;
    if (type && !type->accept(copy)) return false;
    frame.slots[slot] = std::move(copy);
    return true;
  }
};

struct LiteralMatcher final : Matcher {
  NodePtr literal;
  bool match(Frame& frame, const Value& value) const override {
    Value scratch;
    const Value& wanted = literal->ref(frame, scratch);
    return placed(frame, literal->location, [&] {
      if (!comparable(wanted, value)) raise("a pattern of " + type_name(wanted) + " for a " + type_name(value));
      return equal(wanted, value);
    });
  }
};

struct RangeMatcher final : Matcher {
  NodePtr low, high;
  bool inclusive = false;
  bool match(Frame& frame, const Value& value) const override {
    Value scratch;
    const auto way = [&](const Node& bound) {
      return placed(frame, bound.location, [&] { return order(value, bound.ref(frame, scratch)); });
    };
    if (low != nullptr && way(*low) < 0) return false;
    return high == nullptr || (inclusive ? way(*high) <= 0 : way(*high) < 0);
  }
};

struct VariantMatcher final : Matcher {
  const EnumType* type = nullptr;
  std::uint32_t index = 0;
  bool is_some_pattern = false;
  Location location;
  std::vector<std::pair<std::size_t, MatcherPtr>> parts;
  bool match(Frame& frame, const Value& value) const override {
    if (is_some_pattern && !is_some(value)) {
      // values of a type T? are kept without a Some around them
      return !value.is_nil() && !is_ok(value) && !is_err(value) &&
             (parts.empty() || parts[0].second->match(frame, value));
    }
    if (value.tag() != Tag::variant || value.variant().type != type) {
      frame.machine->fail(frame, location,
                          "a pattern of " + std::string(spelling(type->name)) + " for a " + type_name(value));
    }
    const Value keep = value;
    if (keep.variant().index != index) return false;
    return std::ranges::all_of(parts, [&](const auto& part) {
      return part.first < keep.variant().payload.size() &&
             part.second->match(frame, keep.variant().payload[part.first]);
    });
  }
};

struct RecordMatcher final : Matcher {
  const RecordType* type = nullptr;
  std::vector<std::pair<std::size_t, MatcherPtr>> parts;
  bool match(Frame& frame, const Value& value) const override {
    if (value.tag() != Tag::record || value.record().type != type) return false;
    const Value keep = value;
    return std::ranges::all_of(
        parts, [&](const auto& part) { return part.second->match(frame, keep.record().fields[part.first]); });
  }
};

struct SequenceMatcher final : Matcher {
  std::vector<MatcherPtr> before, after;
  bool has_rest = false;
  bool is_tuple = false;
  std::int64_t rest_slot = -1;
  bool match(Frame& frame, const Value& value) const override {
    if (value.tag() != (is_tuple ? Tag::tuple : Tag::array)) return false;
    const Value keep = value;
    const std::vector<Value>& items = keep.items();
    const std::size_t fixed = before.size() + after.size();
    if (has_rest ? items.size() < fixed : items.size() != fixed) return false;
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (!before[i]->match(frame, items[i])) return false;
    }
    for (std::size_t i = 0; i < after.size(); ++i) {
      if (!after[i]->match(frame, items[items.size() - after.size() + i])) return false;
    }
    if (rest_slot >= 0) {
      frame.slots[rest_slot] = Value::array({items.begin() + static_cast<std::ptrdiff_t>(before.size()),
                                             items.end() - static_cast<std::ptrdiff_t>(after.size())});
    }
    return true;
  }
};

struct AlternativeMatcher final : Matcher {
  std::vector<MatcherPtr> choices;
  bool match(Frame& frame, const Value& value) const override {
    return std::ranges::any_of(choices, [&](const MatcherPtr& choice) { return choice->match(frame, value); });
  }
};

}  // namespace

std::uint32_t Compiler::binding_slot(const Pattern& pattern, VariableKind kind) {
  // in `a | b` both sides bind the same variable
  if (alternatives_ > 0) {
    for (auto variable = scope_->variables.rbegin(); variable != scope_->variables.rend(); ++variable) {
      if (variable->name == pattern.name && variable->kind == kind) return variable->slot;
    }
  }
  return add_variable(pattern.name, pattern.is_mutable ? VariableKind::var : kind, pattern.location);
}

MatcherPtr Compiler::compile_constructor(const Pattern& pattern, VariableKind kind) {
  const Symbol last = pattern.path.back();
  const std::string shown(spelling(last));
  std::vector<std::pair<std::size_t, MatcherPtr>> parts;
  const auto fill = [&](const auto& field_at, std::size_t count) {
    for (std::size_t i = 0; i < pattern.children.size(); ++i) {
      const Pattern& child = *pattern.children[i];
      if (child.kind == PatternKind::rest) continue;
      const Symbol label = i < pattern.labels.size() ? pattern.labels[i] : Symbol{};
      const std::size_t at = label ? field_at(label) : i;
      if (at >= count) {
        refuse(child.location, shown + " has " + std::to_string(count) + " parts" +
                                   (label ? ", none named " + std::string(spelling(label)) : ""));
      }
      parts.emplace_back(at, compile_pattern(child, kind));
    }
  };
  const auto variant = [&](const EnumType& type, std::uint32_t index, bool some) -> MatcherPtr {
    auto matcher = std::make_unique<VariantMatcher>();
    matcher->type = &type;
    matcher->index = index;
    matcher->is_some_pattern = some;
    matcher->location = pattern.location;
    const std::vector<FieldCode>& fields = type.variants[index].fields;
    fill(
        [&](Symbol label) {
          return static_cast<std::size_t>(std::ranges::find(fields, label, &FieldCode::name) - fields.begin());
        },
        fields.size());
    matcher->parts = std::move(parts);
    return matcher;
  };
  if (pattern.path.size() == 1) {
    if (shown == "Ok" || shown == "Err") {
      return variant(builtin_enums().result, shown == "Ok" ? BuiltinEnums::ok : BuiltinEnums::err, false);
    }
    if (shown == "Some") return variant(builtin_enums().option, BuiltinEnums::some, true);
    const Entity* entity = find_entity(last);
    if (entity != nullptr && entity->kind == Entity::Kind::record) {
      auto matcher = std::make_unique<RecordMatcher>();
      matcher->type = entity->record;
      fill(
          [&](Symbol label) {
            const auto found = entity->record->field_index.find(label);
            return found == entity->record->field_index.end() ? entity->record->fields.size()
                                                              : std::size_t{found->second};
          },
          entity->record->fields.size());
      matcher->parts = std::move(parts);
      return matcher;
    }
    refuse(pattern.location, "unknown in a pattern: " + shown + "; variants are always qualified");
  }
  const EnumType* type = nullptr;
  if (spelling(pattern.path[0]) == "Self") type = self_enum_;
  const Entity* entity = find_entity(pattern.path[pattern.path.size() - 2]);
  if (entity != nullptr && entity->kind == Entity::Kind::enumeration) type = entity->enumeration;
  const std::string owner(spelling(pattern.path[pattern.path.size() - 2]));
  if (type == nullptr) {
    if (owner == "Result" && (shown == "Ok" || shown == "Err")) {
      return variant(builtin_enums().result, shown == "Ok" ? BuiltinEnums::ok : BuiltinEnums::err, false);
    }
    refuse(pattern.location, "unknown enum: " + owner);
  }
  const auto found = type->variant_index.find(last);
  if (found == type->variant_index.end()) refuse(pattern.location, owner + " has no variant " + shown);
  return variant(*type, found->second, false);
}

MatcherPtr Compiler::compile_pattern(const Pattern& pattern, VariableKind kind) {
  switch (pattern.kind) {
    case PatternKind::wildcard:
      return std::make_unique<AnyMatcher>();
    case PatternKind::binding: {
      auto matcher = std::make_unique<BindMatcher>();
      if (!pattern.children.empty()) matcher->inner = compile_pattern(*pattern.children.front(), kind);
      if (pattern.type != nullptr) matcher->type = compile_type(pattern.type.get());
      for (const auto& [known, entity] : unit_.names) {
        if (kind == VariableKind::pattern && entity.kind == Entity::Kind::enumeration &&
            entity.enumeration->variant_index.contains(pattern.name)) {
          refuse(pattern.location, "write " + std::string(spelling(known)) + "." + std::string(spelling(pattern.name)) +
                                       ": variants are always qualified");
        }
      }
      matcher->slot = binding_slot(pattern, kind);
      return matcher;
    }
    case PatternKind::literal: {
      auto matcher = std::make_unique<LiteralMatcher>();
      matcher->literal = compile_value(*pattern.low);
      return matcher;
    }
    case PatternKind::range: {
      auto matcher = std::make_unique<RangeMatcher>();
      if (pattern.low != nullptr) matcher->low = compile_value(*pattern.low);
      if (pattern.high != nullptr) matcher->high = compile_value(*pattern.high);
      matcher->inclusive = pattern.inclusive;
      return matcher;
    }
    case PatternKind::constructor:
      return compile_constructor(pattern, kind);
    case PatternKind::tuple:
    case PatternKind::array: {
      auto matcher = std::make_unique<SequenceMatcher>();
      matcher->is_tuple = pattern.kind == PatternKind::tuple;
      for (const PatternPtr& child : pattern.children) {
        if (child->kind == PatternKind::rest) {
          matcher->has_rest = true;
          if (child->name) matcher->rest_slot = binding_slot(*child, kind);
          continue;
        }
        (matcher->has_rest ? matcher->after : matcher->before).push_back(compile_pattern(*child, kind));
      }
      return matcher;
    }
    case PatternKind::alternative: {
      auto matcher = std::make_unique<AlternativeMatcher>();
      for (const PatternPtr& child : pattern.children) {
        matcher->choices.push_back(compile_pattern(*child, kind));
        ++alternatives_;
      }
      alternatives_ -= static_cast<int>(pattern.children.size());
      return matcher;
    }
    case PatternKind::rest:
      refuse(pattern.location, ".. stands in an array pattern only");
  }
  refuse(pattern.location, "unknown pattern");
}

}  // namespace stdbind::simple
