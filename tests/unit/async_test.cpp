// AsyncFile: what it does beside the program, and what it answers at each point of it.
#include <fcntl.h>
#include <stdbind/async.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <limits>
#include <thread>
#include <vector>

#include "failing_calls.hpp"
#include "loader.hpp"

namespace stdbind::tests {
namespace {

TEST(Async, LoadsAFile) {
  Scratch scratch;
  const std::string bytes = pattern(3 * page() + 5);
  AsyncFile file = AsyncFile::open(scratch.file("f", bytes)).value();
  const auto mapping = file.get();
  ASSERT_TRUE(mapping) << mapping.error().message.view();
  EXPECT_EQ(read_at(**mapping, 0, bytes.size()), bytes);
  EXPECT_EQ(file.state(), LoadState::ready);
  EXPECT_TRUE(file.close());
  detail::dismiss_workers();
}

TEST(Async, PrefaultsAFile) {
  Scratch scratch;
  const std::string bytes = pattern(7 * detail::load_step + 5);
  AsyncFile file = AsyncFile::open(scratch.file("f", bytes), Mode::read, OpenOptions::none, LoadOptions::prefault).value();
  ASSERT_TRUE(file.wait());
  EXPECT_EQ(file.done(), static_cast<std::int64_t>(bytes.size()));
  detail::dismiss_workers();
}

}  // namespace
}  // namespace stdbind::tests
