// The static rules: what one of Simple's engines refuses or does differently, found without running the program.
#pragma once

#include <string_view>

#include "ast.hpp"

namespace stdbind::simple {

/// Adds to `errors` every rule that the file breaks, and to `warnings` what is merely deprecated or without effect.
void check_module(const Module& module, Diagnostics& errors, Diagnostics& warnings);

/// A word that some engine keeps for itself: not safe as the name of a variable, parameter, field or function.
bool is_reserved(std::string_view word);

/// A reserved word that is safe as the name of a method, after a dot.
bool is_reserved_but_method(std::string_view word);

}  // namespace stdbind::simple
