// What the runner does and sees in the directory of a case, with plain system calls, never through the library.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "conform/case.hpp"
#include "conform/verdict.hpp"

namespace stdbind::conform {

/// *errors*: a broken harness, with what the system said; unsupported where this system lets nobody mount.
std::expected<void, Trouble> perform(const DiskAction& action, const std::string& directory);

/// *errors*: how the file differs from what the case expects.
std::expected<void, std::string> check(const DiskCheck& wanted, const std::string& directory);

/// Removes the directory with all that is in it, also what its owner may not search now.
void remove_directory(const std::string& directory);

/// The names in the directory, sorted, those in directories below it with their path.
std::vector<std::string> names_in(const std::string& directory);

}  // namespace stdbind::conform
