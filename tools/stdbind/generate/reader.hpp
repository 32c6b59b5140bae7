// The only part that knows SWIG: runs it and turns its XML into plain declarations. SWIG calls its XML unstable, so
// nothing of it goes further than this.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "failure.hpp"

namespace stdbind::generate {

struct RawParameter {
  std::string name;
  std::string type;  // in SWIG's coding: p.q(const).char
};

struct RawDeclaration {
  enum class Kind : std::uint8_t { function, type_name, constant, enumeration, structure, forward, variable };
  Kind kind = Kind::function;
  std::string name;       // in C
  std::string type;       // functions: of the result; constants, variables, fields: of the value
  std::string value;      // constants: the C expression
  std::string type_name;  // enumerations and structures: a typedef declared with them
  bool has_tag = false;   // enumerations and structures: "struct name" is right in C
  bool is_union = false;
  bool is_static = false;
  bool ignored = false;  // %ignore
  std::string bits;      // fields: the width of a bit field
  std::string header;    // the file that was %included
  std::vector<RawParameter> parameters;
  std::vector<RawDeclaration> members;          // enumerators or fields
  std::map<std::string, std::string> features;  // stdbind's own, without "stdbind:"
};

struct Interface {
  std::string module;
  std::vector<RawDeclaration> declarations;
  std::vector<std::string> headers;  // %included, not SWIG's own
  std::string code;                  // the %{ %} blocks: what the C compiler needs to know
};

struct ReaderProblem {
  std::string file;
  int line = 0;
  std::string message;
};

struct Reading {
  Interface interface;
  std::vector<ReaderProblem> problems;  // if not empty, SWIG could not read the file
};

// The SWIG program: $STDBIND_SWIG, else the project's own at `pinned` if it is there, else the one in PATH.
std::string find_swig(const std::string& pinned);

// Reads the tree that SWIG wrote. `library` is the folder of SWIG's own files; what lies there is nobody's item, and
// `file` stands in messages. Throws Failure (1) if it is not XML.
Interface read_tree(const std::string& xml, const std::string& library, const std::string& file);

// Reads an interface file.
Reading read_interface(const std::string& swig, const std::string& file, const std::vector<std::string>& folders,
                       const std::vector<std::string>& definitions);

}  // namespace stdbind::generate
