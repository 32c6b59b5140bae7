// abi.h as C++: the same values and types, and C linkage.
#include <type_traits>

#include "abi_frozen.h"

#define VALUE(name, number) static_assert((name) == (number), #name);
FROZEN_VALUES(VALUE)

#define FUNCTION(name, result, arguments) static_assert(std::is_same_v<decltype(&(name)), result(*) arguments>, #name);
FROZEN_FUNCTIONS(FUNCTION)

int main() { return stdbind_abi_version() == STDBIND_ABI_VERSION && stdbind_page_size() > 0 ? 0 : 1; }
