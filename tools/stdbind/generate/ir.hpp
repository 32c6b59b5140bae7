// The intermediate representation: what an interface holds, resolved. It knows neither SWIG nor any target language,
// has no addresses, and is the same for the same input. Its JSON form is versioned: docs/view-model.md.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "failure.hpp"

namespace stdbind::generate {

inline constexpr int ir_version = 1;

// A comment, understood.
struct Documentation {
  std::string summary;                         // the first sentence or line
  std::vector<std::vector<std::string>> body;  // paragraphs of lines
  std::vector<std::pair<std::string, std::string>> parameters;
  std::string returns;
  std::vector<std::string> raises;
  std::vector<std::string> see;

  const std::string* parameter(const std::string& name) const;
};

struct Type {
  enum class Kind : std::uint8_t {
    nothing,  // void
    integer,
    boolean,
    real,
    text,     // const char *
    pointer,  // to anything else
    enumeration,
    structure,  // by value
    callback,   // pointer to a function
    list,       // va_list
    array,      // of a field
    unknown
  };
  Kind kind = Kind::nothing;
  std::string c;       // how C spells it; "%" stands where the name of a declared thing goes, if it is not last
  std::string name;    // the typedef, structure or enumeration of the interface that it names
  std::string target;  // pointers: "void", "byte", "integer", "real", "structure", "pointer" or "other"
  std::int64_t target_size = 0;  // pointers to integers and reals: size of one, in bytes
  bool constant = false;         // pointers: what it points to is const
  std::int64_t size = 0;         // in bytes, where the compiler said so
  bool is_unsigned = false;

  std::string declare(const std::string& with) const;  // "char *x[3]"
};

// A demand on the target language; see docs/view-model.md for the list of flags.
struct Need {
  std::string flag;
  std::string detail;
};

// What all items have.
struct Item {
  std::string name;
  Place place;
  Documentation documentation;
  std::vector<Need> needs;
  bool ignored = false;            // %ignore
  std::set<std::string> disabled;  // languages; "*" for all
  std::string rename;              // %feature("stdbind:name")
};

struct Parameter {
  std::string name;
  Type type;
};

// A pointer and the parameter that tells how many bytes it points to.
struct Buffer {
  std::size_t pointer;
  std::size_t length;
};

struct Function : Item {
  Type result;
  std::vector<Parameter> parameters;
  std::vector<Buffer> buffers;
  bool is_inline = false;
};

struct TypeName : Item {
  Type type;
};

struct Constant : Item {
  enum class Kind : std::uint8_t { integer, text, real };
  Kind kind = Kind::integer;
  std::int64_t integer = 0;  // an unsigned 64-bit value keeps its bits
  bool is_unsigned = false;
  std::string text;
  double real = 0;
};

struct Enumeration : Item {
  std::string c;
  std::vector<Constant> members;
};

struct Field {
  std::string name;
  Type type;
  std::int64_t offset = 0;
  std::int64_t size = 0;
  bool is_bit_field = false;
  bool ignored = false;
  std::set<std::string> disabled;
  Documentation documentation;
};

struct Structure : Item {
  std::string c;
  bool is_union = false;
  bool opaque = true;
  std::int64_t size = 0;
  std::int64_t alignment = 0;
  std::vector<Field> fields;
};

// Something that no binding can express, whatever the language.
struct Other : Item {
  std::string kind;
};

struct Ir {
  std::string name;                  // of the binding
  std::string source;                // the interface file, without its folder
  std::vector<std::string> headers;  // as C includes them
  std::string code;                  // C code that makes the declarations known
  std::vector<Function> functions;
  std::vector<TypeName> types;
  std::vector<Constant> constants;
  std::vector<Enumeration> enumerations;
  std::vector<Structure> structures;
  std::vector<Other> others;
  std::vector<std::string> without_value;  // macros that are no expression: decorations, types, keywords
  bool flat = false;                       // every symbol is called as it is; no shim

  const Enumeration* enumeration(const std::string& name) const;
  const Structure* structure(const std::string& name) const;
};

nlohmann::ordered_json ir_json(const Ir& ir);
nlohmann::ordered_json json_of(const Documentation& documentation);
const char* kind_name(Type::Kind kind);

}  // namespace stdbind::generate
