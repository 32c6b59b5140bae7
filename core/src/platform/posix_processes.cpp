// POSIX systems: loader processes. They are started by posix_spawn, never by a fork of a process with threads, and
// spoken to by the loader's threads only, which SIGPIPE does not reach.
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "platform/loader_protocol.hpp"
#include "platform/platform.hpp"
#include "platform/posix_calls.hpp"

namespace stdbind::platform {

namespace {

/// How a loader process starts: with its socket, without the program's standard streams, in a group of its own, which
/// the keys of a terminal do not reach, and with all signals as they are at the start of a program.
class Birth {
 public:
  explicit Birth(int socket) noexcept {
    os_ = ::posix_spawn_file_actions_init(&actions_);
    if (os_ != 0) return;
    os_ = ::posix_spawnattr_init(&attributes_);
    if (os_ != 0) {
      ::posix_spawn_file_actions_destroy(&actions_);
      return;
    }
    made_ = true;
    sigset_t none;
    sigemptyset(&none);
    sigset_t all;
    sigfillset(&all);
    for (const int fixed : {SIGKILL, SIGSTOP}) sigdelset(&all, fixed);
    constexpr int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP;
    ::posix_spawnattr_setflags(&attributes_, static_cast<short>(flags));
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    // First: the socket may be one of the numbers that are opened then.
    note(::posix_spawn_file_actions_adddup2(&actions_, socket, loader_descriptor));
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
      note(::posix_spawn_file_actions_addopen(&actions_, stream, "/dev/null", O_RDWR, 0));
    }
  }
  ~Birth() {
    if (!made_) return;
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&actions_);
  }
  Birth(const Birth&) = delete;
  Birth& operator=(const Birth&) = delete;

  System<pid_t> of(const char* program) const noexcept {
    if (os_ != 0) return std::unexpected(std::int32_t{os_});
    std::array<char, 16> name{"stdbind-loader"};
    char* const arguments[] = {name.data(), nullptr};
    pid_t process = 0;
    const int os = system_calls.posix_spawn(&process, program, &actions_, &attributes_, arguments);
    if (os != 0) return std::unexpected(std::int32_t{os});
    return process;
  }

 private:
  void note(int os) noexcept {
    if (os_ == 0) os_ = os;
  }

  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
  int os_ = 0;
  bool made_ = false;
};

/// Where this library is, or the program that it is a part of; empty if the system does not tell.
std::string_view own_path(std::span<char> storage) noexcept {
  Dl_info info = {};
  if (::dladdr(reinterpret_cast<const void*>(&loader_program), &info) == 0 || info.dli_fname == nullptr) return {};
  if (info.dli_fname[0] == '/') return info.dli_fname;
  // A program is told by how it was called.
  return program_path(storage);
}

}  // namespace

System<void> loader_program(std::span<char> path) noexcept {
  const auto fill = [&](std::string_view directory, std::string_view name) -> System<void> {
    if (directory.size() + name.size() >= path.size()) return std::unexpected(std::int32_t{ENAMETOOLONG});
    *std::ranges::copy(name, std::ranges::copy(directory, path.begin()).out).out = '\0';
    return {};
  };
  const char* const named = trusted_variable("STDBIND_LOADER");
  if (named != nullptr && *named != '\0') return fill({}, named);
  std::array<char, 4096> storage;  // NOLINT: filled below
  std::string_view own = own_path(storage);
  while (!own.empty() && own.back() != '/') own.remove_suffix(1);
  return fill(own, "stdbind-loader");
}

std::int64_t rights() noexcept {
  return std::int64_t{system_calls.geteuid()} << 32 | std::int64_t{system_calls.getegid()};
}

System<FileIdentity> file_identity(const char* path) noexcept {
  struct stat info = {};
  if (system_calls.fstatat(AT_FDCWD, path, &info, 0) != 0) return failed();
  return FileIdentity{static_cast<std::uint64_t>(info.st_dev), static_cast<std::uint64_t>(info.st_ino)};
}

System<LoaderProcess> start_loader(const char* program) noexcept {
  // Not every posix_spawn tells that there is no such program.
  struct stat info = {};
  if (system_calls.fstatat(AT_FDCWD, program, &info, 0) != 0) return failed();
  std::array<int, 2> sockets{};
  if (system_calls.socketpair(sockets.data()) != 0) return failed();
  const auto close_both = [&] {
    system_calls.close(sockets[0]);
    system_calls.close(sockets[1]);
  };
  if (sockets[1] == loader_descriptor) {
    // Onto itself it could not be duplicated for the new process.
    const int other = system_calls.duplicate(sockets[1], loader_descriptor + 1);
    if (other < 0) {
      const int os = errno;
      close_both();
      return std::unexpected(std::int32_t{os});
    }
    system_calls.close(sockets[1]);
    sockets[1] = other;
  }
  const auto process = Birth(sockets[1]).of(program);
  if (!process) {
    close_both();
    return std::unexpected(process.error());
  }
  system_calls.close(sockets[1]);
  return LoaderProcess{.process = *process, .channel = sockets[0], .rights = rights()};
}

System<void> ask_loader(const LoaderProcess& loader, std::string_view path, bool writable) noexcept {
  OpeningRequest request = {.flags = opening_flags(writable), .path_size = static_cast<std::uint32_t>(path.size())};
  Envelope envelope;
  envelope.add(&request, sizeof request);
  envelope.add(const_cast<char*>(path.data()), path.size());
  int directory = -1;
  if (path.empty() || path.front() != '/') {
    directory = uninterrupted([] { return system_calls.open(".", directory_flags, 0); });
    if (directory < 0) return failed();
    envelope.enclose(directory);
  }
  const ssize_t sent = uninterrupted(
      [&] { return system_calls.sendmsg(static_cast<int>(loader.channel), envelope.message(), sending_flags); });
  const int os = sent < 0 ? errno : EPIPE;
  if (directory >= 0) system_calls.close(directory);
  // A request is far smaller than the buffer of a socket, which is empty: it goes as one.
  if (sent != static_cast<ssize_t>(sizeof request + path.size())) return std::unexpected(std::int32_t{os});
  return {};
}

LoaderAnswer take_answer(const LoaderProcess& loader, std::int64_t wait_ms) noexcept {
  using What = LoaderAnswer::What;
  struct pollfd channel = {.fd = static_cast<int>(loader.channel), .events = POLLIN, .revents = 0};
  const int ready = system_calls.poll(&channel, 1, static_cast<int>(std::min(wait_ms, std::int64_t{1'000'000})));
  if (ready == 0 || (ready < 0 && errno == EINTR)) return {.what = What::none};
  if (ready < 0) return {.what = What::ended};
  OpeningAnswer answer = {};
  Envelope envelope;
  envelope.add(&answer, sizeof answer);
  envelope.expect_descriptor();
  const ssize_t count =
      uninterrupted([&] { return system_calls.recvmsg(channel.fd, envelope.message(), receiving_flags); });
  const int fd = count < 0 ? -1 : envelope.descriptor();
  if (count != static_cast<ssize_t>(sizeof answer)) {
    if (fd >= 0) system_calls.close(fd);
    return {.what = What::ended};
  }
  if (answer.os != 0) return {.what = What::refused, .os = answer.os};
  if (fd < 0) return {.what = What::refused, .os = EMFILE};  // there was no number for it
  if (receiving_flags != 0) return {.what = What::opened, .file = fd};
  const auto own = duplicate(fd);  // where it would be inherited by programs started later
  system_calls.close(fd);
  if (!own) return {.what = What::refused, .os = own.error()};
  return {.what = What::opened, .file = *own};
}

bool has_gone(const LoaderProcess& loader) noexcept {
  // Also where the program waits for all its children itself: then there is nothing to wait for.
  const auto process = static_cast<pid_t>(loader.process);
  return uninterrupted([&] { return system_calls.waitpid(process, nullptr, WNOHANG); }) != 0;
}

bool end_loader(LoaderProcess& loader) noexcept {
  if (loader.channel != no_file) system_calls.close(static_cast<int>(std::exchange(loader.channel, no_file)));
  // Only a process that has not been waited for can be ended by its number: that belongs to nobody else yet.
  if (has_gone(loader)) return true;
  system_calls.kill(static_cast<pid_t>(loader.process), SIGKILL);
  constexpr int most = 5000;  // a system call that cannot be interrupted may keep it longer
  for (int i = 0; i < most; ++i) {
    if (has_gone(loader)) return true;
    sleep_briefly();
  }
  return false;
}

}  // namespace stdbind::platform
