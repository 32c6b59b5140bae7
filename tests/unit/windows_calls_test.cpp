// Windows: every system call of every operation fails once, with several numbers: the right kind comes back, nothing
// leaks, the file is whole, and the mapping can still be closed.
#include <functional>

#include "platform/platform.hpp"
#include "support.hpp"

namespace stdbind::tests {
namespace {

using platform::system_calls;
using platform::SystemCalls;

// What the table does now: fails the n-th call with a number.
struct {
  int countdown;
  DWORD os;
  const char* met;  // which call it was
} plan;

SystemCalls real;

/// Lets an entry of the table count, and give its answer for a failure when its turn has come.
template <auto Entry, class R, class... Arguments>
void make_fail(const char* name, R (*)(Arguments...), R failure) {
  static R answer;
  static const char* called;
  answer = failure;
  called = name;
  system_calls.*Entry = [](Arguments... arguments) -> R {
    if (--plan.countdown != 0) return (real.*Entry)(arguments...);
    plan.met = called;
    SetLastError(plan.os);
    return answer;
  };
}

#define MAKE_FAIL(entry, failure) make_fail<&SystemCalls::entry>(#entry, real.entry, failure)

void install_failing_calls() {
  real = system_calls;
  MAKE_FAIL(get_osfhandle, std::intptr_t{-1});
  MAKE_FAIL(get_access, plan.os);
  MAKE_FAIL(create_file, INVALID_HANDLE_VALUE);
  MAKE_FAIL(duplicate_handle, FALSE);
  MAKE_FAIL(get_file_information, FALSE);
  MAKE_FAIL(create_file_mapping, HANDLE{});
  MAKE_FAIL(map_view_of_file, LPVOID{});
  MAKE_FAIL(unmap_view_of_file, FALSE);
  MAKE_FAIL(virtual_alloc, LPVOID{});
  MAKE_FAIL(virtual_free, FALSE);
  MAKE_FAIL(virtual_protect, FALSE);
  MAKE_FAIL(virtual_unlock, FALSE);
  MAKE_FAIL(prefetch_virtual_memory, FALSE);
  MAKE_FAIL(flush_view_of_file, FALSE);
  MAKE_FAIL(flush_file_buffers, FALSE);
}

#undef MAKE_FAIL

class WindowsCallsFail : public testing::Test {
 protected:
  WindowsCallsFail() : bytes_(pattern(3 * page() + 5)), path_(scratch_.file("f", bytes_)) {
    static_cast<void>(Mmap::open(path_));  // what the first call sets up stays
  }

  /// Runs an operation again and again, failing its first call, its second, ..., until it meets no failure any more.
  void every_call_fails(int calls, const std::function<Result<void>()>& operation) {
    const std::size_t handles = open_descriptors();
    const std::size_t ranges = mapped_ranges(path_);
    for (int n = 1; n <= calls + 1; ++n) {
      for (const DWORD os : {DWORD{ERROR_NOT_ENOUGH_MEMORY}, DWORD{ERROR_DISK_FULL}, DWORD{ERROR_GEN_FAILURE},
                             DWORD{ERROR_NO_SYSTEM_RESOURCES}, DWORD{ERROR_ACCESS_DENIED}}) {
        const SystemCallsRestored restored;
        plan = {.countdown = n, .os = os, .met = ""};
        install_failing_calls();
        const Result<void> result = operation();
        ASSERT_EQ(plan.countdown <= 0, n <= calls) << "the operation does not make " << calls << " calls";
        const bool opened_again = std::string_view(plan.met) == "create_file" && os == ERROR_ACCESS_DENIED;
        if (n > calls || opened_again) {
          EXPECT_TRUE(result) << result.error().message.view();
        } else if (std::string_view(plan.met) == "get_osfhandle") {
          EXPECT_EQ(kind_of(result), ErrorKind::invalid_argument);  // the number was not that of a descriptor
        } else {
          ASSERT_FALSE(result) << "call " << n << ", " << plan.met;
          EXPECT_EQ(result.error().os, static_cast<std::int32_t>(os)) << plan.met;
          EXPECT_EQ(result.error().kind, platform::kind_of(static_cast<std::int32_t>(os))) << plan.met;
        }
        ASSERT_EQ(open_descriptors(), handles) << plan.met;
        ASSERT_EQ(mapped_ranges(path_), ranges) << plan.met;
      }
    }
    EXPECT_TRUE(content(path_) == bytes_);
  }

  /// What became of opening. The mapping goes unharmed: a destructor can report nothing.
  static Result<void> outcome(Result<Mmap> opened) {
    if (plan.countdown > 0) system_calls = real;
    if (!opened) return std::unexpected(opened.error());
    return {};
  }

  Scratch scratch_;
  std::string bytes_;
  std::string path_;
};

TEST_F(WindowsCallsFail, OpenToRead) {
  every_call_fails(5, [&] { return outcome(Mmap::open(path_, Mode::read, 5, 100)); });
}

TEST_F(WindowsCallsFail, OpenToWrite) {
  every_call_fails(6, [&] { return outcome(Mmap::open(path_, Mode::write)); });
}

TEST_F(WindowsCallsFail, OpenToExecute) {
  every_call_fails(6, [&] { return outcome(Mmap::open(path_, Mode::exec)); });
}

TEST_F(WindowsCallsFail, FromDescriptor) {
  std::FILE* const file = std::fopen(path_.c_str(), "rb");
  every_call_fails(5, [&] { return outcome(Mmap::from_fd(_fileno(file), Mode::cow | Mode::write)); });
  std::fclose(file);
}

TEST_F(WindowsCallsFail, Anonymous) {
  every_call_fails(2, [&] { return outcome(Mmap::anonymous(100)); });
  every_call_fails(1, [&] { return outcome(Mmap::anonymous(100, Mode::cow | Mode::write)); });
}

TEST_F(WindowsCallsFail, Flush) {
  Mmap mmap = Mmap::open(path_, Mode::write).value();
  every_call_fails(2, [&] { return mmap.flush(static_cast<std::int64_t>(page()) + 1, 5); });
  EXPECT_TRUE(mmap.close());
}

TEST_F(WindowsCallsFail, Advise) {
  Mmap mmap = Mmap::open(path_, Mode::write).value();
  every_call_fails(1, [&] { return mmap.advise(Advice::will_need, 1, 5); });
  every_call_fails(1, [&] { return mmap.advise(Advice::dont_need, 1, 5); });
  every_call_fails(0, [&] { return mmap.advise(Advice::random, 1, 5); });
  EXPECT_TRUE(mmap.close());
}

TEST_F(WindowsCallsFail, CloseCanBeRepeated) {
  every_call_fails(1, [&]() -> Result<void> {
    const SystemCalls failing = system_calls;
    system_calls = real;
    Mmap mmap = Mmap::open(path_, Mode::write).value();
    system_calls = failing;
    const auto closed = mmap.close();
    if (!closed) {
      EXPECT_FALSE(mmap.is_closed());
      EXPECT_EQ(read_at(mmap, 0, 10), bytes_.substr(0, 10));
      EXPECT_TRUE(mmap.close());
    }
    return closed;
  });
}

TEST_F(WindowsCallsFail, ReadingAndWritingMakeNoCall) {
  Mmap mmap = Mmap::open(path_, Mode::cow | Mode::write).value();
  const SystemCallsRestored restored;
  install_failing_calls();
  plan = {.countdown = 1, .os = ERROR_GEN_FAILURE, .met = ""};
  std::byte buffer[10];
  EXPECT_TRUE(mmap.read_at(1, buffer));
  EXPECT_TRUE(mmap.write_at(1, buffer));
  EXPECT_EQ(mmap.read(buffer), 10);
  EXPECT_TRUE(mmap.view());
  EXPECT_TRUE(mmap.probe());
  EXPECT_EQ(plan.countdown, 1);
}

}  // namespace
}  // namespace stdbind::tests
