// POSIX systems: threads, a lock to wait at, and the clock. Time is always that of the monotonic clock.
#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <new>

#include "platform/platform.hpp"
#include "platform/posix_calls.hpp"

namespace stdbind::platform {

namespace {

struct Native {
  pthread_mutex_t mutex;
  pthread_cond_t condition;
};

Native& native(std::array<std::byte, 128>& storage) noexcept {
  static_assert(sizeof(Native) <= sizeof(storage) && alignof(Native) <= 16);
  return *std::launder(reinterpret_cast<Native*>(storage.data()));
}

constexpr std::int64_t per_second = 1000;
constexpr long nanoseconds = 1'000'000;

void* run(void* argument) noexcept {
  auto* const task = static_cast<Task*>(argument);
  task->run(*task);
  return nullptr;
}

}  // namespace

Monitor::Monitor() noexcept {  // NOLINT: storage_ is filled here
  Native& self = *new (storage_.data()) Native;
  ::pthread_mutex_init(&self.mutex, nullptr);
  init_monotonic(self.condition);
}

Monitor::~Monitor() {
  ::pthread_cond_destroy(&native(storage_).condition);
  ::pthread_mutex_destroy(&native(storage_).mutex);
}

void Monitor::lock() noexcept { ::pthread_mutex_lock(&native(storage_).mutex); }
void Monitor::unlock() noexcept { ::pthread_mutex_unlock(&native(storage_).mutex); }
void Monitor::notify_all() noexcept { ::pthread_cond_broadcast(&native(storage_).condition); }
void Monitor::notify_one() noexcept { ::pthread_cond_signal(&native(storage_).condition); }

bool Monitor::wait_until(std::int64_t time) noexcept {
  Native& self = native(storage_);
  if (time == never) {
    ::pthread_cond_wait(&self.condition, &self.mutex);
    return true;
  }
  const std::int64_t left = time - milliseconds();
  if (left <= 0) return false;
  wait_monotonic(self.condition, self.mutex, left);
  return milliseconds() < time;
}

std::int64_t milliseconds() noexcept {
  struct timespec now = {};
  system_calls.clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * per_second + now.tv_nsec / nanoseconds;
}

void sleep_briefly() noexcept {
  constexpr struct timespec tenth_of_a_millisecond = {.tv_sec = 0, .tv_nsec = 100'000};
  system_calls.nanosleep(&tenth_of_a_millisecond, nullptr);
}

std::int64_t processors() noexcept {
  const long count = system_calls.sysconf(_SC_NPROCESSORS_ONLN);
  return count < 1 ? 1 : count;
}

std::int64_t process() noexcept { return system_calls.getpid(); }

System<Thread> start_thread(Task& task) noexcept {
  // The new thread inherits this mask. Handlers of the program run on its own threads; a fault is the new thread's own.
  sigset_t mask;
  sigset_t before;
  sigfillset(&mask);
  for (const int fault : {SIGBUS, SIGSEGV, SIGFPE, SIGILL, SIGTRAP}) sigdelset(&mask, fault);
  ::pthread_sigmask(SIG_SETMASK, &mask, &before);
  pthread_t thread{};
  const int os = system_calls.pthread_create(&thread, nullptr, run, &task);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (os != 0) return std::unexpected(std::int32_t{os});
  return (Thread)thread;  // NOLINT: a number on one system, a pointer on another
}

void join_thread(Thread thread) noexcept { system_calls.pthread_join((pthread_t)thread, nullptr); }  // NOLINT: as above

void detach_thread(Thread thread) noexcept { ::pthread_detach((pthread_t)thread); }  // NOLINT: as above

}  // namespace stdbind::platform
