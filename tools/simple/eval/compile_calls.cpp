// Calls: functions, constructors, variants, function values, lambdas.
#include <algorithm>

#include "builtins.hpp"
#include "call_site.hpp"

namespace stdbind::simple {

namespace {

std::size_t slots_of(const FunctionCode& code) {
  return std::max<std::size_t>(code.slot_count, code.parameters.size() + code.first_parameter());
}

struct StaticCallNode final : Node {
  const FunctionCode& code;
  CallSite site;
  StaticCallNode(Location l, const FunctionCode& c) : Node(l), code(c) {}
  Value eval(Frame& frame) const override {
    Machine& machine = *frame.machine;
    if (!code.ready) {
      machine.fail(frame, location,
                   code.display_name() + " is called before its module is ready: imports in a circle?");
    }
    const Reservation reserved(machine, slots_of(code), frame, location);
    site.fill(frame, location, code, reserved.slots());
    return machine.run(code, reserved.slots(), nullptr, frame, location);
  }
};

struct ValueCallNode final : Node {
  NodePtr callee;
  CallSite site;
  ValueCallNode(Location l, NodePtr c) : Node(l), callee(std::move(c)) {}
  Value eval(Frame& frame) const override {
    const Value function = callee->eval(frame);
    if (function.tag() != Tag::function || function.function().code == nullptr) {
      return frame.machine->call(function, site.evaluate(frame, location), frame, location);
    }
    const FunctionObject& object = function.function();
    const FunctionCode& code = *object.code;
    const Reservation reserved(*frame.machine, slots_of(code), frame, location);
    // default values may look at what was captured
    for (std::size_t i = 0; i < code.captures.size(); ++i) {
      reserved.slots()[code.captures[i].second] = object.captures[i];
    }
    site.fill(frame, location, code, reserved.slots());
    return frame.machine->run(code, reserved.slots(), &object, frame, location);
  }
};

struct ConstructNode final : Node {
  const RecordType& type;
  std::vector<NodePtr> values;        ///< in the order written
  std::vector<std::size_t> fields;    ///< field of each
  std::vector<std::size_t> defaults;  ///< fields without a value
  ConstructNode(Location l, const RecordType& t) : Node(l), type(t) {}
  Value eval(Frame& frame) const override {
    std::vector<Value> content(type.fields.size());
    for (std::size_t i = 0; i < values.size(); ++i) content[fields[i]] = values[i]->eval(frame);
    for (const std::size_t at : defaults) {
      if (type.fields[at].default_value != nullptr) content[at] = type.fields[at].default_value->eval(frame);
    }
    for (std::size_t i = 0; i < content.size(); ++i) {
      const TypeCheck& check = type.fields[i].type;
      if ((check.plain_i64() && content[i].is_plain()) || check.accept(content[i])) continue;
      frame.machine->fail(frame, location,
                          "the field " + std::string(spelling(type.fields[i].name)) + " of " +
                              std::string(spelling(type.name)) + " is " + type_name(content[i]) + ", not " +
                              check.text);
    }
    return Value::own(new RecordObject(&type, std::move(content)));
  }
};

struct VariantNode final : Node {
  const EnumType& type;
  std::uint32_t index;
  std::vector<NodePtr> payload;
  VariantNode(Location l, const EnumType& t, std::uint32_t i) : Node(l), type(t), index(i) {}
  Value eval(Frame& frame) const override {
    std::vector<Value> content;
    const VariantCode& variant = type.variants[index];
    for (std::size_t i = 0; i < payload.size(); ++i) {
      content.push_back(payload[i]->eval(frame));
      if (variant.fields[i].type.accept(content.back())) continue;
      frame.machine->fail(frame, location,
                          "the payload of " + std::string(spelling(type.name)) + "." +
                              std::string(spelling(variant.name)) + " is " + type_name(content.back()) + ", not " +
                              variant.fields[i].type.text);
    }
    return Value::own(new VariantObject(&type, index, std::move(content)));
  }
};

struct ClosureNode final : Node {
  const FunctionCode& code;
  ClosureNode(Location l, const FunctionCode& c) : Node(l), code(c) {}
  Value eval(Frame& frame) const override {
    auto* object = new FunctionObject(&code);
    Value result = Value::own(object);
    for (const auto& [outer, inner] : code.captures) object->captures.push_back(frame.slots[outer]);
    return result;
  }
};

}  // namespace

Value HostNode::eval(Frame& frame) const {
  Arguments values;
  values.reserve(arguments.size());
  for (const NodePtr& argument : arguments) values.push_back(argument->eval(frame));
  return placed(frame, location, [&] { return function({frame, location}, values); });
}

NodePtr Compiler::closure_node(Location location, FunctionCode& code) {
  return std::make_unique<ClosureNode>(location, code);
}

const Entity* Compiler::type_entity(const Expr& expression) const {
  const auto* name = get_if<NameExpr>(&expression);
  if (name == nullptr || find_variable(*scope_, name->name) != nullptr) return nullptr;
  static thread_local Entity self;
  if (spelling(name->name) == "Self" && (self_record_ != nullptr || self_enum_ != nullptr)) {
    self = Entity{};
    self.kind = self_record_ != nullptr ? Entity::Kind::record : Entity::Kind::enumeration;
    self.record = const_cast<RecordType*>(self_record_);
    self.enumeration = const_cast<EnumType*>(self_enum_);
    return &self;
  }
  const Entity* entity = find_entity(name->name);
  if (entity == nullptr) return nullptr;
  if (entity->kind == Entity::Kind::alias && entity->alias != nullptr && entity->alias->kind == TypeKind::named &&
      entity->alias->path.size() == 1) {
    entity = find_entity(entity->alias->path[0]);
    if (entity == nullptr) return nullptr;
  }
  return entity->kind == Entity::Kind::record || entity->kind == Entity::Kind::enumeration ? entity : nullptr;
}

std::vector<NodePtr> Compiler::compile_positional(Location location, const std::vector<Argument>& arguments,
                                                  std::string_view callee) {
  std::vector<NodePtr> values;
  for (const Argument& argument : arguments) {
    if (argument.name || argument.spread) refuse(location, std::string(callee) + " takes arguments by position only");
    values.push_back(compile_value(*argument.value));
  }
  return values;
}

namespace {
struct WrapNode final : Node {
  NodePtr value;
  Value (*make)(Value);
  WrapNode(Location l, NodePtr v, Value (*m)(Value)) : Node(l), value(std::move(v)), make(m) {}
  Value eval(Frame& frame) const override { return make(value->eval(frame)); }
};
}  // namespace

NodePtr Compiler::compile_builtin_call(Location location, Symbol name, const std::vector<Argument>& arguments) {
  const std::string_view shown = spelling(name);
  if (shown == "Ok" || shown == "Err" || shown == "Some") {
    std::vector<NodePtr> values = compile_positional(location, arguments, shown);
    if (values.empty()) values.push_back(std::make_unique<ConstantNode>(location, Value()));
    if (values.size() != 1) refuse(location, std::string(shown) + " takes one value");
    return std::make_unique<WrapNode>(location, std::move(values[0]),
                                      shown == "Ok"    ? &make_ok
                                      : shown == "Err" ? &make_err
                                                       : &make_some);
  }
  const BuiltinEntry* entry = find_builtin(shown);
  if (entry == nullptr) return nullptr;
  std::vector<NodePtr> values = compile_positional(location, arguments, shown);
  if (values.size() < entry->least || values.size() > entry->most) {
    refuse(location, std::string(shown) + " does not take " + std::to_string(values.size()) + " arguments");
  }
  return std::make_unique<HostNode>(location, entry->function, std::move(values));
}

NodePtr Compiler::compile_static_call(Location location, FunctionCode& code, const std::vector<Argument>& arguments) {
  if (code.has_self) {
    refuse(location, code.display_name() + " is a method of a value: only static functions are called on a type");
  }
  auto node = std::make_unique<StaticCallNode>(location, code);
  for (const Argument& argument : arguments) {
    node->site.arguments.push_back({compile_value(*argument.value), argument.name, argument.spread});
  }
  const std::string problem = node->site.problem(code);
  if (!problem.empty()) refuse(location, problem);
  return node;
}

NodePtr Compiler::compile_construct(Location location, const RecordType& record,
                                    const std::vector<Argument>& arguments) {
  auto node = std::make_unique<ConstructNode>(location, record);
  const std::string shown(spelling(record.name));
  const auto& declared = record.declaration->fields;
  std::vector<bool> given(record.fields.size(), false);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const Argument& argument = arguments[i];
    if (argument.spread) refuse(location, "a spread of fields is not supported here");
    std::size_t at = i;
    if (argument.name) {
      const auto found = record.field_index.find(argument.name);
      if (found == record.field_index.end()) {
        refuse(argument.location, shown + " has no field " + std::string(spelling(argument.name)));
      }
      at = found->second;
    }
    if (at >= record.fields.size()) refuse(location, shown + " has " + std::to_string(given.size()) + " fields");
    if (given[at])
      refuse(argument.location, "the field " + std::string(spelling(record.fields[at].name)) + " is given twice");
    given[at] = true;
    node->values.push_back(compile_value(*argument.value));
    node->fields.push_back(at);
  }
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i]) continue;
    const bool has_default =
        record.fields[i].default_value != nullptr || (i < declared.size() && declared[i].default_value != nullptr);
    const bool may_be_nil =
        i < declared.size() && declared[i].type != nullptr && declared[i].type->kind == TypeKind::optional;
    if (!has_default && !may_be_nil) {
      refuse(location, shown + " needs the field " + std::string(spelling(record.fields[i].name)));
    }
    node->defaults.push_back(i);
  }
  return node;
}

NodePtr Compiler::compile_variant(Location location, const EnumType& type, std::uint32_t index,
                                  const std::vector<Argument>& arguments) {
  const VariantCode& variant = type.variants[index];
  const std::string shown = std::string(spelling(type.name)) + "." + std::string(spelling(variant.name));
  if (arguments.size() != variant.fields.size()) {
    refuse(location, shown + " takes " + std::to_string(variant.fields.size()) + " values, not " +
                         std::to_string(arguments.size()));
  }
  if (variant.fields.empty()) {
    return std::make_unique<ConstantNode>(location, Value::own(new VariantObject(&type, index, {})));
  }
  auto node = std::make_unique<VariantNode>(location, type, index);
  node->payload.resize(arguments.size());
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::size_t at = i;
    if (arguments[i].name) {
      at = static_cast<std::size_t>(std::ranges::find(variant.fields, arguments[i].name, &FieldCode::name) -
                                    variant.fields.begin());
    }
    if (at >= variant.fields.size() || node->payload[at] != nullptr) refuse(location, "wrong labels for " + shown);
    node->payload[at] = compile_value(*arguments[i].value);
  }
  return node;
}

NodePtr Compiler::compile_member_of_type(const MethodCallExpr& call, const Entity& entity) {
  const std::string shown(spelling(call.name));
  if (entity.kind == Entity::Kind::enumeration) {
    const auto variant = entity.enumeration->variant_index.find(call.name);
    if (variant != entity.enumeration->variant_index.end()) {
      return compile_variant(call.location, *entity.enumeration, variant->second, call.arguments);
    }
  }
  const Methods& methods = entity.kind == Entity::Kind::record ? entity.record->methods : entity.enumeration->methods;
  const auto method = methods.find(call.name);
  const Symbol owner = entity.kind == Entity::Kind::record ? entity.record->name : entity.enumeration->name;
  if (method == methods.end()) {
    refuse(call.location, std::string(spelling(owner)) + " has no member " + shown);
  }
  return compile_static_call(call.location, *method->second, call.arguments);
}

NodePtr Compiler::compile_call(const CallExpr& call) {
  const auto* name = get_if<NameExpr>(call.callee.get());
  if (name != nullptr && !capture(*scope_, name->name) && scope_->own_name != name->name) {
    if (const Entity* type = type_entity(*name)) {
      if (type->kind == Entity::Kind::record) return compile_construct(call.location, *type->record, call.arguments);
      refuse(call.location, "an enum is made by one of its variants");
    }
    const Entity* entity = find_entity(name->name);
    if (entity != nullptr && entity->kind == Entity::Kind::function) {
      return compile_static_call(call.location, *entity->function, call.arguments);
    }
    if (entity == nullptr) {
      const std::string_view shown = spelling(name->name);
      if (spec_word(name->name)) {
        return shown == "expect" ? compile_expect(call) : compile_spec_call(call.location, shown, call.arguments);
      }
      if (NodePtr builtin = compile_builtin_call(call.location, name->name, call.arguments)) return builtin;
      refuse(call.location, "unknown function: " + std::string(shown));
    }
  }
  auto node = std::make_unique<ValueCallNode>(call.location, compile_value(*call.callee));
  for (const Argument& argument : call.arguments) {
    node->site.arguments.push_back({compile_value(*argument.value), argument.name, argument.spread});
  }
  return node;
}

NodePtr Compiler::compile_lambda(const LambdaExpr& lambda) {
  FunctionCode* code = declare_function(*lambda.function, nullptr, nullptr);
  code->name = Symbol{};
  code->has_result = false;
  compile_function(*code, scope_);
  return closure_node(lambda.location, *code);
}

NodePtr Compiler::compile_method_reference(const MethodReferenceExpr& reference) {
  struct ReferenceBody final : Node {
    Symbol name;
    Method method;
    ReferenceBody(Location l, Symbol n) : Node(l), name(n), method(method_named(spelling(n))) {}
    Value eval(Frame& frame) const override {
      Arguments none;
      const Value self = frame.slots[0];
      return call_any_method({frame, location}, self, name, method, none);
    }
  };
  auto code = std::make_unique<FunctionCode>();
  code->location = reference.location;
  code->module = &unit_;
  code->parameters.emplace_back();
  code->parameters.back().name = intern("self");
  code->slot_count = 1;
  code->ready = true;
  code->body = std::make_unique<ReferenceBody>(reference.location, reference.name);
  unit_.functions.push_back(std::move(code));
  return closure_node(reference.location, *unit_.functions.back());
}

}  // namespace stdbind::simple
