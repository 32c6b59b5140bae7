// The extern functions that the tree-walk interpreter of the real toolchain registers, as far as they are needed here.
// Nothing else can be reached: not this process's own symbols, nor those of a library, except by spl_dlopen.
#pragma once

#include <string_view>

#include "code.hpp"

namespace stdbind::simple {

/// The function of that name, or null when the interpreter does not know it.
FunctionCode::ExternFunction find_extern(std::string_view name);

}  // namespace stdbind::simple
