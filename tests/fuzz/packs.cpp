// pack.toml: it becomes a pack, or a failure that tells file and key.
#include <unistd.h>

#include <cstdlib>

#include "fuzz.hpp"
#include "generate/failure.hpp"
#include "generate/files.hpp"
#include "generate/pack.hpp"

namespace generate = stdbind::generate;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const generate::TemporaryFolder folder;
  generate::write_file(folder.path() / "pack.toml", std::string(stdbind::fuzz::text_of(data, size)));
  try {
    static_cast<void>(generate::read_pack(folder.path()));
  } catch (const generate::Failure& failure) {
    if (failure.status() != 2) std::abort();
  }
  return 0;
}
