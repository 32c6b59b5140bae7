// Builds the shim into a shared library beside the binding.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "ir.hpp"
#include "source.hpp"

namespace stdbind::generate {

// How the library itself is linked: what --link says, otherwise pkg-config's answer, otherwise -l<name>. Throws Failure
// (1) that tells what was tried.
std::vector<std::string> link_flags(const Ir& ir, const std::vector<std::string>& said, const Compiler& compiler);

// Compiles and links the shim. Functions that the library does not have are marked in `ir` (missing_symbols), so that
// they are refused, and the shim is written again without them. Throws Failure (1) with the compiler's words.
void build_library(Ir& ir, const std::filesystem::path& shim, const std::filesystem::path& library,
                   const std::vector<std::string>& flags, const Compiler& compiler);

}  // namespace stdbind::generate
