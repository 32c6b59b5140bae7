// The words that are not safe as identifiers.
#include <algorithm>
#include <array>

#include "checker.hpp"

namespace stdbind::simple {
namespace {

constexpr std::array<std::string_view, 100> reserved = {
    "gen",     "val",         "def",      "exists",  "actor",     "assert",    "join",    "examples", "and_then",
    "move",    "auto",        "admit",    "assume",  "result",    "old",       "out",     "where",    "default",
    "slice",   "flat",        "grid",     "type",    "unit",      "union",     "literal", "repr",     "bounds",
    "shared",  "gpu",         "vec",      "dyn",     "context",   "with",      "by",      "into",     "onto",
    "to",      "on",          "bind",     "mock",    "forbid",    "allow",     "when",    "then",     "given",
    "feature", "scenario",    "outline",  "style",   "schema",    "ui",        "skip",    "new",      "from",
    "in",      "is",          "lazy",     "common",  "crate",     "super",     "go",      "spawn",    "yield",
    "sync",    "unwrap",      "me",       "loop",    "xor",       "kernel",    "macro",   "mixin",    "extend",
    "const",   "static",      "requires", "ensures", "invariant", "decreases", "forall",  "ghost",    "comptime",
    "newtype", "handle_pool", "try",      "catch",   "throw",     "raise",     "import",  "pass",     "let",
    "await",   "async",       "mut",      "mod",     "use",       "export",    "extern",  "asm",      "pub",
    "errdefer"};

constexpr std::array<std::string_view, 8> methods = {"new",     "slice", "unwrap", "join",
                                                     "default", "skip",  "static", "auto"};

}  // namespace

bool is_reserved(std::string_view word) {
  return word.starts_with("pass_") || std::find(reserved.begin(), reserved.end(), word) != reserved.end();
}

bool is_reserved_but_method(std::string_view word) {
  return std::find(methods.begin(), methods.end(), word) != methods.end();
}

}  // namespace stdbind::simple
