// Builds the adapters that the tests of the labels mutant and model drive: build_adapters ROOT BUILD [LANGUAGE…]
#include <cstdio>

#include "adapters.hpp"
#include "conform/runner.hpp"

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: build_adapters ROOT BUILD [LANGUAGE...]\n", stderr);
    return 2;
  }
  const auto languages =
      stdbind::proof::find_languages(argv[1], argv[2], stdbind::proof::Core::real, {argv + 3, argv + argc});
  if (!languages) {
    std::fprintf(stderr, "build_adapters: %s\n", languages.error().c_str());
    return 2;
  }
  for (const auto& language : *languages) {
    if (const auto trouble = stdbind::conform::build_language(language)) {
      std::fprintf(stderr, "%s, %s: %s\n", language.name.c_str(), trouble->phase.c_str(), trouble->text.c_str());
      return 1;
    }
  }
  return 0;
}
