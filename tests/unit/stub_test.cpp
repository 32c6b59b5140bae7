// The core over the stub: on a system that it does not know, every way to a mapping is `unsupported`.
#include <gtest/gtest.h>

#include <stdbind/async.hpp>
#include <stdbind/mmap.hpp>

namespace stdbind::tests {
namespace {

TEST(Stub, EverythingIsUnsupported) {
  EXPECT_EQ(Mmap::open("/etc/hostname").error().kind, ErrorKind::unsupported);
  EXPECT_EQ(Mmap::from_fd(0).error().kind, ErrorKind::unsupported);
  EXPECT_EQ(Mmap::anonymous(1).error().kind, ErrorKind::unsupported);
  EXPECT_EQ(page_size().error().kind, ErrorKind::unsupported);
  EXPECT_EQ(AsyncFile::open("/etc/hostname").error().kind, ErrorKind::unsupported);
  EXPECT_EQ(StagedFiles().open("/etc/hostname").error().kind, ErrorKind::unsupported);
  EXPECT_NE(Mmap::anonymous(1).error().message.view().find("not available on this system"), std::string_view::npos);
}

TEST(Stub, WhatNeedsNoSystemWorks) {
  Mmap mmap;
  EXPECT_TRUE(mmap.is_closed());
  EXPECT_EQ(mmap.close().error().kind, ErrorKind::closed);
  EXPECT_EQ(Mmap::anonymous(0).error().kind, ErrorKind::invalid_argument);
}

}  // namespace
}  // namespace stdbind::tests
