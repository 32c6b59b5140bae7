// Reads a Simple file into its tree. Never crashes on any input: nesting is bounded, and bytes that are not UTF-8 are
// one error.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "ast.hpp"

namespace stdbind::simple {

struct ParseOptions {
  /// Only the syntax: old forms and words that `check` refuses are let through. What it returns must not be run.
  bool parse_only = false;
};

/// Parses `source` (UTF-8), naming it `file` in messages. With the default options all static rules are checked too,
/// so that a Module is fit to be run. *errors*: at least one Diagnostic of severity error, in the order of the file.
/// *allocates*. *threads*: one at a time (symbols are interned in one table).
std::expected<Module, Diagnostics> parse(std::string_view source, std::string_view file,
                                         const ParseOptions& options = {});

/// Reads the file and parses it; a missing or unreadable file is a Diagnostic of line 0.
std::expected<Module, Diagnostics> parse_file(const std::string& path, const ParseOptions& options = {});

}  // namespace stdbind::simple
