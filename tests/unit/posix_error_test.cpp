// What becomes of the numbers of errno.
#include <cerrno>

#include "failure.hpp"
#include "support.hpp"

namespace stdbind::tests {
namespace {

TEST(Error, SystemFailureTellsNumberTextAndRemedy) {
  const Error error = system_failure(ENOENT, {"open: cannot open ", Quoted{"x"}});
  EXPECT_EQ(error.kind, ErrorKind::not_found);
  EXPECT_EQ(error.os, ENOENT);
  EXPECT_EQ(error.message.view(), "open: cannot open 'x': No such file or directory (system error 2); check the path");
}

struct KindOfNumber {
  int os;
  ErrorKind kind;
};

class SystemError : public testing::TestWithParam<KindOfNumber> {};

TEST_P(SystemError, HasItsKind) { EXPECT_EQ(system_failure(GetParam().os, {"test"}).kind, GetParam().kind); }

INSTANTIATE_TEST_SUITE_P(
    AllNumbers, SystemError,
    testing::Values(KindOfNumber{EACCES, ErrorKind::permission_denied},
                    KindOfNumber{EPERM, ErrorKind::permission_denied},
                    KindOfNumber{EROFS, ErrorKind::permission_denied}, KindOfNumber{ENOENT, ErrorKind::not_found},
                    KindOfNumber{ENOTDIR, ErrorKind::not_found}, KindOfNumber{EEXIST, ErrorKind::already_exists},
                    KindOfNumber{EISDIR, ErrorKind::wrong_file_type}, KindOfNumber{ENXIO, ErrorKind::wrong_file_type},
                    KindOfNumber{ENODEV, ErrorKind::wrong_file_type}, KindOfNumber{EINVAL, ErrorKind::invalid_argument},
                    KindOfNumber{EBADF, ErrorKind::invalid_argument},
                    KindOfNumber{ENAMETOOLONG, ErrorKind::invalid_argument},
                    KindOfNumber{ELOOP, ErrorKind::invalid_argument}, KindOfNumber{ENOMEM, ErrorKind::no_memory},
                    KindOfNumber{EMFILE, ErrorKind::too_many_open}, KindOfNumber{ENFILE, ErrorKind::too_many_open},
                    KindOfNumber{EAGAIN, ErrorKind::limit}, KindOfNumber{EOVERFLOW, ErrorKind::limit},
                    KindOfNumber{ENOSPC, ErrorKind::no_space}, KindOfNumber{EDQUOT, ErrorKind::no_space},
                    KindOfNumber{ETXTBSY, ErrorKind::busy}, KindOfNumber{ENOSYS, ErrorKind::unsupported},
                    KindOfNumber{ETIMEDOUT, ErrorKind::timeout}, KindOfNumber{EIO, ErrorKind::io},
                    KindOfNumber{EMLINK, ErrorKind::io}));

}  // namespace
}  // namespace stdbind::tests
