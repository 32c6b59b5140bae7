// Simple programs, run for a limited number of steps. They reach nothing outside of the interpreter: the functions that
// call foreign code, touch memory by address or write files are not there.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "eval/builtins.hpp"
#include "eval/externs.hpp"
#include "eval/format.hpp"
#include "eval/modules.hpp"
#include "eval/spec.hpp"
#include "fuzz.hpp"

namespace simple = stdbind::simple;

// Stands in for that of externs.cpp, which is not linked.
simple::FunctionCode::ExternFunction stdbind::simple::find_extern(std::string_view) { return nullptr; }

namespace {

constexpr std::size_t native_stack = std::size_t{96} << 20U;

// The program, as a file in memory that the loader opens by its path.
class ProgramFile {
 public:
  ProgramFile() : file_(std::tmpfile()) {
    if (file_ == nullptr) std::abort();
  }
  ~ProgramFile() { std::fclose(file_); }
  ProgramFile(const ProgramFile&) = delete;
  ProgramFile& operator=(const ProgramFile&) = delete;

  std::string fill(std::string_view text) {
    std::rewind(file_);
    const bool written = std::fwrite(text.data(), 1, text.size(), file_) == text.size() && std::fflush(file_) == 0 &&
                         ftruncate(fileno(file_), static_cast<off_t>(text.size())) == 0;
    if (!written) std::abort();
    return "/proc/self/fd/" + std::to_string(fileno(file_));
  }

 private:
  std::FILE* file_;
};

void run(const std::string& file) {
  simple::Machine machine;
  simple::SpecRun spec(false);
  machine.spec = &spec;
  machine.set_native_limit(native_stack / 2);
  machine.set_step_limit(20000);
  simple::Loader loader(machine);
  machine.run_module(loader.load_main(file));
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  rlimit stack{};
  getrlimit(RLIMIT_STACK, &stack);
  stack.rlim_cur = std::min<rlim_t>(stack.rlim_max, native_stack);
  setrlimit(RLIMIT_STACK, &stack);
  simple::max_elements = 1U << 16U;
  simple::max_text = 1U << 20U;
  return 0;
}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static ProgramFile file;
  try {
    run(file.fill(stdbind::fuzz::text_of(data, size)));
  } catch (const simple::LoadError&) {
  } catch (const simple::CompileError&) {
  } catch (const simple::RuntimeError&) {
  } catch (const simple::ExitRequest&) {
  } catch (const simple::Failure&) {
  } catch (const simple::Jump&) {
  }
  return 0;
}
