// What the tests of loads share: a loader without threads and processes before and after, and a gate before the calls
// that load.
#ifndef STDBIND_TESTS_LOADING_SUPPORT_HPP
#define STDBIND_TESTS_LOADING_SUPPORT_HPP

#include <sys/wait.h>
#include <unistd.h>
#include <stdbind/async.hpp>

#include <atomic>
#include <thread>
#include <vector>

#include "failing_calls.hpp"
#include "loader.hpp"

namespace stdbind {

inline void PrintTo(LoadState state, std::ostream* out) { *out << "load state " << std::to_underlying(state); }

}  // namespace stdbind

namespace stdbind::tests {

inline std::string_view message_of(const Error& error) { return error.message.view(); }
template <class T>
std::string_view message_of(const Result<T>& result) {
  return result ? std::string_view() : result.error().message.view();
}
template <class T>
bool mentions(const Result<T>& result, std::string_view text) {
  return message_of(result).find(text) != std::string_view::npos;
}

class Loading : public testing::Test {
 protected:
  Loading() : descriptors_(open_descriptors()), bytes_(pattern(3 * page() + 5)), path_(scratch_.file("f", bytes_)) {
    gate = 1'000'000;
    calls = 0;
    plain = platform::system_calls;
    EXPECT_TRUE(configure_loader(4, 1024, 1));
  }
  ~Loading() override {
    open_gate(1'000'000);
    detail::dismiss_workers();
    EXPECT_EQ(open_descriptors(), descriptors_);
    EXPECT_EQ(mapped_ranges(scratch_.path("")), 0U);
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "a process is left";
  }

  /// From now on opening a file waits until the gate lets it pass: as many calls as its number says.
  static void close_gate_of_open() {
    gate = 0;
    platform::system_calls.open = [](const char* path, int flags, mode_t mode) {
      pass();
      return plain.open(path, flags, mode);
    };
  }
  /// The same of bringing pages into memory; the places are noted.
  static void close_gate_of_steps() {
    gate = 0;
    platform::system_calls.madvise = [](void* at, std::size_t length, int advice) {
      const int number = pass();
      if (number <= 64) places[static_cast<std::size_t>(number) - 1] = reinterpret_cast<std::uintptr_t>(at);
      return plain.madvise(at, length, advice);
    };
  }
  static void open_gate(int number) {
    gate = number;
    gate.notify_all();
  }
  static void wait_for_call(int number) {
    for (int now = calls; now < number; now = calls) calls.wait(now);
  }

  static AsyncFile load(std::string_view path, LoadOptions load_options = LoadOptions::none,
                        OpenOptions options = OpenOptions::none) {
    return AsyncFile::open(path, Mode::read, options, load_options).value();
  }
  static std::string content_of(AsyncFile& file) {
    const auto mapping = file.get();
    return mapping ? read_at(**mapping, 0, static_cast<std::size_t>((*mapping)->length().value()))
                   : std::string(message_of(mapping));
  }
  static detail::Loader& loader() { return **detail::loader("test"); }

  static inline std::atomic<int> gate;
  static inline std::atomic<int> calls;
  static inline std::array<std::atomic<std::uintptr_t>, 64> places;
  static inline platform::SystemCalls plain;
  SystemCallsRestored restored_;
  std::size_t descriptors_;
  Scratch scratch_;
  std::string bytes_;
  std::string path_;

 private:
  static int pass() {
    const int number = ++calls;
    calls.notify_all();
    for (int open = gate; open < number; open = gate) gate.wait(open);
    return number;
  }
};

}  // namespace stdbind::tests

#endif
