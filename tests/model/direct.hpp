// The model against the C++ API, in this process.
#pragma once

#include <string>
#include <vector>

#include "model.hpp"

namespace stdbind::model {

/// Performs the operations with files in `directory`, which has to exist. Returns what went otherwise than the model
/// says, and where; empty if nothing did.
std::string run_directly(const std::vector<Operation>& operations, const std::string& directory, std::int64_t page);

}  // namespace stdbind::model
