// Asks the C compiler for what only it knows: values, sizes, offsets. The answers are read out of the object file that
// it writes, so that a cross compiler answers for its own target.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "source.hpp"

namespace stdbind::generate {

struct MacroValue {
  enum class Kind : std::uint8_t { nothing, expression, integer, text, real };
  Kind kind = Kind::nothing;  // nothing: no expression of C; expression: one, but not constant
  std::int64_t integer = 0;
  bool is_unsigned = false;
  std::string text;
  double real = 0;
};

class Probe {
 public:
  // `preamble` is the C code that makes the declarations known.
  Probe(Compiler compiler, std::string preamble) : compiler_(std::move(compiler)), preamble_(std::move(preamble)) {}

  // Throws Failure with the compiler's words if `header` (a file; "" for the preamble alone) does not compile.
  void check(const std::string& header = "") const;

  // What each macro is.
  std::map<std::string, MacroValue> macros(const std::vector<std::string>& names) const;

  // The values of constant integer expressions; what the compiler does not accept is missing in the answer.
  std::map<std::string, std::int64_t> integers(const std::vector<std::string>& expressions) const;

 private:
  // Compiles one declaration a line; returns which failed.
  std::vector<bool> failing(const std::vector<std::string>& lines) const;
  // Compiles to an object file and returns its bytes.
  std::string object(const std::string& code) const;

  Compiler compiler_;
  std::string preamble_;
};

}  // namespace stdbind::generate
