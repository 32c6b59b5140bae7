// The choice of a mutant: one for the whole process, read once.
#include "mutant.hpp"

#include <cstdlib>
#include <cstring>

bool stdbind_mutant_is(const char* name) noexcept {
  static const char* const chosen = std::getenv("STDBIND_MUTANT");
  return chosen != nullptr && std::strcmp(chosen, name) == 0;
}
