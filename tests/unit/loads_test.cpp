// Loads beside the program, on every system: what needs neither loader processes nor a look into the system.
#include <stdbind/async.hpp>

#include <vector>

#include "loader.hpp"
#include "support.hpp"

namespace stdbind::tests {
namespace {

class Loads : public testing::Test {
 protected:
  ~Loads() override { detail::dismiss_workers(); }

  Scratch scratch_;
  std::string bytes_ = pattern(3 * static_cast<std::size_t>(detail::load_step) + 5);
  std::string path_ = scratch_.file("f", bytes_);
};

TEST_F(Loads, FilesBecomeReady) {
  for (const LoadOptions options : {LoadOptions::none, LoadOptions::prefault, LoadOptions::lazy}) {
    AsyncFile file = AsyncFile::open(path_, Mode::read, OpenOptions::none, options).value();
    ASSERT_TRUE(file.wait());
    EXPECT_EQ(file.state().value(), LoadState::ready);
    EXPECT_EQ(file.done().value(), static_cast<std::int64_t>(bytes_.size()));
    EXPECT_TRUE(read_at(**file.get(), 0, bytes_.size()) == bytes_);
    EXPECT_TRUE(file.close());
  }
}

TEST_F(Loads, MissingFilesFail) {
  AsyncFile file = AsyncFile::open(scratch_.path("missing")).value();
  EXPECT_EQ(kind_of(file.wait()), ErrorKind::not_found);
  EXPECT_EQ(file.state().value(), LoadState::failed);
}

TEST_F(Loads, LazyOnesCanBeCancelled) {
  AsyncFile file = AsyncFile::open(path_, Mode::read, OpenOptions::none, LoadOptions::lazy).value();
  EXPECT_EQ(file.state().value(), LoadState::pending);
  EXPECT_TRUE(file.cancel());
  EXPECT_EQ(kind_of(file.wait()), ErrorKind::cancelled);
}

TEST_F(Loads, ManyAreTakenAtOnce) {
  const std::vector<std::string_view> paths(100, path_);
  std::vector<AsyncFile> files(paths.size());
  ASSERT_EQ(AsyncFile::submit(paths, files), 100);
  for (AsyncFile& file : files) EXPECT_TRUE(file.wait());
}

TEST_F(Loads, TheSameFileIsStagedOnce) {
  StagedFiles files;
  AsyncFile* const first = files.open(path_).value();
  EXPECT_EQ(files.open(scratch_.path("./f")).value(), first);
  EXPECT_NE(files.open(scratch_.file("g", "g")).value(), first);
  EXPECT_TRUE(files.wait_all());
  EXPECT_EQ(files.ready(), 2);
  EXPECT_EQ(files.errors(), 0);
}

#if defined(_WIN32)
TEST_F(Loads, LoaderProcessesAreUnsupported) {
  AsyncFile file = AsyncFile::open(path_, Mode::read, OpenOptions::none, LoadOptions::isolated).value();
  EXPECT_EQ(kind_of(file.wait()), ErrorKind::unsupported);
}
#endif

}  // namespace
}  // namespace stdbind::tests
