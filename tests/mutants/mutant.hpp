// Which mutant of the core runs. The generated copy of the core includes this; the core itself knows nothing of it.
#ifndef STDBIND_MUTANT_HPP
#define STDBIND_MUTANT_HPP

/// Whether the environment variable STDBIND_MUTANT named this mutant when it was first asked for.
bool stdbind_mutant_is(const char* name) noexcept;

#endif
