// The C code between a library and a binding: one flat C file, or for a flat interface the table of its functions.
#pragma once

#include <string>
#include <vector>

#include "ir.hpp"

namespace stdbind::generate {

// Whether a function can be called through integers, doubles and pointers only; the others are in no table.
bool crosses_the_boundary(const Function& function);

// Whether a function has an entry in the table. In a flat interface all have one, also those that an interface file
// ignores: the table is the library's own.
bool in_table(const Ir& ir, const Function& function);

std::string symbol_prefix(const Ir& ir);
std::string table_symbol(const Ir& ir);
std::string library_file(const Ir& ir);

// What a program asks the table for: the ABI version of a flat interface, otherwise a number that changes with the list
// of functions and their types.
std::int64_t table_version(const Ir& ir);

// The C name of the constant that holds the version of a flat interface; "" if there is none.
std::string version_constant(const Ir& ir);

// The shim of any library, in C11.
std::string write_shim(const Ir& ir);

// The table of a flat interface, in C++: struct { version, count, the functions in the order of the header }.
std::string write_table(const Ir& ir);

}  // namespace stdbind::generate
