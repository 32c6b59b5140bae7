// POSIX processes. Between fork and exec only async-signal-safe calls are made: the runner has threads.
#include "conform/process.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>
#include <utility>

#include "conform/text.hpp"

namespace stdbind::conform {
namespace {

// Owns a descriptor until it is released or given away.
class Descriptor {
 public:
  Descriptor() = default;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { reset(-1); }
  int get() const { return number_; }
  int give_away() { return std::exchange(number_, -1); }
  void reset(int number) {
    if (number_ >= 0) ::close(number_);
    number_ = number;
  }

 private:
  int number_ = -1;
};

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;
  bool open() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    read_end.reset(ends[0]);
    write_end.reset(ends[1]);
    return true;
  }
};

bool open_log(Descriptor& log, const std::string& path) {
  log.reset(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  return log.get() >= 0;
}

void close_if_open(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

// Root passes over file permissions by two capabilities, and over the limit on locked memory by a third. Without them
// it is like any owner of a file.
bool drop_rights_of_root() {
  for (const int capability : {CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_IPC_LOCK}) {
    if (prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1 && geteuid() == 0 &&
        prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0)
      return false;
  }
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  if (syscall(SYS_capget, &header, data) != 0) return false;
  constexpr auto keep = ~((1U << CAP_DAC_OVERRIDE) | (1U << CAP_DAC_READ_SEARCH) | (1U << CAP_IPC_LOCK));
  data[0].effective &= keep;
  data[0].permitted &= keep;
  data[0].inheritable &= keep;
  return syscall(SYS_capset, &header, data) == 0;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  for (auto& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& more) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!more.contains(text.substr(0, text.find('=')))) all.push_back(text);
  }
  for (const auto& [name, value] : more) all.push_back(join({name, value}, "="));
  return all;
}

// When memory runs out, an adapter shall be ended, and nothing else.
void be_the_first_to_go() {
  const int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  [[maybe_unused]] const auto told = ::write(file, "1000", 4);
  ::close(file);
}

struct ChildPlan {
  char* const* arguments;
  char* const* environment;
  const char* directory;
  int input;
  int output;
  int errors;
  int report;  // receives errno when exec fails
  bool unprivileged;
};

[[noreturn]] void become_child(const ChildPlan& plan) {
  int code = 0;
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_DFL);
  be_the_first_to_go();
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const bool ready = dup2(plan.input, 0) >= 0 && dup2(plan.output, 1) >= 0 && dup2(plan.errors, 2) >= 0 &&
                     chdir(plan.directory) == 0 && (!plan.unprivileged || drop_rights_of_root());
  if (ready) execvpe(plan.arguments[0], plan.arguments, plan.environment);
  code = errno;
  [[maybe_unused]] const auto told = write(plan.report, &code, sizeof code);
  _exit(127);
}

}  // namespace

std::string Ending::text() const {
  if (signal == 0) return "exit code " + std::to_string(exit_code);
  const char* name = sigabbrev_np(signal);
  const char* description = sigdescr_np(signal);
  return "killed by " + (name == nullptr ? "signal " + std::to_string(signal) : "SIG" + std::string(name)) +
         (description == nullptr ? "" : " (" + std::string(description) + ")");
}

std::expected<void, std::string> Process::start(const Launch& launch) {
  kill();
  pending_.clear();
  const auto failed = [](const std::string& what) { return std::unexpected(what + ": " + std::strerror(errno)); };
  if (launch.command.empty()) return std::unexpected("the command is empty");
  auto arguments = launch.command;
  auto environment = merged_environment(launch.environment);
  const auto argument_list = pointers(arguments);
  const auto environment_list = pointers(environment);
  Pipe to_child;
  Pipe from_child;
  Pipe report;
  Descriptor errors;
  Descriptor output;
  if (!open_log(errors, launch.error_file)) return failed(launch.error_file);
  if (!launch.output_file.empty() && !open_log(output, launch.output_file)) return failed(launch.output_file);
  if (!to_child.open() || !from_child.open() || !report.open()) return failed("pipe");
  // The runner must not hang on a process that does not read.
  if (fcntl(to_child.write_end.get(), F_SETFL, O_NONBLOCK) != 0) return failed("fcntl");
  const ChildPlan plan{argument_list.data(),
                       environment_list.data(),
                       launch.directory.c_str(),
                       to_child.read_end.get(),
                       output.get() >= 0 ? output.get() : from_child.write_end.get(),
                       errors.get(),
                       report.write_end.get(),
                       launch.unprivileged};
  pid_ = fork();
  if (pid_ == 0) become_child(plan);
  if (pid_ < 0) return failed("fork");
  from_child.write_end.reset(-1);
  report.write_end.reset(-1);
  input_ = to_child.write_end.give_away();
  output_ = from_child.read_end.give_away();
  int child_error = 0;
  while (::read(report.read_end.get(), &child_error, sizeof child_error) < 0 && errno == EINTR) {
  }
  if (child_error == 0) return {};
  kill();
  return std::unexpected("cannot start " + launch.command[0] + ": " + std::strerror(child_error));
}

void Process::write_line(const std::string& line, Clock::time_point deadline) {
  const std::string whole = line + "\n";
  std::size_t done = 0;
  while (input_ >= 0 && done < whole.size() && Clock::now() < deadline) {
    const auto n = ::write(input_, whole.data() + done, whole.size() - done);
    if (n >= 0) {
      done += static_cast<std::size_t>(n);
    } else if (errno == EAGAIN) {
      pollfd ready{input_, POLLOUT, 0};
      poll(&ready, 1, 100);
    } else if (errno != EINTR) {
      return;
    }
  }
}

std::expected<std::string, Silence> Process::read_line(Clock::time_point deadline) {
  constexpr std::size_t longest = std::size_t{4} << 20U;
  for (;;) {
    const auto end = pending_.find('\n');
    if (end != std::string::npos || pending_.size() >= longest) {
      const auto size = std::min(end, longest);
      std::string line = pending_.substr(0, size);
      pending_.erase(0, end == std::string::npos ? pending_.size() : end + 1);
      if (line.ends_with('\r')) line.pop_back();
      return line;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return std::unexpected(Silence::Timeout);
    pollfd ready{output_, POLLIN, 0};
    const int n = poll(&ready, 1, static_cast<int>(std::min<std::int64_t>(left + 1, 1000)));
    if (n <= 0) continue;
    char block[65536];
    const auto size = ::read(output_, block, sizeof block);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return std::unexpected(Silence::Ended);
    pending_.append(block, static_cast<std::size_t>(size));
  }
}

Ending Process::finish(Clock::time_point deadline) {
  if (pid_ <= 0) return {};
  close_if_open(input_);
  for (;;) {
    siginfo_t info{};
    if (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid_) break;
    if (Clock::now() >= deadline) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return kill();
}

Ending Process::kill() {
  Ending ending;
  if (pid_ > 0) {
    siginfo_t info{};
    const bool ended =
        waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid_;
    ::kill(-pid_, SIGKILL);
    if (!ended) ::kill(pid_, SIGKILL);
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status)) ending.signal = WTERMSIG(status);
    if (WIFEXITED(status)) ending.exit_code = WEXITSTATUS(status);
  }
  pid_ = -1;
  close_pipes();
  return ending;
}

void Process::close_pipes() {
  close_if_open(input_);
  close_if_open(output_);
}

}  // namespace stdbind::conform
