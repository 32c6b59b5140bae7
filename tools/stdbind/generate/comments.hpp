// Turns a C comment, Doxygen or plain, into its parts.
#pragma once

#include <string>

#include "ir.hpp"

namespace stdbind::generate {

Documentation read_comment(const std::string& comment);

}  // namespace stdbind::generate
