// StagedFiles: each file is loaded once, however it is named.
#include "loading_support.hpp"

namespace stdbind::tests {
namespace {

using Staged = Loading;

TEST_F(Staged, EmptyOnesAreReady) {
  StagedFiles files;
  EXPECT_EQ(files.size(), 0);
  EXPECT_EQ(files.ready(), 0);
  EXPECT_EQ(files.errors(), 0);
  EXPECT_TRUE(files.wait_all(0));
  EXPECT_EQ(kind_of(files.wait_all(-2)), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(files.at(0)), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind_of(files.at(-1)), ErrorKind::out_of_bounds);
}

TEST_F(Staged, TheSameFileIsLoadedOnce) {
  std::filesystem::create_symlink(path_, scratch_.path("link"));
  std::filesystem::create_hard_link(path_, scratch_.path("hard"));
  StagedFiles files;
  AsyncFile* const first = files.open(path_).value();
  EXPECT_EQ(files.open(path_), first);
  EXPECT_EQ(files.open(scratch_.path("./f")), first);
  EXPECT_EQ(files.open(scratch_.path("link")), first);
  EXPECT_EQ(files.open(scratch_.path("hard")), first);
  EXPECT_EQ(files.size(), 1);
  // In another way it is another load.
  EXPECT_NE(files.open(path_, Mode::cow | Mode::write), first);
  EXPECT_NE(files.open(path_, Mode::read, OpenOptions::watch), first);
  EXPECT_NE(files.open(path_, Mode::read, OpenOptions::none, LoadOptions::prefault), first);
  EXPECT_EQ(files.size(), 4);
  EXPECT_TRUE(files.wait_all());
  EXPECT_EQ(files.ready(), 4);
  EXPECT_EQ(content_of(*first), bytes_);
  EXPECT_EQ(files.at(0), first);
}

TEST_F(Staged, AReplacedFileIsAnother) {
  StagedFiles files;
  AsyncFile* const first = files.open(path_).value();
  EXPECT_TRUE(first->wait());
  std::filesystem::rename(scratch_.file("other", "new"), path_);
  AsyncFile* const second = files.open(path_).value();
  EXPECT_NE(first, second);
  EXPECT_EQ(content_of(*first), bytes_);
  EXPECT_EQ(content_of(*second), "new");
}

TEST_F(Staged, WhatFailedIsTriedAgain) {
  StagedFiles files;
  const std::string path = scratch_.path("late");
  AsyncFile* const first = files.open(path).value();
  AsyncFile* const right = files.open(path_).value();
  EXPECT_TRUE(files.wait_all());
  EXPECT_EQ(files.errors(), 1);
  EXPECT_EQ(files.ready(), 1);
  EXPECT_EQ(kind_of(first->wait(0)), ErrorKind::not_found);
  [[maybe_unused]] const auto made = scratch_.file("late", "now");
  AsyncFile* const second = files.open(path).value();
  EXPECT_NE(second, first);
  EXPECT_EQ(content_of(*second), "now");
  EXPECT_TRUE(right->cancel());
  EXPECT_EQ(files.open(path_), right);  // it was ready before
  EXPECT_TRUE(right->close());
  EXPECT_NE(files.open(path_), right);
  EXPECT_TRUE(files.wait_all());
}

TEST_F(Staged, WaitsForAllOfThem) {
  close_gate_of_open();
  StagedFiles files;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(files.open(scratch_.file("f" + std::to_string(i), "x"), Mode::read, OpenOptions::none,
                           i == 0 ? LoadOptions::lazy : LoadOptions::none));
  }
  const auto late = files.wait_all(5);
  EXPECT_EQ(kind_of(late), ErrorKind::timeout);
  EXPECT_TRUE(mentions(late, "3 of 3")) << message_of(late);
  EXPECT_EQ(files.ready(), 0);
  EXPECT_EQ(files.errors(), 0);
  open_gate(100);
  EXPECT_TRUE(files.wait_all());
  EXPECT_EQ(files.ready(), 3);
}

TEST_F(Staged, RefusesWhatItsFilesRefuse) {
  StagedFiles files;
  EXPECT_EQ(kind_of(files.open(std::string("a\0b", 3))), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(files.open(path_, static_cast<Mode>(64))), ErrorKind::invalid_argument);
  EXPECT_EQ(files.size(), 0);
  ASSERT_TRUE(configure_loader(1, 1, 1));
  close_gate_of_open();
  EXPECT_TRUE(files.open(path_));
  wait_for_call(1);
  EXPECT_TRUE(files.open(scratch_.file("g", "g")));
  EXPECT_EQ(kind_of(files.open(scratch_.file("h", "h"))), ErrorKind::busy);
  EXPECT_TRUE(files.open(path_));  // staged already: no room is needed
  EXPECT_EQ(files.size(), 2);
  open_gate(100);
  EXPECT_TRUE(files.wait_all());
}

TEST_F(Staged, HoldsManyFilesAtTheirAddresses) {
  constexpr std::int64_t count = 1000;
  StagedFiles files;
  std::vector<AsyncFile*> all;
  for (std::int64_t i = 0; i < count; ++i) {
    all.push_back(files.open(scratch_.file("f" + std::to_string(i), std::to_string(i))).value());
  }
  EXPECT_TRUE(files.wait_all());
  StagedFiles moved = std::move(files);
  EXPECT_EQ(moved.ready(), count);
  for (std::int64_t i = 0; i < count; ++i) {
    AsyncFile* const file = all[static_cast<std::size_t>(i)];
    ASSERT_EQ(moved.at(i), file);
    ASSERT_EQ(moved.open(scratch_.path("f" + std::to_string(i))), file);
    ASSERT_EQ(content_of(*file), std::to_string(i));
  }
}

}  // namespace
}  // namespace stdbind::tests
