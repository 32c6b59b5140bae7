// Times two ways of reading the same file, taking turns, each series in a process of its own. One-shot: every buffer is
// new memory, as in a program that reads a file once. Looped: the allocator gives memory again. Prints rows of ratios
// of the least times, which other work on the machine disturbs least.
#include <fcntl.h>
#include <malloc.h>
#include <stdbind/rt.h>
#include <sys/wait.h>
#include <unistd.h>
#include <stdbind/reader.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "baselines.hpp"

namespace {

constexpr std::size_t kibibyte = 1024;
constexpr std::size_t mebibyte = 1024 * kibibyte;

enum class Use { one_shot, looped };

/// One way: reads the file and answers whether it came; what it holds is released by `release`, which is timed too
/// unless all buffers are to be new and the allocator would give them again.
struct Way {
  std::function<bool()> read;
  std::function<void(bool keep)> release;
};

struct Times {
  double least = 0;
  double median = 0;
};
/// Of the baseline and of what is measured, in microseconds.
struct Pair {
  Times baseline;
  Times measured;
};

[[noreturn]] void fail(const char* text) {
  std::fprintf(stderr, "owned_reads: %s\n", text);
  std::exit(1);
}

/// glibc maps what is longer than this for each call, and gives it back at once, if it is told so.
constexpr std::size_t always_new = 128 * kibibyte;

Times summary(std::vector<double>& times) {
  std::ranges::sort(times);
  return {times.front(), times[times.size() / 2]};
}

Pair take_turns(std::array<Way, 2> ways, bool keep, int rounds) {
  std::array<std::vector<double>, 2> times;
  for (int round = -2; round < rounds; ++round) {
    for (int turn = 0; turn < 2; ++turn) {
      const auto which = static_cast<std::size_t>((turn + round + 2) % 2);
      Way& way = ways.at(which);
      const auto start = std::chrono::steady_clock::now();
      const bool done = way.read();
      if (!keep) way.release(false);
      const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - start;
      if (!done) fail("a file could not be read");
      if (keep) way.release(true);
      if (round >= 0) times.at(which).push_back(time.count());
    }
  }
  return {summary(times[0]), summary(times[1])};
}

/// Measures in a new process, whose memory nobody has used.
Pair in_new_process(const std::function<Pair()>& measure) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) fail("no pipe");
  const pid_t child = fork();
  if (child == 0) {
    const Pair pair = measure();
    _exit(write(ends[1], &pair, sizeof pair) == sizeof pair ? 0 : 1);
  }
  close(ends[1]);
  Pair pair;
  const bool came = read(ends[0], &pair, sizeof pair) == sizeof pair;
  close(ends[0]);
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || status != 0 || !came) fail("a measuring process failed");
  return pair;
}

/// A way whose bytes are freed with free(3). Where they are kept, they are all freed with the process.
Way freed(std::function<char*()> read) {
  auto held = std::make_shared<char*>(nullptr);
  return {[read = std::move(read), held] { return (*held = read()) != nullptr; },
          [held](bool keep) {
            if (!keep) std::free(*held);
          }};
}

std::string size_name(std::size_t size) {
  return size < mebibyte ? std::to_string(size / kibibyte) + "KiB" : std::to_string(size / mebibyte) + "MiB";
}

void print_row(const std::string& name, double ratio, double goal, const std::string& beside) {
  std::printf("%-32s %7.2fx  >=%.2fx  %-5s  %s\n", name.c_str(), ratio, goal, ratio >= goal ? "ok" : "below",
              beside.c_str());
  std::fflush(stdout);
}

std::string fixed(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f", value);
  return text.data();
}

std::string beside(const Pair& one_shot) {
  return "(median " + fixed(one_shot.baseline.median / one_shot.measured.median) + "x; " +
         fixed(one_shot.baseline.least) + " against " + fixed(one_shot.measured.least) + " us";
}

class Bench {
 public:
  Bench(std::string folder, int share) : path_(std::move(folder) + "/file"), share_(share) {}

  void make_file(std::size_t size) {
    size_ = size;
    const int fd = open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const std::string block(std::min(size, mebibyte), 'x');
    for (std::size_t done = 0; done < size; done += block.size()) {
      if (write(fd, block.data(), block.size()) != static_cast<ssize_t>(block.size())) fail("cannot write the file");
    }
    close(fd);
  }

  void remove_file() { unlink(path_.c_str()); }

  /// libstdbind_rt against mapping and copying.
  void runtime() {
    const auto measure = [&](Use use) {
      return in_new_process([&] {
        return take_turns({freed([&] { return baselines::map_and_copy(path_.c_str()); }),
                           freed([&] { return rt_file_mmap_read_text(path_.c_str()); })},
                          prepare(use), rounds());
      });
    };
    const Pair one_shot = measure(Use::one_shot);
    const Pair looped = measure(Use::looped);
    print_row("owned_reads/rt/" + size_name(size_), one_shot.baseline.least / one_shot.measured.least, 1.0,
              beside(one_shot) + "; looped " + fixed(looped.baseline.least / looped.measured.least) + "x)");
  }

  /// stdbind::read_file against read() into malloc. Looped it has a goal only where both never get memory again from
  /// malloc.
  void read_file(double goal, double looped_goal = 0) {
    const auto measure = [&](Use use) {
      return in_new_process([&] {
        auto held = std::make_shared<std::vector<stdbind::Bytes>>();
        const Way ours = {[&, held] {
                            auto bytes = stdbind::read_file(path_);
                            if (!bytes) return false;
                            held->push_back(std::move(*bytes));
                            return true;
                          },
                          [held, use](bool keep) {
                            if (keep) return;
                            held->clear();
                            if (use == Use::one_shot) stdbind::release_buffers();
                          }};
        held->reserve(1000);
        return take_turns({freed([&] { return baselines::read_all(path_.c_str()); }), ours}, prepare(use), rounds());
      });
    };
    const Pair one_shot = measure(Use::one_shot);
    const Pair looped = measure(Use::looped);
    const double again = looped.baseline.least / looped.measured.least;
    const std::string name = "owned_reads/read_file/" + size_name(size_);
    print_row(name, one_shot.baseline.least / one_shot.measured.least, goal,
              beside(one_shot) + "; looped " + fixed(again) + "x)");
    if (looped_goal > 0) print_row(name + "/looped", again, looped_goal, beside(looped) + ")");
  }

  /// stdbind::read_into against pread into the same buffer.
  void read_into(double goal) {
    const Pair pair = in_new_process([&] {
      std::vector<char> buffer(size_);
      const auto whole = static_cast<std::int64_t>(size_);
      const auto nothing = [](bool) {};
      return take_turns(
          {Way{[&] { return baselines::pread_into(path_.c_str(), buffer.data(), size_) == whole; }, nothing},
           Way{[&] { return stdbind::read_into(path_, std::as_writable_bytes(std::span(buffer))) == whole; }, nothing}},
          false, 4 * rounds());
    });
    print_row("owned_reads/read_into/" + size_name(size_), pair.baseline.least / pair.measured.least, goal,
              beside(pair) + ")");
  }

 private:
  /// Sets the allocator up; true if what is short has to be kept so that no buffer is given again.
  bool prepare(Use use) const {
    if (use == Use::looped) return false;
    if (mallopt(M_MMAP_THRESHOLD, always_new) == 0) fail("the allocator cannot be set up");
    return size_ < always_new;
  }

  /// Fewer where one takes long; what is kept stays below 64 MiB.
  int rounds() const {
    const std::size_t count = std::clamp<std::size_t>(300 * mebibyte / (size_ + mebibyte / 2), 9, 200);
    return std::max(5, static_cast<int>(count) / share_);
  }

  std::string path_;
  int share_;
  std::size_t size_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) fail("usage: owned_reads FOLDER [--quick|--full]");
  const std::string_view option = argc > 2 ? argv[2] : "";
  const bool quick = option == "--quick";
  Bench bench(argv[1], quick ? 2 : 1);
  std::vector<std::size_t> sizes{4 * kibibyte, 16 * kibibyte, 64 * kibibyte, 256 * kibibyte, mebibyte,
                                 4 * mebibyte, 16 * mebibyte, 64 * mebibyte, 256 * mebibyte};
  if (option == "--full") sizes.push_back(1024 * mebibyte);
  for (const std::size_t size : sizes) {
    bench.make_file(size);
    bench.runtime();
    if (size == 64 * kibibyte || size == mebibyte || size == 16 * mebibyte) {
      bench.read_file(0.95);
      bench.read_into(0.97);
    }
  }
  bench.make_file(100 * mebibyte);
  bench.read_file(3.0, 3.0);
  bench.remove_file();
  return 0;
}
