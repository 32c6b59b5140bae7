// Everything that is known of an interface before it is resolved: SWIG's tree, the headers' text, the C code for both.
#pragma once

#include <string>
#include <vector>

#include "build.hpp"
#include "reader.hpp"
#include "source.hpp"

namespace stdbind::generate {

// A declaration that C accepts and SWIG does not.
struct Unreadable {
  std::string text;
  Place place;
  std::string message;
};

struct Inputs {
  std::string name;
  Compiler compiler;                 // with the folders that the interface needs
  std::vector<std::string> headers;  // as C includes them
  std::string code;                  // C code that makes the declarations known
  Interface interface;
  Source source;
  std::vector<Unreadable> unreadable;
};

// Reads a header or an interface file. Throws Failure if it does not compile.
Inputs read_inputs(const Request& request);

}  // namespace stdbind::generate
