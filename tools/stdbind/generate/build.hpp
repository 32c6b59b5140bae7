// From an interface file or a header to the resolved IR.
#pragma once

#include <string>
#include <vector>

#include "ir.hpp"
#include "source.hpp"

namespace stdbind::generate {

struct Request {
  std::string file;              // .i or .h
  std::string name;              // of the binding; "" to take the module's or the file's name
  std::vector<std::string> own;  // further headers and folders that belong to the library
  Compiler compiler;
  std::string swig;
  bool flat = false;
};

// Throws Failure with file, line, item and what to do.
Ir build_ir(const Request& request);

}  // namespace stdbind::generate
