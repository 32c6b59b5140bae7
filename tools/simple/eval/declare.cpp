// Declarations: what names a module has, and the order in which its parts are made ready.
#include <algorithm>

#include "externs.hpp"
#include "modules.hpp"
#include "nodes.hpp"

namespace stdbind::simple {

namespace {

/// Methods of these names are static even without the word.
bool is_static_by_name(std::string_view name) {
  return name == "new" || name == "create" || name == "default" || name == "init" || name.starts_with("from_") ||
         name.starts_with("with_");
}

void names_of(const Pattern& pattern, std::vector<Symbol>& names) {
  if (pattern.kind == PatternKind::binding || (pattern.kind == PatternKind::rest && pattern.name)) {
    names.push_back(pattern.name);
  }
  for (const PatternPtr& child : pattern.children) names_of(*child, names);
}

}  // namespace

void Compiler::add_name(Symbol name, Entity entity, Location location) {
  if (entity.module == nullptr) entity.module = &unit_;
  const auto [place, added] = unit_.names.emplace(name, entity);
  if (added) return;
  const bool same = place->second.function == entity.function && place->second.record == entity.record &&
                    place->second.enumeration == entity.enumeration && place->second.global == entity.global;
  if (!same) refuse(location, "the name " + std::string(spelling(name)) + " is taken");
}

FunctionCode* Compiler::declare_function(const FunctionDecl& declaration, const RecordType* record,
                                         const EnumType* enumeration) {
  auto code = std::make_unique<FunctionCode>();
  code->name = declaration.name;
  code->location = declaration.location;
  code->module = &unit_;
  code->declaration = &declaration;
  code->is_extern = declaration.is_extern;
  code->is_async = declaration.is_async;
  code->has_result = declaration.result != nullptr;
  code->is_mutating = declaration.is_mutating;
  code->owner_record = record;
  code->owner_enum = enumeration;
  const bool method = record != nullptr || enumeration != nullptr;
  code->is_static =
      declaration.is_static || (method && !declaration.is_mutating && is_static_by_name(spelling(declaration.name)));
  code->has_self = method && !code->is_static;
  for (const Parameter& parameter : declaration.parameters) {
    code->parameters.emplace_back();
    code->parameters.back().name = parameter.name;
    code->parameters.back().variadic = parameter.variadic;
  }
  if (declaration.is_extern) code->external = find_extern(spelling(declaration.name));
  unit_.functions.push_back(std::move(code));
  return unit_.functions.back().get();
}

void Compiler::add_methods(const std::vector<std::unique_ptr<FunctionDecl>>& methods, Methods& into,
                           const RecordType* record, const EnumType* enumeration) {
  for (const auto& method : methods) {
    FunctionCode* code = declare_function(*method, record, enumeration);
    if (!into.emplace(method->name, code).second) {
      refuse(method->location, "the method " + std::string(spelling(method->name)) + " exists twice");
    }
  }
}

void Compiler::declare_record(const RecordDecl& declaration) {
  using Form = RecordDecl::Form;
  if (declaration.form != Form::struct_ && declaration.form != Form::class_ && declaration.form != Form::mixin) {
    refuse(declaration.location, "only struct, class and mixin are run here");
  }
  unit_.records.push_back(std::make_unique<RecordType>());
  RecordType& record = *unit_.records.back();
  record.name = declaration.name;
  record.is_class = declaration.form == Form::class_;
  record.module = &unit_;
  record.declaration = &declaration;
  for (const Field& field : declaration.fields) {
    if (!record.field_index.emplace(field.name, static_cast<std::uint32_t>(record.fields.size())).second) {
      refuse(field.location, "the field " + std::string(spelling(field.name)) + " exists twice");
    }
    record.fields.emplace_back();
    record.fields.back().name = field.name;
  }
  if (!declaration.delegations.empty()) refuse(declaration.location, "delegation by alias is not supported here");
  Entity entity;
  entity.kind = Entity::Kind::record;
  entity.record = &record;
  add_name(declaration.name, entity, declaration.location);
  add_methods(declaration.methods, record.methods, &record, nullptr);
  for (const StmtPtr& member : declaration.constants) {
    const auto* binding = get_if<BindingStmt>(member.get());
    if (binding == nullptr || binding->pattern->kind != PatternKind::binding) {
      refuse(member->location, "only constants stand inside of a type here");
    }
    unit_.globals.push_back(std::make_unique<Global>());
    unit_.globals.back()->name = binding->pattern->name;
    unit_.globals.back()->module = &unit_;
    record.constants.emplace(binding->pattern->name, unit_.globals.back().get());
  }
}

void Compiler::declare_enum(const EnumDecl& declaration) {
  unit_.enums.push_back(std::make_unique<EnumType>());
  EnumType& type = *unit_.enums.back();
  type.name = declaration.name;
  type.module = &unit_;
  type.declaration = &declaration;
  std::int64_t next = 0;
  for (const Variant& variant : declaration.variants) {
    VariantCode code;
    code.name = variant.name;
    if (const auto* number = get_if<IntegerExpr>(variant.discriminant.get()))
      next = static_cast<std::int64_t>(number->value);
    code.discriminant = next++;
    for (const Field& field : variant.fields) {
      code.fields.emplace_back();
      code.fields.back().name = field.name;
    }
    if (!type.variant_index.emplace(variant.name, static_cast<std::uint32_t>(type.variants.size())).second) {
      refuse(variant.location, "the variant " + std::string(spelling(variant.name)) + " exists twice");
    }
    type.variants.push_back(std::move(code));
  }
  Entity entity;
  entity.kind = Entity::Kind::enumeration;
  entity.enumeration = &type;
  add_name(declaration.name, entity, declaration.location);
  add_methods(declaration.methods, type.methods, nullptr, &type);
}

void Compiler::declare_binding(const BindingStmt& statement) {
  std::vector<Symbol> names;
  names_of(*statement.pattern, names);
  for (const Symbol name : names) {
    unit_.globals.push_back(std::make_unique<Global>());
    Global& global = *unit_.globals.back();
    global.name = name;
    global.module = &unit_;
    global.is_variable = statement.binding == BindingKind::var || statement.binding == BindingKind::let_mut;
    Entity entity;
    entity.kind = Entity::Kind::global;
    entity.global = &global;
    add_name(name, entity, statement.location);
  }
}

void Compiler::declare_statement(const Stmt& statement) {
  switch (statement.kind) {
    case StmtKind::function: {
      const auto& function = as<FunctionDecl>(statement);
      Entity entity;
      entity.kind = Entity::Kind::function;
      entity.function = declare_function(function, nullptr, nullptr);
      add_name(function.name, entity, function.location);
      return;
    }
    case StmtKind::record:
      declare_record(as<RecordDecl>(statement));
      return;
    case StmtKind::enum_:
      declare_enum(as<EnumDecl>(statement));
      return;
    case StmtKind::binding:
      declare_binding(as<BindingStmt>(statement));
      return;
    case StmtKind::trait: {
      const auto& trait = as<TraitDecl>(statement);
      unit_.traits.push_back(std::make_unique<TraitCode>());
      unit_.traits.back()->name = trait.name;
      unit_.traits.back()->declaration = &trait;
      unit_.traits.back()->module = &unit_;
      Entity entity;
      entity.kind = Entity::Kind::trait;
      entity.trait = unit_.traits.back().get();
      add_name(trait.name, entity, trait.location);
      return;
    }
    case StmtKind::type_alias: {
      const auto& alias = as<TypeAliasDecl>(statement);
      Entity entity;
      entity.kind = Entity::Kind::alias;
      entity.alias = alias.type.get();
      add_name(alias.name, entity, alias.location);
      return;
    }
    case StmtKind::extern_block:
      for (const StmtPtr& member : as<ExternBlockDecl>(statement).members) declare_statement(*member);
      return;
    case StmtKind::unit:
      refuse(statement.location, "unit types are not supported here");
    default:
      return;
  }
}

void Compiler::declare() {
  const std::string_view file = unit_.file;
  unit_.uses_spec = file.ends_with("_spec.spl") || file.ends_with("_test.spl");
  for (const StmtPtr& statement : unit_.tree.statements) declare_statement(*statement);
  unit_.top = std::make_unique<FunctionCode>();
  unit_.top->module = &unit_;
  unit_.top->is_module = true;
  unit_.declared = true;
}

void Compiler::import(const UseDecl& use) {
  if (use.alias) refuse(use.location, "use … as … does not work in the real engines: import the names");
  if (Loader::is_spec_module(use.path)) {
    unit_.uses_spec = true;
    for (const ImportedName& name : use.names) {
      if (!spec_word(name.name)) refuse(name.location, "std.spec has no " + std::string(spelling(name.name)));
    }
    return;
  }
  if (Loader::is_dynamic_module(use.path)) {
    for (const ImportedName& name : use.names) {
      Entity entity;
      entity.kind = Entity::Kind::function;
      entity.function = loader_.dynamic_function(spelling(name.name));
      if (entity.function == nullptr) {
        refuse(name.location,
               "only the raw calls of std.sffi.dynamic are known here, not " + std::string(spelling(name.name)));
      }
      entity.module = entity.function->module;
      add_name(name.alias ? name.alias : name.name, entity, name.location);
    }
    return;
  }
  ModuleUnit* from = loader_.import(unit_, use.path, use.location);
  if (from == nullptr) return;
  const auto visible = [&](Symbol name) -> const Entity* {
    const auto exported = from->exports.find(name);
    if (exported != from->exports.end()) return &exported->second;
    const auto own = from->names.find(name);
    return !from->exports_listed && own != from->names.end() && own->second.module == from ? &own->second : nullptr;
  };
  const auto take = [&](Symbol name, Symbol as, const Entity& entity, Location location, bool by_star) {
    if (entity.kind == Entity::Kind::global && entity.global->is_variable) {
      if (by_star) return;
      refuse(location, "the variable " + std::string(spelling(name)) +
                           " of another module is unreliable in the real engines: export a function");
    }
    add_name(as, entity, location);
    if (use.is_export) unit_.exports.emplace(as, entity);
  };
  if (use.is_export) unit_.exports_listed = true;
  for (const ImportedName& name : use.names) {
    const Entity* entity = visible(name.name);
    if (entity == nullptr) {
      const bool inside = from->names.contains(name.name);
      refuse(name.location, from->file + " does not export " + std::string(spelling(name.name)) +
                                (inside ? ": export it there (a plain use re-exports nothing)" : ""));
    }
    take(name.name, name.alias ? name.alias : name.name, *entity, name.location, false);
  }
  if (use.everything) {
    for (const auto& [name, entity] : from->exports) take(name, name, entity, use.location, true);
    for (const auto& [name, entity] : from->names) {
      if (!from->exports_listed && entity.module == from) take(name, name, entity, use.location, true);
    }
  }
}

void Compiler::list_exports(const ExportDecl& list) {
  unit_.exports_listed = true;
  for (const ImportedName& name : list.names) {
    const Entity* entity = find_entity(name.name);
    if (entity == nullptr) refuse(name.location, "there is no " + std::string(spelling(name.name)) + " to export");
    unit_.exports.emplace(name.alias ? name.alias : name.name, *entity);
  }
  if (list.everything) {
    for (const auto& [name, entity] : unit_.names) {
      if (entity.module == &unit_) unit_.exports.emplace(name, entity);
    }
  }
}

void Compiler::compile_impl(const ImplDecl& impl) {
  const Type& target = *impl.target;
  const Entity* entity =
      target.kind == TypeKind::named && target.path.size() == 1 ? find_entity(target.path[0]) : nullptr;
  if (entity == nullptr || (entity->kind != Entity::Kind::record && entity->kind != Entity::Kind::enumeration)) {
    refuse(impl.location, "impl is for a struct, class or enum here");
  }
  RecordType* record = entity->record;
  EnumType* type = entity->enumeration;
  add_methods(impl.methods, record != nullptr ? record->methods : type->methods, record, type);
  if (impl.trait != nullptr) (record != nullptr ? record->traits : type->traits).push_back(impl.trait->path.back());
}

void Compiler::mix_in(RecordType& record, const TypePtr& mixin) {
  const Entity* entity = find_entity(mixin->path.back());
  if (entity == nullptr) refuse(mixin->location, "unknown type: " + std::string(spelling(mixin->path.back())));
  if (entity->kind == Entity::Kind::trait) {
    record.traits.push_back(mixin->path.back());
    return;
  }
  refuse(mixin->location, "with takes traits here");
}

/// Methods that a trait gives a body are taken over; the others must be there.
void Compiler::complete_traits(Methods& methods, std::vector<Symbol>& traits, const RecordType* record,
                               const EnumType* type) {
  for (std::size_t i = 0; i < traits.size() && i < 100; ++i) {
    const Entity* entity = find_entity(traits[i]);
    if (entity == nullptr || entity->kind != Entity::Kind::trait) continue;
    const TraitDecl& trait = *entity->trait->declaration;
    for (const TypePtr& parent : trait.supertraits) traits.push_back(parent->path.back());
    for (const auto& method : trait.methods) {
      if (methods.contains(method->name)) continue;
      if (!method->body) {
        const Symbol owner = record != nullptr ? record->name : type->name;
        const Location at = record != nullptr ? record->declaration->location : type->declaration->location;
        refuse(at, std::string(spelling(owner)) + " needs the method " + std::string(spelling(method->name)) +
                       " of the trait " + std::string(spelling(trait.name)));
      }
      methods.emplace(method->name, declare_function(*method, record, type));
    }
  }
}

namespace {

/// An expression with variables of its own, evaluated wherever the type is made.
struct DetachedNode final : Node {
  FunctionCode code;
  NodePtr value;
  explicit DetachedNode(Location l) : Node(l) {}
  Value eval(Frame& frame) const override {
    frame.machine->check_native_stack(frame, location);
    const Reservation reserved(*frame.machine, code.slot_count, frame, location);
    Frame inner{reserved.slots(), &code, frame.machine, nullptr, frame.serial, Symbol{}, nullptr};
    return value->eval(inner);
  }
};

}  // namespace

NodePtr Compiler::compile_detached(const Expr& expression) {
  auto node = std::make_unique<DetachedNode>(expression.location);
  node->code.module = &unit_;
  node->code.location = expression.location;
  node->code.is_module = true;
  FunctionScope scope;
  scope.code = &node->code;
  FunctionScope* before = scope_;
  scope_ = &scope;
  node->value = compile_value(expression);
  scope_ = before;
  return node;
}

void Compiler::complete_record(RecordType& record) {
  self_record_ = &record;
  for (const TypePtr& mixin : record.declaration->mixins) mix_in(record, mixin);
  complete_traits(record.methods, record.traits, &record, nullptr);
  for (std::size_t i = 0; i < record.fields.size(); ++i) {
    const Field& field = record.declaration->fields[i];
    record.fields[i].type = compile_type(field.type.get());
    if (field.default_value != nullptr) record.fields[i].default_value = compile_detached(*field.default_value);
  }
  self_record_ = nullptr;
}

void Compiler::complete_enum(EnumType& type) {
  self_enum_ = &type;
  complete_traits(type.methods, type.traits, nullptr, &type);
  for (std::size_t i = 0; i < type.variants.size(); ++i) {
    for (std::size_t k = 0; k < type.variants[i].fields.size(); ++k) {
      type.variants[i].fields[k].type = compile_type(type.declaration->variants[i].fields[k].type.get());
    }
  }
  self_enum_ = nullptr;
}

void Compiler::complete_signature(FunctionCode& code) {
  if (code.declaration == nullptr) return;
  self_record_ = code.owner_record;
  self_enum_ = code.owner_enum;
  for (std::size_t i = 0; i < code.parameters.size(); ++i) {
    code.parameters[i].type = compile_type(code.declaration->parameters[i].type.get());
  }
  code.result = compile_type(code.declaration->result.get());
  if (code.is_extern) code.has_result = false;
}

void Compiler::compile_function(FunctionCode& code, FunctionScope* outer) {
  if (code.ready) return;
  const RecordType* record_before = self_record_;
  const EnumType* enum_before = self_enum_;
  FunctionScope* scope_before = scope_;
  if (outer == nullptr) {
    self_record_ = code.owner_record;
    self_enum_ = code.owner_enum;
  } else {
    for (std::size_t i = 0; i < code.parameters.size(); ++i) {
      code.parameters[i].type = compile_type(code.declaration->parameters[i].type.get());
    }
    code.result = compile_type(code.declaration->result.get());
  }
  FunctionScope scope;
  scope.code = &code;
  scope.outer = outer;
  if (outer != nullptr) scope.own_name = code.declaration->name;
  scope_ = &scope;
  if (code.has_self) {
    add_variable(intern("self"), code.is_mutating ? VariableKind::self_change : VariableKind::self_read, code.location);
  }
  for (std::size_t i = 0; i < code.parameters.size(); ++i) {
    const Parameter& parameter = code.declaration->parameters[i];
    add_variable(parameter.name, parameter.is_mutable ? VariableKind::var : VariableKind::parameter,
                 parameter.location);
  }
  for (std::size_t i = 0; i < code.parameters.size(); ++i) {
    const Parameter& parameter = code.declaration->parameters[i];
    if (parameter.default_value != nullptr) code.parameters[i].default_value = compile_value(*parameter.default_value);
  }
  if (code.declaration->body) {
    code.body = compile_body(*code.declaration->body);
  } else if (!code.is_extern) {
    refuse(code.location, "this function has no body");
  }
  code.ready = true;
  scope_ = scope_before;
  self_record_ = record_before;
  self_enum_ = enum_before;
}

void Compiler::compile() {
  const auto each = [&](StmtKind kind, const auto& action) {
    for (const StmtPtr& statement : unit_.tree.statements) {
      if (statement->kind == kind) action(*statement);
    }
  };
  each(StmtKind::use, [&](const Stmt& s) { import(as<UseDecl>(s)); });
  each(StmtKind::export_, [&](const Stmt& s) { list_exports(as<ExportDecl>(s)); });
  if (unit_.exports_listed) {
    each(StmtKind::function, [&](const Stmt& s) {
      const auto& function = as<FunctionDecl>(s);
      if (function.is_public) unit_.exports.emplace(function.name, *find_entity(function.name));
    });
  }
  each(StmtKind::impl, [&](const Stmt& s) { compile_impl(as<ImplDecl>(s)); });

  FunctionScope scope;
  scope.code = unit_.top.get();
  scope_ = &scope;
  for (const auto& record : unit_.records) {
    complete_record(*record);
  }
  for (const auto& type : unit_.enums) complete_enum(*type);
  const std::size_t declared = unit_.functions.size();  // lambdas are compiled where they stand
  for (std::size_t i = 0; i < declared; ++i) {
    if (!unit_.functions[i]->ready) complete_signature(*unit_.functions[i]);
  }
  self_record_ = nullptr;
  self_enum_ = nullptr;
  for (std::size_t i = 0; i < declared; ++i) compile_function(*unit_.functions[i], nullptr);

  auto body = std::make_unique<BlockNode>(Location{1, 1});
  for (const auto& record : unit_.records) {
    for (const StmtPtr& member : record->declaration->constants) {
      const auto& binding = as<BindingStmt>(*member);
      auto place = std::make_unique<GlobalNode>(member->location, record->constants.at(binding.pattern->name));
      struct ConstantInitNode final : Node {
        std::unique_ptr<GlobalNode> place;
        NodePtr value;
        ConstantInitNode(Location l, std::unique_ptr<GlobalNode> p, NodePtr v)
            : Node(l), place(std::move(p)), value(std::move(v)) {}
        Value eval(Frame& frame) const override {
          place->global->value = value->eval(frame);
          place->global->is_set = true;
          return {};
        }
      };
      body->parts.push_back(
          std::make_unique<ConstantInitNode>(member->location, std::move(place), compile_value(*binding.value)));
    }
  }
  for (const StmtPtr& statement : unit_.tree.statements) {
    if (NodePtr part = compile_statement(*statement)) body->parts.push_back(std::move(part));
  }
  unit_.top->body = std::move(body);
  unit_.top->ready = true;
  scope_ = nullptr;
}

}  // namespace stdbind::simple
