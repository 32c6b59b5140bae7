// Every public operation as a row of a table: what it needs, what it does, and what the file holds if it succeeded.
#ifndef STDBIND_TESTS_OPERATIONS_HPP
#define STDBIND_TESTS_OPERATIONS_HPP

#include <functional>
#include <optional>
#include <stdbind/mmap.hpp>
#include <stdbind/prefault.hpp>
#include <string>
#include <vector>

#include "injection.hpp"
#include "posix_support.hpp"

namespace stdbind::tests::fault {

/// What one run of an operation works on. Made anew for each run; whatever is still open is closed by `end`.
struct World {
  explicit World(const Scratch& scratch);
  /// Closes and removes everything. What cannot be closed is told.
  std::vector<std::string> end();

  std::string directory;
  std::string bytes;     ///< of the file, before
  std::string expected;  ///< of the file, if the operation succeeds
  bool may_be_done = false;  ///< the file may be complete, though the operation failed
  std::string path;      ///< the file, open as fd
  std::string fresh;     ///< nothing is there
  std::string name;      ///< of shared memory; nothing has it
  int fd = -1;
  std::optional<std::int64_t> fresh_size;  ///< of the file that the operation makes
  std::optional<bool> name_exists;         ///< after success; the contrary after a failure
  std::string seen;                        ///< what the mapping shows first; empty if it is not to be read
  Mmap mmap;
  Prefault prefault;
  std::vector<int> descriptors;
  std::int64_t handle = 0;  ///< of the C interface
  std::int64_t prefault_handle = 0;
  std::int64_t limit_before = -1;

  Result<void> keep(Result<Mmap> opened);
  Result<void> keep(Result<int> descriptor);
  /// A result of the C interface.
  Result<void> answer(std::int64_t result);
  Result<void> keep_handle(std::int64_t result);
  /// Opens the file, to be used by the operation.
  void open(Mode mode = Mode::write, OpenOptions options = OpenOptions::none, std::int64_t offset = 0,
            std::int64_t length = to_end);
  void open_handle(std::int64_t mode, std::int64_t options);
};

using Prepare = std::function<void(World&)>;
using Run = std::function<Result<void>(World&)>;
/// Replaces the usual kind where an operation makes something else of a failing call; 0: it does not notice.
using Exceptions = std::function<void(const Point&, ErrorKind&)>;

struct Operation {
  std::string name;
  Prepare prepare;
  Run run;
  Exceptions exceptions = {};
  ErrorKind always{};            ///< how it ends without an injected failure; then it can only clean up
  bool first_of_process = false;  ///< each run in a process of its own
};

std::vector<Operation> operations();
std::vector<Operation> operations_of_abi();

/// Several exceptions, one after the other.
Exceptions both(Exceptions a, Exceptions b);
/// Failures of a call are not noticed.
Exceptions unnoticed(Call call);
/// Any failure of a call becomes one kind.
Exceptions becomes(Call call, ErrorKind kind);
/// One number of a call becomes one kind.
Exceptions becomes(Call call, int os, ErrorKind kind);

}  // namespace stdbind::tests::fault

#endif
