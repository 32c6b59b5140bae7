// Rules about declarations, statements and the file as a whole.
#include "checker.hpp"

#include <algorithm>

#include "checker_impl.hpp"

namespace stdbind::simple {
namespace {

std::string quoted(Symbol name) { return "'" + std::string(spelling(name)) + "'"; }

bool same_type(const Type& a, const Type& b) {
  if (a.kind != b.kind || a.path != b.path || a.children.size() != b.children.size()) return false;
  for (std::size_t i = 0; i < a.children.size(); ++i) {
    if (!same_type(*a.children[i], *b.children[i])) return false;
  }
  return true;
}

}  // namespace

void check_module(const Module& module, Diagnostics& errors, Diagnostics& warnings) {
  Checker(module, errors, warnings).run();
}

void Checker::refuse(Location location, std::string message) {
  errors_.push_back({module_.file, location.line, location.column, std::move(message), Severity::error});
}

void Checker::warn(Location location, std::string message) {
  warnings_.push_back({module_.file, location.line, location.column, std::move(message), Severity::warning});
}

void Checker::run() {
  scopes_.emplace_back();
  scopes_.back().module = true;
  check_file();
  collect();
  for (const StmtPtr& item : module_.statements) statement(*item);
  module_variables();
}

void Checker::check_file() {
  constexpr std::uint32_t longest = 800;
  if (module_.line_count > longest) warn({longest + 1, 1}, "a file has at most 800 lines: split it up");
  const std::string& path = module_.file;
  const std::size_t slash = path.rfind('/');
  if (path.substr(slash == std::string::npos ? 0 : slash + 1) == "mod.spl") {
    refuse({1, 1}, "a file named mod.spl is never found: name it __init__.spl");
  }
}

// What the top level declares is known in the whole file.
void Checker::collect() {
  for (const StmtPtr& item : module_.statements) {
    if (const auto* function = get_if<FunctionDecl>(item.get())) {
      const auto [place, fresh] = scopes_.back().names.emplace(function->name, Declared::function);
      if (!fresh) refuse(function->location, "the name " + quoted(function->name) + " is declared twice");
    } else if (const auto* record = get_if<RecordDecl>(item.get())) {
      declare(record->name, Declared::type, record->location, "");
      types_.insert(record->name);
    } else if (const auto* enumeration = get_if<EnumDecl>(item.get())) {
      declare(enumeration->name, Declared::type, enumeration->location, "");
      types_.insert(enumeration->name);
      enums_.emplace(enumeration->name, enumeration);
      for (const Variant& variant : enumeration->variants) variants_.emplace(variant.name, enumeration);
    } else if (const auto* trait = get_if<TraitDecl>(item.get())) {
      declare(trait->name, Declared::type, trait->location, "");
      types_.insert(trait->name);
    } else if (const auto* alias = get_if<TypeAliasDecl>(item.get())) {
      declare(alias->name, Declared::type, alias->location, "");
      types_.insert(alias->name);
    } else if (const auto* unit = get_if<UnitDecl>(item.get())) {
      declare(unit->name, Declared::type, unit->location, "");
      types_.insert(unit->name);
      suffixes_.insert(unit->suffix);
    } else if (const auto* variable = get_if<BindingStmt>(item.get())) {
      if (variable->pattern->kind == PatternKind::binding) {
        const auto kind = variable->binding == BindingKind::var ? Declared::var : Declared::val;
        const auto [place, fresh] = scopes_.back().names.emplace(variable->pattern->name, kind);
        if (!fresh)
          refuse(variable->pattern->location, "the name " + quoted(variable->pattern->name) + " is declared twice");
      }
    } else if (const auto* import = get_if<UseDecl>(item.get())) {
      for (const ImportedName& name : import->names) {
        const Symbol local = name.alias ? name.alias : name.name;
        scopes_.back().names.emplace(local, Declared::import);
        types_.insert(local);
      }
    }
  }
}

void Checker::check_name(Symbol name, Location location, std::string_view what) {
  const std::string_view word = spelling(name);
  if (is_reserved(word)) {
    refuse(location, "'" + std::string(word) + "' is a word of the language and not safe as " + std::string(what) +
                         ": choose another name");
  }
}

void Checker::declare(Symbol name, Declared kind, Location location, std::string_view what) {
  if (!name) return;
  if (!what.empty()) check_name(name, location, what);
  auto& names = scopes_.back().names;
  if (kind == Declared::type && names.contains(name)) {
    refuse(location, "the name " + quoted(name) + " is declared twice");
  }
  names.insert_or_assign(name, kind);
}

void Checker::block(const Block& body, bool new_scope) {
  if (new_scope) scopes_.emplace_back();
  for (const StmtPtr& item : body.statements) {
    if (const auto* nested = get_if<FunctionDecl>(item.get())) declare(nested->name, Declared::function, {}, "");
  }
  for (const StmtPtr& item : body.statements) statement(*item);
  if (new_scope) scopes_.pop_back();
}

void Checker::loop_body(const Block& body) {
  ++loops_;
  block(body);
  --loops_;
}

// Whether the block always goes elsewhere, as the block of a let-else must.
bool Checker::leaves(const Block& body) const {
  if (body.statements.empty()) return false;
  const Stmt& last = *body.statements.back();
  if (last.kind == StmtKind::return_ || last.kind == StmtKind::break_ || last.kind == StmtKind::continue_) return true;
  const auto* value = get_if<ExprStmt>(&last);
  if (value == nullptr) return last.kind == StmtKind::loop;
  if (value->value->kind == ExprKind::jump) return true;
  if (const auto* call = get_if<CallExpr>(value->value.get())) {
    const auto* callee = get_if<NameExpr>(call->callee.get());
    const std::string_view name = callee == nullptr ? std::string_view() : spelling(callee->name);
    return name == "panic" || name == "exit" || name == "fail";
  }
  if (const auto* choice = get_if<ConditionalExpr>(value->value.get())) {
    return choice->otherwise && leaves(*choice->otherwise) &&
           std::all_of(choice->branches.begin(), choice->branches.end(), [&](const auto& b) { return leaves(b.body); });
  }
  if (const auto* match = get_if<MatchExpr>(value->value.get())) {
    return std::all_of(match->arms.begin(), match->arms.end(), [&](const auto& arm) { return leaves(arm.body); });
  }
  return false;
}

void Checker::statement(const Stmt& item) {
  switch (item.kind) {
    case StmtKind::expression: {
      const Expr& value = *as<ExprStmt>(item).value;
      if (const auto* comparison = get_if<ComparisonExpr>(&value)) {
        const auto* call = get_if<CallExpr>(comparison->operands.front().get());
        const auto* callee = call == nullptr ? nullptr : get_if<NameExpr>(call->callee.get());
        if (callee != nullptr && spelling(callee->name) == "expect") {
          refuse(item.location, "the comparison belongs inside: expect(a == b)");
        }
      }
      expression(value);
      return;
    }
    case StmtKind::binding:
      binding(as<BindingStmt>(item));
      return;
    case StmtKind::assignment:
      assignment(as<AssignmentStmt>(item));
      return;
    case StmtKind::return_:
      if (functions_.empty()) refuse(item.location, "'return' stands only in a function");
      expression(as<ReturnStmt>(item).value);
      return;
    case StmtKind::break_:
    case StmtKind::continue_:
      if (loops_ == 0) {
        refuse(item.location,
               std::string(item.kind == StmtKind::break_ ? "'break'" : "'continue'") + " stands only in a loop");
      }
      return;
    case StmtKind::while_: {
      const auto& loop = as<WhileStmt>(item);
      scopes_.emplace_back();
      conditions(loop.conditions);
      loop_body(loop.body);
      scopes_.pop_back();
      return;
    }
    case StmtKind::for_: {
      const auto& loop = as<ForStmt>(item);
      expression(loop.source);
      scopes_.emplace_back();
      pattern(*loop.pattern, Declared::val);
      expression(loop.condition);
      loop_body(loop.body);
      scopes_.pop_back();
      return;
    }
    case StmtKind::loop:
      loop_body(as<LoopStmt>(item).body);
      return;
    case StmtKind::with: {
      const auto& with = as<WithStmt>(item);
      scopes_.emplace_back();
      for (const auto& resource : with.resources) {
        expression(resource.value);
        declare(resource.name, Declared::val, item.location, "a variable");
      }
      block(with.body);
      scopes_.pop_back();
      return;
    }
    case StmtKind::defer:
      block(as<DeferStmt>(item).body);
      return;
    case StmtKind::pass: {
      const std::string_view word = spelling(as<PassStmt>(item).name);
      if (word != "pass" && word != "pass_do_nothing" && word != "pass_todo" && word != "pass_dn") {
        refuse(item.location, "names that begin with pass_ belong to the language: choose another one");
      }
      arguments(as<PassStmt>(item).arguments);
      return;
    }
    case StmtKind::assert_:
      expression(as<AssertStmt>(item).condition);
      expression(as<AssertStmt>(item).message);
      return;
    case StmtKind::spec_block: {
      const auto& spec = as<SpecBlockStmt>(item);
      if (spec.name && spec.name->kind == ExprKind::interpolation) {
        refuse(spec.name->location, "the names of examples are not interpolated: write plain text");
      }
      block(spec.body);
      return;
    }
    case StmtKind::function: {
      const auto& decl = as<FunctionDecl>(item);
      const bool top = functions_.empty() && scopes_.size() == 1;
      if (decl.is_mutating) refuse(decl.location, "'me' declares a method: it stands in a struct, class or impl");
      if (decl.is_static) refuse(decl.location, "'static' declares a method: it stands in a struct, class or impl");
      check_name(decl.name, decl.location, "the name of a function");
      if (decl.is_extern && !top) refuse(decl.location, "an extern function is declared at the top level");
      if (top) top_function_ = decl.name;
      function(decl, false, false);
      if (top) top_function_ = Symbol();
      return;
    }
    case StmtKind::record:
      record(as<RecordDecl>(item));
      break;
    case StmtKind::enum_:
      enumeration(as<EnumDecl>(item));
      break;
    case StmtKind::trait: {
      const auto& trait = as<TraitDecl>(item);
      methods(trait.methods, "trait");
      fields(trait.fields);
      break;
    }
    case StmtKind::impl: {
      const auto& impl = as<ImplDecl>(item);
      if (impl.trait) type(impl.trait);
      type(impl.target);
      methods(impl.methods, "impl");
      for (const StmtPtr& member : impl.members) {
        scopes_.emplace_back();
        statement(*member);
        scopes_.pop_back();
      }
      break;
    }
    case StmtKind::type_alias:
      type(as<TypeAliasDecl>(item).type);
      break;
    case StmtKind::unit:
      type(as<UnitDecl>(item).type);
      break;
    case StmtKind::use:
      use(as<UseDecl>(item));
      return;
    case StmtKind::export_:
      exported(as<ExportDecl>(item));
      return;
    default:
      return;
  }
  if (scopes_.size() > 1 && item.kind != StmtKind::type_alias) {
    refuse(item.location, "a type is declared at the top level of the file");
  }
}

void Checker::binding(const BindingStmt& statement) {
  attributes(statement.attributes);
  type(statement.type);
  if (!statement.value) refuse(statement.location, "a variable needs a value: var name: T = value");
  expression(statement.value);
  if (statement.otherwise) {
    block(*statement.otherwise);
    if (!leaves(*statement.otherwise)) {
      refuse(statement.otherwise->location, "this block must leave: end it with return, break, continue or panic(…)");
    }
  } else if (statement.pattern->kind == PatternKind::constructor || statement.pattern->kind == PatternKind::literal) {
    refuse(statement.pattern->location, "this may not match: add 'else:' with a block that leaves, or use 'if val'");
  }
  pattern(*statement.pattern, statement.binding == BindingKind::var ? Declared::var : Declared::val);
  if (statement.is_public && scopes_.size() == 1) {
    warn(statement.location,
         "'pub' does not export a value: add 'export " + std::string(spelling(statement.pattern->name)) + "'");
  }
}

void Checker::assigned_name(const NameExpr& target) {
  const std::string_view word = spelling(target.name);
  if (word == "self") {
    refuse(target.location, "'self' cannot be assigned: assign its fields");
    return;
  }
  bool crossed = false;
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    const auto found = scope->names.find(target.name);
    if (found == scope->names.end()) {
      crossed = crossed || scope->boundary;
      continue;
    }
    if (crossed && !scope->module) {
      refuse(target.location, "a lambda or nested function may read '" + std::string(word) +
                                  "' but not assign it: return the new value");
    } else if (found->second == Declared::val) {
      refuse(target.location, "'" + std::string(word) + "' does not change: declare it with 'var'");
    } else if (found->second == Declared::function || found->second == Declared::type) {
      refuse(target.location, "'" + std::string(word) + "' is no variable");
    } else if (found->second == Declared::import) {
      refuse(target.location, "another module's variable is not assigned: call a function of that module");
    } else if (scope->module && !functions_.empty()) {
      functions_.front().writes.insert(target.name);
    }
    return;
  }
  refuse(target.location, "'" + std::string(word) + "' is not declared: write var " + std::string(word) + " = …");
}

void Checker::assignment(const AssignmentStmt& statement) {
  expression(statement.value);
  const auto target = [&](auto&& self, const Expr& value) -> void {
    if (const auto* variable = get_if<NameExpr>(&value)) {
      assigned_name(*variable);
    } else if (const auto* tuple = get_if<TupleExpr>(&value)) {
      if (statement.op) refuse(value.location, "a tuple is assigned with '='");
      for (const ExprPtr& element : tuple->elements) self(self, *element);
    } else if (const auto* index = get_if<IndexExpr>(&value)) {
      const Expr& object = *index->object;
      if (object.kind == ExprKind::index) {
        refuse(value.location, "m[i][j] = v is refused: take the row into a var, change it, write the row back");
      } else if (object.kind == ExprKind::field) {
        mutation(object, value.location);
      } else if (const auto* variable = get_if<NameExpr>(&object)) {
        assigned_name(*variable);
      }
      expression(object);
      expression(index->index);
    } else if (const auto* field = get_if<FieldExpr>(&value)) {
      if (field->optional) refuse(value.location, "'?.' does not stand in what is assigned");
      const auto* variable = get_if<NameExpr>(field->object.get());
      if (variable != nullptr && spelling(variable->name) == "self") {
        if (!functions_.empty() && functions_.front().is_method && !functions_.front().decl->is_mutating) {
          refuse(value.location, "a method that changes self is declared 'me " +
                                     std::string(spelling(functions_.front().decl->name)) + "(…)', not 'fn'");
        }
      } else if (variable != nullptr) {
        assigned_name(*variable);
      }
      expression(field->object);
    } else {
      refuse(value.location, "this cannot be assigned to");
    }
  };
  target(target, *statement.target);
}

void Checker::use(const UseDecl& import) {
  if (import.path.parts.empty() && import.path.leading_dots == 0) return;
  for (const Symbol part : import.path.parts) {
    if (spelling(part) == "mod") refuse(import.location, "a file named mod.spl is never found: name it __init__.spl");
  }
  for (const ImportedName& name : import.names) {
    const Symbol local = name.alias ? name.alias : name.name;
    const std::string_view word = spelling(local);
    if (word != "context" && word != "skip") check_name(local, name.location, "an imported name");
  }
  if (!import.has_names && !import.everything && !import.is_export) {
    const bool spec = !import.path.parts.empty() && spelling(import.path.parts.back()) == "spec";
    if (!spec) warn(import.location, "this brings in no names: write use a.b.{name}");
  }
}

void Checker::exported(const ExportDecl& decl) {
  const auto everything = [](const StmtPtr& item) {
    const auto* import = get_if<UseDecl>(item.get());
    return import != nullptr && import->everything;
  };
  if (std::any_of(module_.statements.begin(), module_.statements.end(), everything)) return;
  for (const ImportedName& name : decl.names) {
    const auto found = scopes_.front().names.find(name.name);
    if (found == scopes_.front().names.end()) {
      refuse(name.location, quoted(name.name) + " is exported but not declared in this file");
    }
  }
}

void Checker::fields(const std::vector<Field>& all) {
  std::set<Symbol> seen;
  for (const Field& field : all) {
    check_name(field.name, field.location, "the name of a field");
    if (!seen.insert(field.name).second)
      refuse(field.location, "the field " + quoted(field.name) + " is declared twice");
    type(field.type);
    if (!field.type) refuse(field.location, "a field needs its type: " + std::string(spelling(field.name)) + ": T");
    expression(field.default_value);
  }
}

void Checker::record(const RecordDecl& decl) {
  attributes(decl.attributes);
  for (const TypePtr& mixin : decl.mixins) type(mixin);
  fields(decl.fields);
  methods(decl.methods, "type");
  for (const StmtPtr& constant : decl.constants) {
    scopes_.emplace_back();
    statement(*constant);
    scopes_.pop_back();
  }
}

void Checker::enumeration(const EnumDecl& decl) {
  attributes(decl.attributes);
  std::set<Symbol> seen;
  for (const Variant& variant : decl.variants) {
    if (!seen.insert(variant.name).second) {
      refuse(variant.location, "the variant " + quoted(variant.name) + " is declared twice");
    }
    for (const Field& field : variant.fields) {
      if (field.name) check_name(field.name, field.location, "the name of a field");
      type(field.type);
    }
    expression(variant.discriminant);
  }
  if (decl.variants.empty()) refuse(decl.location, "an enum needs at least one variant");
  methods(decl.methods, "enum");
}

void Checker::methods(const std::vector<std::unique_ptr<FunctionDecl>>& all, std::string_view owner) {
  std::set<Symbol> seen;
  for (const auto& decl : all) {
    if (!seen.insert(decl->name).second) {
      refuse(decl->location, "the method " + quoted(decl->name) + " is declared twice in this " + std::string(owner));
    }
    method(*decl);
  }
}

void Checker::method(const FunctionDecl& decl) {
  const std::string_view word = spelling(decl.name);
  if (!is_reserved_but_method(word)) check_name(decl.name, decl.location, "the name of a method");
  const bool taken_as_static = word == "new" || word == "create" || word == "default" || word == "init" ||
                               word.starts_with("from_") || word.starts_with("with_");
  if (taken_as_static && !decl.is_static) {
    refuse(decl.location,
           "a method named " + quoted(decl.name) + " is taken as static: write 'static fn', or choose another name");
  }
  if (decl.is_static && decl.is_mutating)
    refuse(decl.location, "a static method has no self to change: write 'static fn'");
  function(decl, true, false);
}

// An unlabelled tuple that repeats a type.
void Checker::result_type(const Type& type) {
  if (type.kind != TypeKind::tuple || !type.labels.empty()) return;
  for (std::size_t i = 0; i < type.children.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (!same_type(*type.children[i], *type.children[j])) continue;
      refuse(type.location, "a tuple result that repeats a type has labels: -> (first: T, second: T)");
      return;
    }
  }
}

void Checker::extern_function(const FunctionDecl& decl) {
  const std::string_view word = spelling(decl.name);
  static constexpr std::string_view plain[] = {"input",           "stdin_read_char", "stdout_write", "stdout_flush",
                                               "stdin_read_line", "sys_get_args",    "sys_exit"};
  const bool known = word.starts_with("rt_") || word.starts_with("spl_") || word.starts_with("native_") ||
                     std::find(std::begin(plain), std::end(plain), word) != std::end(plain);
  if (!known) {
    refuse(decl.location,
           "'" + std::string(word) + "' is no function of the run time (rt_…, spl_…): load a library with spl_dlopen");
  }
  if (decl.is_async) refuse(decl.location, "an extern function is not async");
  for (const Parameter& parameter : decl.parameters) {
    if (!parameter.type) refuse(parameter.location, "a parameter of an extern function needs its type");
    if (parameter.default_value) refuse(parameter.location, "a parameter of an extern function has no default");
    if (parameter.type && parameter.type->kind == TypeKind::reference) {
      refuse(parameter.location, "what an extern function writes to a reference is lost in the interpreter");
    }
  }
}

void Checker::function(const FunctionDecl& decl, bool is_method, bool is_lambda) {
  attributes(decl.attributes);
  if (decl.is_extern) extern_function(decl);
  functions_.push_back({&decl, is_method, is_lambda, {}, {}});
  scopes_.emplace_back();
  scopes_.back().boundary = true;
  const unsigned loops = std::exchange(loops_, 0U);
  std::set<Symbol> seen;
  for (const Parameter& parameter : decl.parameters) {
    type(parameter.type);
    expression(parameter.default_value);
    if (spelling(parameter.name) != "_" && !seen.insert(parameter.name).second) {
      refuse(parameter.location, "the parameter " + quoted(parameter.name) + " is declared twice");
    }
    declare(parameter.name, Declared::parameter, parameter.location, "a parameter");
  }
  if (decl.result) {
    type(decl.result);
    result_type(*decl.result);
  }
  if (decl.body) block(*decl.body, false);
  loops_ = loops;
  scopes_.pop_back();
  if (functions_.size() == 1 && !functions_.front().writes.empty()) {
    functions_.front().calls = uses_[top_function_].calls;
    writers_.emplace_back(decl.location, functions_.front());
  }
  functions_.pop_back();
}

// A function that assigns a module variable and calls one that reads it: the callee sees the old value.
void Checker::module_variables() {
  for (const auto& [location, writer] : writers_) {
    if (writer.is_method) continue;
    std::set<Symbol> reached;
    std::vector<Symbol> pending(writer.calls.begin(), writer.calls.end());
    while (!pending.empty()) {
      const Symbol callee = pending.back();
      pending.pop_back();
      const auto found = uses_.find(callee);
      if (found == uses_.end() || !reached.insert(callee).second) continue;
      pending.insert(pending.end(), found->second.calls.begin(), found->second.calls.end());
      for (const Symbol variable : writer.writes) {
        if (!found->second.reads.contains(variable) || callee == writer.decl->name) continue;
        refuse(location, quoted(writer.decl->name) + " assigns the module variable " + quoted(variable) +
                             " and calls " + quoted(callee) + ", which may see the old value: pass it as an argument");
      }
    }
  }
}

}  // namespace stdbind::simple
