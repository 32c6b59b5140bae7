// Fields, indexes and slices.
#include "nodes.hpp"

namespace stdbind::simple {

namespace {

/// Where a field stands in a value, or a failure that names it.
struct FieldPlace {
  Symbol name;
  mutable const RecordType* type = nullptr;  // of the value seen last: fields of one node mostly have one type
  mutable std::uint32_t index = 0;

  const Value& in(const Value& object) const {
    if (object.tag() == Tag::record) {
      const RecordObject& record = object.record();
      find(record);
      return record.fields[index];
    }
    if (object.tag() == Tag::tuple) return object.tuple().items[tuple_index(object.tuple())];
    if (object.tag() == Tag::variant) {
      const VariantObject& variant = object.variant();
      const VariantCode& code = variant.type->variants[variant.index];
      for (std::size_t i = 0; i < code.fields.size(); ++i) {
        if (code.fields[i].name == name) return variant.payload[i];
      }
    }
    missing(object);
  }
  Value* in_place(Value& object) const {
    if (object.tag() != Tag::record) missing(object);
    RecordObject& record = object.own_record();
    find(record);
    return &record.fields[index];
  }

 private:
  void find(const RecordObject& record) const {
    if (record.type == type) return;
    const auto found = record.type->field_index.find(name);
    if (found == record.type->field_index.end()) {
      raise(std::string(spelling(record.type->name)) + " has no field " + std::string(spelling(name)));
    }
    type = record.type;
    index = found->second;
  }
  std::size_t tuple_index(const TupleObject& tuple) const {
    const std::string_view shown = spelling(name);
    if (tuple.labels != nullptr) {
      for (std::size_t i = 0; i < tuple.labels->size(); ++i) {
        if ((*tuple.labels)[i] == name) return i;
      }
    }
    if (!shown.empty() && shown.find_first_not_of("0123456789") == std::string_view::npos && shown.size() < 6) {
      const auto at = static_cast<std::size_t>(std::stoul(std::string(shown)));
      if (at < tuple.items.size()) return at;
    }
    raise("the tuple has no element " + std::string(shown));
  }
  [[noreturn]] void missing(const Value& object) const {
    std::string hint;
    if (object.is_nil() || is_some(object)) hint = ": test it first, or use ?.";
    if (is_ok(object) || is_err(object)) hint = ": match it, or use ?";
    raise(type_name(object) + " has no field " + std::string(spelling(name)) + hint);
  }
};

struct FieldNode final : PlaceNode {
  NodePtr object;
  FieldPlace field;
  bool optional;
  const PlaceNode* base;
  FieldNode(Location l, NodePtr o, Symbol name, bool q)
      : PlaceNode(l), object(std::move(o)), field{name}, optional(q), base(as_place(*object)) {
    calls = object->calls;
    if (base != nullptr) {
      fields = base->fields + 1;
      indexes = base->indexes;
      from_self = base->from_self;
      from_global = base->from_global;
    }
  }
  const Value& ref(Frame& frame, Value& scratch) const override {
    if (optional) return scratch = optional_eval(frame);
    const Value& value = object->ref(frame, scratch);
    if (&value == &scratch) {
      // the object itself is temporary: it must outlive the field
      const Value keep = std::move(scratch);
      return scratch = placed(frame, location, [&]() -> Value { return field.in(keep); });
    }
    return placed(frame, location, [&]() -> const Value& { return field.in(value); });
  }
  Value eval(Frame& frame) const override {
    Value scratch;
    const Value& value = ref(frame, scratch);
    return &value == &scratch ? std::move(scratch) : value;
  }
  Value optional_eval(Frame& frame) const {
    Value value = object->eval(frame);
    if (value.is_nil()) return {};
    if (is_some(value)) value = Value(value.variant().payload[0]);
    return placed(frame, location, [&]() -> Value { return field.in(value); });
  }
  Value* place(Frame& frame, Access access) const override {
    if (base == nullptr || optional) {
      frame.machine->fail(frame, location, "this is not a place: put the value into a var first");
    }
    Value* storage = base->place(frame, access == Access::method ? Access::write : access);
    return placed(frame, location, [&] { return field.in_place(*storage); });
  }
};

struct IndexNode final : PlaceNode {
  NodePtr object, index;
  bool optional;
  const PlaceNode* base;
  IndexNode(Location l, NodePtr o, NodePtr i, bool q)
      : PlaceNode(l), object(std::move(o)), index(std::move(i)), optional(q), base(as_place(*object)) {
    calls = object->calls || index->calls;
    if (base != nullptr) {
      fields = base->fields;
      indexes = base->indexes + 1;
      from_self = base->from_self;
      from_global = base->from_global;
    }
  }
  static Value pick(const Value& value, const Value& at) {
    if (value.is_array() && at.is_integer()) {
      const std::vector<Value>& items = value.items();
      return items[checked_index(integer_of(at), items.size())];
    }
    return other(value, at);
  }
  static std::int64_t integer_of(const Value& at) {
    if (at.is_plain()) return at.integer();
    if (!at.is_integer()) raise("an index must be an integer, not " + type_name(at));
    if (!fits(at.wide(), IntKind::i64)) raise("an index beyond i64");
    return at.integer();
  }
  static Value other(const Value& value, const Value& at) {
    if (at.tag() == Tag::range) return slice_value(value, at.range().low, at.range().high, 1);
    switch (value.tag()) {
      case Tag::text:
        return character_at(value, integer_of(at));
      case Tag::array:
      case Tag::tuple:
        return value.items()[checked_index(integer_of(at), value.items().size())];
      case Tag::dict: {
        const Value* found = value.dict().find(at);
        if (found == nullptr) {
          raise("the dict has no key " + (at.is_text() ? "\"" + at.text() + "\"" : to_decimal(at.wide())) +
                ": test contains_key first");
        }
        return *found;
      }
      default:
        raise(type_name(value) + " cannot be indexed");
    }
  }
  Value eval(Frame& frame) const override {
    Value object_scratch;
    Value index_scratch;
    const Value& value = index->calls ? (object_scratch = object->eval(frame)) : object->ref(frame, object_scratch);
    if (optional && value.is_nil()) return {};
    const Value& at = index->ref(frame, index_scratch);
    return placed(frame, location, [&] { return pick(value, at); });
  }
  const Value& ref(Frame& frame, Value& scratch) const override {
    if (!index->calls && !optional) {
      Value index_scratch;
      const Value& value = object->ref(frame, scratch);
      const Value& at = index->ref(frame, index_scratch);
      if (&value != &scratch && value.is_array() && at.is_plain()) {
        const std::vector<Value>& items = value.items();
        if (at.integer() >= 0 && static_cast<std::uint64_t>(at.integer()) < items.size()) {
          return items[static_cast<std::size_t>(at.integer())];
        }
      }
      Value picked = placed(frame, location, [&] { return pick(value, at); });
      return scratch = std::move(picked);
    }
    return scratch = eval(frame);
  }
  Value* container(Frame& frame) const {
    if (base == nullptr)
      frame.machine->fail(frame, location, "this is not a place: put the collection into a var first");
    if (base->indexes > 0) {
      frame.machine->fail(frame, location,
                          "m[i][j] = v is refused by the interpreter: take the row, change it, write it back");
    }
    if (base->fields > 0 && !base->from_self) {
      frame.machine->fail(frame, location,
                          "a change of a collection field from outside may be lost: copy it out, change it, " +
                              std::string("assign it back in a me method"));
    }
    return base->place(frame, Access::write);
  }
  Value* place(Frame& frame, Access) const override {
    const Value at = index->eval(frame);
    Value* storage = container(frame);
    return placed(frame, location, [&]() -> Value* {
      if (storage->is_array()) {
        std::vector<Value>& items = storage->own_items();
        return &items[checked_index(integer_of(at), items.size())];
      }
      if (storage->tag() != Tag::dict) raise(type_name(*storage) + " has no elements that can be changed");
      DictObject& dict = storage->own_dict();
      if (dict.find(at) == nullptr) raise("the dict has no such key: test contains_key first");
      return const_cast<Value*>(dict.find(at));
    });
  }
  void assign(Frame& frame, Value value) const override {
    const Value at = index->eval(frame);
    Value* storage = container(frame);
    placed(frame, location, [&] {
      if (storage->tag() == Tag::dict) {
        storage->own_dict().set(at, std::move(value));
        return;
      }
      if (!storage->is_array()) raise(type_name(*storage) + " has no elements that can be changed");
      const std::size_t place = checked_index(integer_of(at), storage->items().size());
      storage->own_items()[place] = std::move(value);
    });
  }
};

struct SliceNode final : Node {
  NodePtr object, start, stop, step;
  using Node::Node;
  static std::optional<std::int64_t> bound(const NodePtr& node, Frame& frame) {
    if (node == nullptr) return std::nullopt;
    const Value value = node->eval(frame);
    if (!value.is_integer()) raise("a slice bound must be an integer, not " + type_name(value));
    return IndexNode::integer_of(value);
  }
  Value eval(Frame& frame) const override {
    const Value value = object->eval(frame);
    return placed(frame, location, [&] {
      const auto from = bound(start, frame);
      const auto to = bound(stop, frame);
      return slice_value(value, from, to, bound(step, frame).value_or(1));
    });
  }
};

}  // namespace

NodePtr Compiler::compile_field(const FieldExpr& field) {
  if (const Entity* entity = type_entity(*field.object)) {
    const std::string shown(spelling(field.name));
    if (entity->kind == Entity::Kind::enumeration) {
      const auto variant = entity->enumeration->variant_index.find(field.name);
      if (variant != entity->enumeration->variant_index.end()) {
        return compile_variant(field.location, *entity->enumeration, variant->second, {});
      }
      refuse(field.location, "there is no variant " + shown);
    }
    if (entity->kind == Entity::Kind::record) {
      const auto constant = entity->record->constants.find(field.name);
      if (constant != entity->record->constants.end()) {
        return std::make_unique<GlobalNode>(field.location, constant->second);
      }
      const auto method = entity->record->methods.find(field.name);
      if (method != entity->record->methods.end()) {
        return compile_static_call(field.location, *method->second, {});
      }
    }
    refuse(field.location,
           std::string(spelling(entity->kind == Entity::Kind::record ? entity->record->name : field.name)) +
               " has no member " + shown);
  }
  // zero-argument methods of text and collections may be written without parentheses
  const Method method = method_named(spelling(field.name));
  NodePtr object = compile_value(*field.object);
  if (method == Method::len_ || method == Method::length_) {
    struct LengthNode final : Node {
      NodePtr field_node;
      const Node* object;
      Method method;
      LengthNode(Location l, NodePtr f, const Node* o, Method m)
          : Node(l), field_node(std::move(f)), object(o), method(m) {}
      Value eval(Frame& frame) const override {
        Value scratch;
        const Value& value = object->ref(frame, scratch);
        if (value.tag() == Tag::record) return field_node->eval(frame);
        Arguments none;
        const Value keep = value;
        auto result = placed(frame, location, [&] { return call_method({frame, location}, keep, method, none); });
        return result ? std::move(*result) : field_node->eval(frame);
      }
    };
    const Node* inner = object.get();
    auto node = std::make_unique<FieldNode>(field.location, std::move(object), field.name, field.optional);
    if (field.optional) return node;
    return std::make_unique<LengthNode>(field.location, std::move(node), inner, method);
  }
  return std::make_unique<FieldNode>(field.location, std::move(object), field.name, field.optional);
}

NodePtr Compiler::compile_index(const IndexExpr& index) {
  if (const auto* range = get_if<RangeExpr>(index.index.get()); range != nullptr && range->high == nullptr) {
    auto node = std::make_unique<SliceNode>(index.location);
    node->object = compile_value(*index.object);
    if (range->low != nullptr) node->start = compile_value(*range->low);
    return node;
  }
  NodePtr object = compile_value(*index.object);
  return std::make_unique<IndexNode>(index.location, std::move(object), compile_value(*index.index), index.optional);
}

NodePtr Compiler::compile_slice(const SliceExpr& slice) {
  auto node = std::make_unique<SliceNode>(slice.location);
  node->object = compile_value(*slice.object);
  if (slice.start != nullptr) node->start = compile_value(*slice.start);
  if (slice.stop != nullptr) node->stop = compile_value(*slice.stop);
  if (slice.step != nullptr) node->step = compile_value(*slice.step);
  return node;
}

}  // namespace stdbind::simple
