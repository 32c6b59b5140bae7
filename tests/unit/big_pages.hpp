// A machine with bigger pages than this one, played by the table of system calls. One at a time.
#ifndef STDBIND_TESTS_BIG_PAGES_HPP
#define STDBIND_TESTS_BIG_PAGES_HPP

#include <map>

#include "support.hpp"

namespace stdbind::tests {

class BigPages {
 public:
  /// @param page a multiple of this machine's page size, in bytes
  explicit BigPages(std::size_t page);
  ~BigPages();
  BigPages(const BigPages&) = delete;
  BigPages& operator=(const BigPages&) = delete;

  /// What is mapped, from where to where.
  using Ranges = std::map<std::uintptr_t, std::uintptr_t>;
  [[nodiscard]] Ranges mapped() const;

 private:
  SystemCallsRestored restored_;
};

}  // namespace stdbind::tests

#endif
