// What a program becomes before it runs: nodes whose names are resolved to slots, functions, types, modules. Built once
// by the Compiler; running it changes only frames and globals.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "../ast.hpp"
#include "value.hpp"

namespace stdbind::simple {

class Machine;
struct ModuleUnit;
struct Node;

/// One call: its variables, and where it came from.
struct Frame {
  Value* slots;
  const FunctionCode* code;
  Machine* machine;
  const FunctionObject* closure = nullptr;  ///< the function value that runs, if it is one
  std::uint64_t serial = 0;                 ///< unique for each call
  Symbol label;                             ///< of the loop that a break or continue on its way means
  std::vector<const Node*>* deferred = nullptr;
};

enum class Flow : std::uint8_t { normal, returned, broke, continued };

/// Thrown by return, break and continue inside an expression (`x ?? return 0`), and by `?`.
struct Jump {
  Flow flow;
  Symbol label;
  Value value;
};

struct Node {
  Location location;
  bool calls = true;  ///< running it may run other code: a reference from before does not stay valid
  explicit Node(Location l) : location(l) {}
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  virtual ~Node() = default;
  virtual Value eval(Frame& frame) const = 0;
  /// The value without a copy when it is stored somewhere; else `scratch` is filled. Valid until other code runs.
  virtual const Value& ref(Frame& frame, Value& scratch) const {
    scratch = eval(frame);
    return scratch;
  }
  /// As a condition: true or false, nothing else counts.
  virtual bool test(Frame& frame) const;
  /// As a statement; `result` gets the value, also of a return.
  virtual Flow exec(Frame& frame, Value& result) const {
    result = eval(frame);
    return Flow::normal;
  }
};
using NodePtr = std::unique_ptr<Node>;

/// Why a place is wanted: to overwrite it or change it from outside, or to be the `self` of a `me` method.
enum class Access : std::uint8_t { write, method };

/// Something that can be assigned to.
struct PlaceNode : Node {
  using Node::Node;
  int fields = 0;            ///< how many field steps lead here
  int indexes = 0;           ///< how many index steps lead here
  bool from_self = false;    ///< the root is self
  bool from_global = false;  ///< the root is a module variable
  /// The storage, unshared all the way. *errors*: fails when the root may not be changed.
  virtual Value* place(Frame& frame, Access access) const = 0;
  virtual void assign(Frame& frame, Value value) const { *place(frame, Access::write) = std::move(value); }
};

/// A check of a declared type at run time. Type arguments are erased, so that only the outermost sort is looked at.
struct TypeCheck {
  enum class Sort : std::uint8_t {
    any,
    integer,
    floating,
    boolean,
    text,
    array,
    dict,
    tuple,
    nil,
    record,
    enumeration,
    function,
    option,
    result,
    choice,
  };
  Sort sort = Sort::any;
  bool optional = false;  ///< nil is allowed too
  IntKind kind = IntKind::i64;
  const RecordType* record = nullptr;
  const EnumType* enumeration = nullptr;
  std::size_t count = 0;           ///< tuple
  std::vector<TypeCheck> choices;  ///< A | B
  std::string text;                ///< as to be shown
  /// Converts between widths where all engines agree; false when the value is of another type.
  bool accept(Value& value) const;
  bool plain_i64() const { return sort == Sort::integer && kind == IntKind::i64 && !optional; }
};

struct ParameterCode {
  Symbol name;
  TypeCheck type;
  NodePtr default_value;  ///< evaluated in the frame of the call
  bool variadic = false;
};

struct FunctionCode {
  Symbol name;
  Location location;
  ModuleUnit* module = nullptr;
  const FunctionDecl* declaration = nullptr;
  std::vector<ParameterCode> parameters;  ///< in the slots 0 … n-1, behind self when there is one
  TypeCheck result;
  bool has_result = false;
  bool has_self = false;
  bool is_mutating = false;
  bool is_static = false;
  bool is_async = false;
  bool is_extern = false;
  bool is_module = false;  ///< the statements of a file
  bool ready = false;      ///< the body was compiled
  NodePtr body;
  std::uint32_t slot_count = 0;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> captures;  ///< slot of the outer function, slot of this one
  using ExternFunction = Value (*)(Machine&, std::vector<Value>&);
  ExternFunction external = nullptr;  ///< null: an extern that the interpreter does not know
  std::uint32_t first_parameter() const { return has_self ? 1 : 0; }
  std::string display_name() const;
  const RecordType* owner_record = nullptr;
  const EnumType* owner_enum = nullptr;
};

using Methods = std::unordered_map<Symbol, FunctionCode*>;

struct FieldCode {
  Symbol name;
  TypeCheck type;
  NodePtr default_value;
};

struct RecordType {
  Symbol name;
  bool is_class = false;
  ModuleUnit* module = nullptr;
  const RecordDecl* declaration = nullptr;
  std::vector<FieldCode> fields;
  std::unordered_map<Symbol, std::uint32_t> field_index;
  Methods methods;
  std::unordered_map<Symbol, struct Global*> constants;
  std::vector<Symbol> traits;
  std::vector<std::pair<Symbol, Symbol>> delegations;
};

struct VariantCode {
  Symbol name;
  std::vector<FieldCode> fields;
  std::int64_t discriminant = 0;
};

struct EnumType {
  Symbol name;
  ModuleUnit* module = nullptr;
  const EnumDecl* declaration = nullptr;
  std::vector<VariantCode> variants;
  std::unordered_map<Symbol, std::uint32_t> variant_index;
  Methods methods;
  std::vector<Symbol> traits;
};

/// Result and Option are enums of the language itself. Option has the variant Some only: None is nil.
struct BuiltinEnums {
  EnumType result, option;
  static constexpr std::uint32_t ok = 0, err = 1, some = 0;
  BuiltinEnums();
};
const BuiltinEnums& builtin_enums();
Value make_ok(Value value);
Value make_err(Value value);
Value make_some(Value value);
bool is_some(const Value& value);
bool is_ok(const Value& value);
bool is_err(const Value& value);

/// A module-level val, var or const.
struct Global {
  Symbol name;
  ModuleUnit* module = nullptr;
  Value value;
  bool is_variable = false;
  bool is_set = false;
  std::uint64_t writer = 0;  ///< serial of a running call that changed it: others must not look (facts: 8.2.4)
};

struct TraitCode {
  Symbol name;
  const TraitDecl* declaration = nullptr;
  ModuleUnit* module = nullptr;
};

/// What a name of a module means.
struct Entity {
  enum class Kind : std::uint8_t { none, function, record, enumeration, global, trait, alias };
  Kind kind = Kind::none;
  FunctionCode* function = nullptr;
  RecordType* record = nullptr;
  EnumType* enumeration = nullptr;
  Global* global = nullptr;
  TraitCode* trait = nullptr;
  const Type* alias = nullptr;
  ModuleUnit* module = nullptr;  ///< where it was declared
};

struct ModuleUnit {
  std::string file;       ///< as shown in messages
  std::string directory;  ///< where relative imports start
  std::string root;       ///< of the project; may be empty
  Module tree;
  bool is_main = false;
  bool declared = false;
  bool finished = false;
  bool uses_spec = false;  ///< std.spec was imported, or the file is a spec file
  std::unordered_map<Symbol, Entity> names;
  std::unordered_map<Symbol, Entity> exports;
  bool exports_listed = false;  ///< an export statement or __init__ was there: only `exports` is visible
  std::vector<std::unique_ptr<FunctionCode>> functions;
  std::vector<std::unique_ptr<RecordType>> records;
  std::vector<std::unique_ptr<EnumType>> enums;
  std::vector<std::unique_ptr<Global>> globals;
  std::vector<std::unique_ptr<TraitCode>> traits;
  std::unique_ptr<FunctionCode> top;  ///< the statements of the file
};

}  // namespace stdbind::simple
