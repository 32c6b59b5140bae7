// What the library's own headers say in their own words: declarations for the reader, macros, places and comments.
// SWIG's XML has neither places nor comments, so this is where both come from.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "failure.hpp"
#include "tokens.hpp"

namespace stdbind::generate {

// How C is compiled and preprocessed here.
struct Compiler {
  std::string program = "cc";
  std::vector<std::string> include_folders;  // -I
  std::vector<std::string> definitions;      // -D
  std::vector<std::string> arguments() const;
};

struct Macro {
  std::string name;
  bool takes_arguments = false;
  std::string body;
  Place place;
  std::string comment;
};

// A part of a braced list (an enumerator or a field): its words, and the comment that belongs to it.
struct Part {
  std::set<std::string> words;
  std::string comment;
  int line = 0;
};

struct Declaration {
  std::string text;  // without comments and function bodies, on one line, ended by ';'
  Place place;
  int end_line = 0;
  bool has_body = false;
  std::string comment;
  std::vector<Part> parts;
};

struct Source {
  std::vector<std::string> own_files;
  std::vector<Macro> macros;                 // those that are still defined at the end, in the order of the headers
  std::vector<Declaration> declarations;     // of the own headers
  std::vector<std::string> foreign_types;    // typedefs of other headers, reduced to what names need
  std::map<std::string, std::size_t> index;  // declared name, functions with "(" -> declaration

  // Appends the declarations of `more`; names that are known stay what they are.
  void add(const Source& more);
  // `function`: only a declaration in which a parameter list follows the name.
  const Declaration* find(const std::string& name, bool function = false) const;
};

// The declarations that an interface file (.i) makes itself: not those of its %{ %} blocks and its headers.
Source read_interface_text(const std::string& file);

// The folders in which the compiler itself looks for headers.
std::vector<std::string> system_folders(const Compiler& compiler);

// Preprocesses `code`, which includes `headers` (paths), as one translation unit. A header counts as the library's own
// if it is one of `headers`, lies in their folder (unless that is a folder of the system), has a path that starts like
// theirs without ".h" (png.h: pngconf.h; git2.h: git2/…), or starts with one of `own`. Throws Failure if the headers do
// not compile.
Source read_source(const std::string& code, const std::vector<std::string>& headers,
                   const std::vector<std::string>& own, const Compiler& compiler);

}  // namespace stdbind::generate
