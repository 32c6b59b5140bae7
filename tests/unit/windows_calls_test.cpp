// Windows: every system call of every operation fails once, with several numbers: the right kind comes back, nothing
// leaks, the file is whole, and the mapping can still be closed.
#include <functional>
#include <stdbind/prefault.hpp>

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
  std::string_view met;  // which call it was
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
  MAKE_FAIL(open_osfhandle, std::intptr_t{-1});
  MAKE_FAIL(get_access, plan.os);
  MAKE_FAIL(create_file, INVALID_HANDLE_VALUE);
  MAKE_FAIL(duplicate_handle, FALSE);
  MAKE_FAIL(get_file_information, FALSE);
  MAKE_FAIL(set_file_information, FALSE);
  MAKE_FAIL(delete_file, FALSE);
  MAKE_FAIL(read_file, FALSE);
  MAKE_FAIL(write_file, FALSE);
  MAKE_FAIL(create_thread, HANDLE{});
  MAKE_FAIL(create_file_mapping, HANDLE{});
  MAKE_FAIL(open_file_mapping, HANDLE{});
  MAKE_FAIL(map_view_of_file, LPVOID{});
  MAKE_FAIL(unmap_view_of_file, FALSE);
  MAKE_FAIL(virtual_alloc, LPVOID{});
  MAKE_FAIL(virtual_free, FALSE);
  MAKE_FAIL(virtual_protect, FALSE);
  MAKE_FAIL(virtual_query, SIZE_T{0});
  MAKE_FAIL(virtual_lock, FALSE);
  MAKE_FAIL(virtual_unlock, FALSE);
  MAKE_FAIL(query_working_set, FALSE);
  MAKE_FAIL(prefetch_virtual_memory, FALSE);
  MAKE_FAIL(flush_view_of_file, FALSE);
  MAKE_FAIL(flush_file_buffers, FALSE);
}

#undef MAKE_FAIL

/// What an operation makes of a failing call, where that is not simply its kind; 0: it does not notice.
using Exceptions = std::function<void(std::string_view call, DWORD os, ErrorKind& kind)>;

class WindowsCallsFail : public testing::Test {
 protected:
  WindowsCallsFail() : bytes_(pattern(3 * page() + 5)), path_(scratch_.file("f", bytes_)) {
    static_cast<void>(Mmap::open(path_));  // what the first call sets up stays
  }

  /// Runs an operation again and again, failing its first call, its second, ..., until it meets no failure any more.
  void every_call_fails(int calls, const std::function<Result<void>()>& operation, const Exceptions& exceptions = {}) {
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
        ErrorKind kind = n > calls ? ErrorKind{} : platform::kind_of(static_cast<std::int32_t>(os));
        // The number was not that of a descriptor; the run-time has none left.
        const bool run_time = call_is("get_osfhandle") || call_is("open_osfhandle");
        if (call_is("get_osfhandle")) kind = ErrorKind::invalid_argument;
        if (call_is("open_osfhandle")) kind = ErrorKind::too_many_open;
        if (exceptions && n <= calls) exceptions(plan.met, os, kind);
        ASSERT_EQ(kind_of(result), kind) << "call " << n << ", " << plan.met << ": "
                                         << (result ? "" : result.error().message.view());
        if (!result && result.error().os != 0 && !run_time) {
          EXPECT_EQ(result.error().os, static_cast<std::int32_t>(os)) << plan.met;
        }
        ASSERT_EQ(open_descriptors(), handles) << plan.met;
        ASSERT_EQ(mapped_ranges(path_), ranges) << plan.met;
      }
    }
    EXPECT_TRUE(content(path_) == bytes_);
  }

  static bool call_is(std::string_view name) { return plan.met == name; }

  /// Does something that must not fail between what shall.
  static void undisturbed(const std::function<void()>& action) {
    const SystemCalls failing = system_calls;
    system_calls = real;
    action();
    system_calls = failing;
  }

  /// For files that are opened to be mapped: the right to execute may be missing.
  static void opened_again(std::string_view call, DWORD os, ErrorKind& kind) {
    if (call == "create_file" && os == ERROR_ACCESS_DENIED) kind = {};
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
  every_call_fails(5, [&] { return outcome(Mmap::open(path_, Mode::read, 5, 100)); }, opened_again);
}

TEST_F(WindowsCallsFail, OpenToWrite) {
  every_call_fails(6, [&] { return outcome(Mmap::open(path_, Mode::write)); }, opened_again);
}

TEST_F(WindowsCallsFail, OpenToExecute) {
  every_call_fails(6, [&] { return outcome(Mmap::open(path_, Mode::exec)); }, opened_again);
}

TEST_F(WindowsCallsFail, FromDescriptor) {
  std::FILE* const file = std::fopen(path_.c_str(), "rb");
  every_call_fails(5, [&] { return outcome(Mmap::from_fd(_fileno(file), Mode::cow | Mode::write)); });
  std::fclose(file);
}

TEST_F(WindowsCallsFail, Anonymous) {
  every_call_fails(3, [&] { return outcome(Mmap::anonymous(100)); });
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
    Mmap mmap;
    undisturbed([&] { mmap = Mmap::open(path_, Mode::write).value(); });
    const auto closed = mmap.close();
    if (!closed) {
      EXPECT_FALSE(mmap.is_closed());
      EXPECT_EQ(read_at(mmap, 0, 10), bytes_.substr(0, 10));
      EXPECT_TRUE(mmap.close());
    }
    return closed;
  });
}

TEST_F(WindowsCallsFail, Create) {
  const std::string path = scratch_.path("new");
  every_call_fails(9, [&] {
    auto done = outcome(Mmap::create(path, Mode::write, 10));
    undisturbed([&] { EXPECT_EQ(std::filesystem::remove(path), done.has_value()) << plan.met; });
    return done;
  });
}

TEST_F(WindowsCallsFail, ResizeToMore) {
  every_call_fails(9, [&] {
    Mmap mmap;
    undisturbed([&] { mmap = Mmap::open(path_, Mode::write, 0, to_end, 0, OpenOptions::grow).value(); });
    const auto done = mmap.resize(static_cast<std::int64_t>(30 * page()));
    undisturbed([&] {
      EXPECT_TRUE(done || mmap.length() == static_cast<std::int64_t>(bytes_.size())) << plan.met;
      EXPECT_TRUE(read_at(mmap, 0, bytes_.size()) == bytes_);
      EXPECT_TRUE(mmap.close());
      // wine cuts no file of which anything is mapped, so that zeroes may be left behind its bytes.
      const std::string left = content(path_);
      EXPECT_TRUE(left.starts_with(bytes_) && left.find_first_not_of('\0', bytes_.size()) == left.npos) << plan.met;
      std::filesystem::resize_file(path_, bytes_.size());
    });
    return done;
  });
}

TEST_F(WindowsCallsFail, ResizeToLess) {
  every_call_fails(7, [&] {
    Mmap mmap;
    undisturbed([&] { mmap = Mmap::open(path_, Mode::write, 0, to_end, 0, OpenOptions::grow).value(); });
    const auto done = mmap.resize(10);
    undisturbed([&] {
      // All, or nothing; or, if the pages did not come back, a mapping of no bytes.
      const auto length = static_cast<std::size_t>(*mmap.length());
      EXPECT_TRUE(length == 0 || length == (done ? 10 : bytes_.size())) << plan.met << ' ' << length;
      EXPECT_TRUE(read_at(mmap, 0, length) == bytes_.substr(0, length));
      EXPECT_TRUE(mmap.close());
      const std::string left = content(path_);
      EXPECT_TRUE(left == bytes_ || left == bytes_.substr(0, 10)) << plan.met;
      static_cast<void>(scratch_.file("f", bytes_));
    });
    return done;
  });
}

TEST_F(WindowsCallsFail, ResizePrivateMemory) {
  Mmap mmap = Mmap::anonymous(10, Mode::cow | Mode::write).value();
  ASSERT_TRUE(mmap.write_at(0, bytes_of("0123456789")));
  every_call_fails(2, [&] {
    const auto done = mmap.resize(100000);
    undisturbed([&] {
      EXPECT_EQ(read_at(mmap, 0, 10), "0123456789");
      EXPECT_TRUE(!done || mmap.resize(10));
    });
    return done;
  });
}

TEST_F(WindowsCallsFail, Descriptor) {
  Mmap mmap = Mmap::open(path_, Mode::write, 0, to_end, 0, OpenOptions::grow).value();
  every_call_fails(2, [&]() -> Result<void> {
    const auto fd = mmap.descriptor();
    if (!fd) return std::unexpected(fd.error());
    _close(*fd);
    return {};
  });
}

TEST_F(WindowsCallsFail, ReadDirect) {
  alignas(4096) static std::byte buffer[4096];
  every_call_fails(4, [&]() -> Result<void> {
    const auto count = read_direct(path_, 0, buffer);
    if (!count) return std::unexpected(count.error());
    return {};
  });
}

/// A view of all the memory that is taken away again: nobody waits for that.
void not_noticed(std::string_view call, DWORD, ErrorKind& kind) {
  if (call == "unmap_view_of_file") kind = {};
}

TEST_F(WindowsCallsFail, NamedMemory) {
  const std::string name = "failing-" + std::to_string(GetCurrentProcessId());
  static_cast<void>(Mmap::create_named(name, Mode::write, 10));  // what the first call sets up stays
  every_call_fails(10, [&] { return outcome(Mmap::create_named(name, Mode::write, 10)); }, not_noticed);
  const Mmap mmap = Mmap::create_named(name, Mode::write, 10).value();
  every_call_fails(10, [&] { return outcome(Mmap::open_named(name)); }, not_noticed);
  every_call_fails(7, [&] {
    Mmap other;
    undisturbed([&] { other = Mmap::create_named(name + "-given-up", Mode::write, 10).value(); });
    const auto done = Mmap::unlink_named(name + "-given-up");
    undisturbed([&] { EXPECT_TRUE(other.close()); });
    return done;
  }, not_noticed);
}

TEST_F(WindowsCallsFail, UpdateAndFlushAsync) {
  Mmap mmap = Mmap::open(path_, Mode::write, 0, to_end, 0, OpenOptions::update).value();
  every_call_fails(4, [&] { return mmap.update(0, bytes_of(bytes_.substr(0, 5))); });
  every_call_fails(1, [&] { return mmap.flush_async(1, 5); });
  EXPECT_TRUE(mmap.close());
}

TEST_F(WindowsCallsFail, Prefault) {
  Mmap mmap = Mmap::open(path_).value();
  static_cast<void>(mmap.prefault());  // what the first thread sets up stays
  every_call_fails(1, [&]() -> Result<void> {
    auto load = mmap.prefault();
    if (!load) return std::unexpected(load.error());
    undisturbed([&] { EXPECT_TRUE(load->wait()); });
    return load->close();
  });
  EXPECT_TRUE(mmap.close());
}

TEST_F(WindowsCallsFail, Protect) {
  Mmap file = Mmap::open(path_, Mode::write).value();
  every_call_fails(2, [&] {
    const auto done = file.protect(Mode::read);
    undisturbed([&] { EXPECT_EQ(kind_of(file.write_at(0, bytes_of("\0"))), done ? ErrorKind::not_writable : ErrorKind{}); });
    undisturbed([&] { EXPECT_TRUE(file.protect(Mode::write)); });
    return done;
  });
  every_call_fails(2, [&] {
    Mmap memory;
    undisturbed([&] { memory = Mmap::anonymous(10, Mode::cow).value(); });
    const auto done = memory.protect(Mode::write);
    undisturbed([&] { EXPECT_TRUE(memory.close()); });
    return done;
  });
}

TEST_F(WindowsCallsFail, LockUnlockAndResident) {
  Mmap mmap = Mmap::open(path_, Mode::write).value();
  every_call_fails(1, [&] { return mmap.lock(1, 5); },
                   [](std::string_view, DWORD os, ErrorKind& kind) {
                     // The system has many numbers for more than can be locked.
                     if (kind == ErrorKind::no_memory || os == ERROR_ACCESS_DENIED) kind = ErrorKind::limit;
                   });
  every_call_fails(1, [&] { return mmap.unlock(1, 5); });
  every_call_fails(1, [&]() -> Result<void> {
    const auto count = mmap.resident(1, 5);
    if (!count) return std::unexpected(count.error());
    return {};
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
