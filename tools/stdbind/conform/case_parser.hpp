// Reads case files. A wrong line is reported with file and line; the other lines are still read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "conform/case.hpp"

namespace stdbind::conform {

struct Suite {
  std::vector<Case> cases;
  std::vector<std::string> errors;  ///< "file:line: what is wrong and what would be right"
};

/// Reads one file. `page_size` is what the word `page` stands for in numbers.
/// `area` is the area that its cases must belong to. *threads*: any.
Suite parse_cases(std::string_view text, const std::string& file, const std::string& area, std::int64_t page_size);

/// Reads `directory/AREA.case` and `directory/AREA/….case`, in the order of their names.
Suite load_suite(const std::string& directory, std::int64_t page_size);

}  // namespace stdbind::conform
