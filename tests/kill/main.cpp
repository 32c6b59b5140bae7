// Kills a writer at random points, again and again: after a time, after a report, or inside of a system call. After
// each kill the log is whole, and holds all that was reported as flushed; the next writer goes on with it.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "injection.hpp"
#include "log.hpp"
#include "support.hpp"

namespace stdbind::tests {
namespace {

/// How a writer meets its end.
struct End {
  enum class Way { time, report, call } way;
  std::uint64_t number;  ///< microseconds, reports, or calls
  bool after;            ///< the call was done
};

/// The writer: reports after each flush how many records are safe. It never returns.
[[noreturn]] void write_log(const std::string& path, std::uint64_t seed, Random random, const End& end, int reports) {
  if (end.way == End::Way::call) fault::die_at(static_cast<std::size_t>(end.number), end.after);
  LogWriter log(path, seed, random);
  for (;;) {
    const std::uint64_t count = log.count();
    if (write(reports, &count, sizeof(count)) != sizeof(count)) _exit(2);
    log.append();
    if (random() % 16 == 0) log.reopen();
    if (log.end() > 2 << 20) _exit(0);  // long enough
  }
}

struct Outcome {
  int status = 0;
  bool reported = false;  ///< anything at all
  std::uint64_t count = 0;
  std::uint64_t reports = 0;
};

/// One life of a writer.
Outcome live(const std::string& path, std::uint64_t seed, Random& random) {
  End end{.way = static_cast<End::Way>(random() % 3), .number = 0, .after = random() % 2 == 0};
  constexpr std::uint64_t most[] = {6000, 30, 150};
  end.number = 1 + random() % most[static_cast<std::size_t>(end.way)];
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) std::abort();
  const Random own(random());
  const pid_t writer = fork();
  if (writer < 0) std::abort();
  if (writer == 0) {
    close(ends[0]);
    write_log(path, seed, own, end, ends[1]);
  }
  close(ends[1]);
  Outcome outcome;
  const auto read_report = [&] {
    std::uint64_t count = 0;
    if (read(ends[0], &count, sizeof(count)) != sizeof(count)) return false;
    outcome.reported = true;
    outcome.count = count;
    ++outcome.reports;
    return true;
  };
  if (end.way == End::Way::time) usleep(static_cast<useconds_t>(end.number));
  if (end.way == End::Way::report) {
    while (outcome.reports < end.number && read_report()) {
    }
  }
  if (end.way != End::Way::call) kill(writer, SIGKILL);
  while (read_report()) {  // what was said before the end
  }
  waitpid(writer, &outcome.status, 0);
  close(ends[0]);
  return outcome;
}

/// The content as it lies on the disk, where it was flushed: clean pages of the cache are dropped first.
std::string content_on_disk(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  close(fd);
  return content(path);
}

int main(std::span<char*> arguments) {
  const std::uint64_t rounds = arguments.size() > 1 ? std::strtoull(arguments[1], nullptr, 10) : 100;
  const std::uint64_t seed = arguments.size() > 2 ? std::strtoull(arguments[2], nullptr, 10) : std::random_device()();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  fault::install();
  Random random(seed);
  const Scratch scratch;
  const std::string path = scratch.path("log");
  std::uint64_t of_log = random();
  std::uint64_t reported = 0;
  bool any = false;  // whether this log was ever reported
  std::uint64_t kills = 0;
  std::uint64_t reports = 0;
  std::uint64_t bytes = 0;
  while (kills < rounds) {
    const Outcome outcome = live(path, of_log, random);
    const bool killed = WIFSIGNALED(outcome.status) && WTERMSIG(outcome.status) == SIGKILL;
    const bool ended = WIFEXITED(outcome.status) && WEXITSTATUS(outcome.status) == 0;
    if (outcome.reported) {
      any = true;
      reported = std::max(reported, outcome.count);
    }
    std::string what;
    if (!killed && !ended) what = "the writer ended by itself, with status " + std::to_string(outcome.status);
    std::string now;
    if (what.empty() && any) {
      now = content_on_disk(path);
      what = check_log(now, of_log, reported);
    }
    if (!what.empty()) {
      std::printf("FAILED in round %llu of seed %llu: %s\n", static_cast<unsigned long long>(kills),
                  static_cast<unsigned long long>(seed), what.c_str());
      return 1;
    }
    kills += killed ? 1 : 0;
    reports += outcome.reports;
    bytes += now.size();
    if (ended || random() % 12 == 0) {  // another log
      std::filesystem::remove(path);
      of_log = random();
      reported = 0;
      any = false;
    }
  }
  std::printf("%llu rounds, %llu reports, %llu bytes read back, 0 lost\n", static_cast<unsigned long long>(kills),
              static_cast<unsigned long long>(reports), static_cast<unsigned long long>(bytes));
  return 0;
}

}  // namespace
}  // namespace stdbind::tests

int main(int argc, char** argv) {
  return stdbind::tests::main(std::span(argv, static_cast<std::size_t>(argc)));
}
