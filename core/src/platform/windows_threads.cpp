// Windows: threads, a lock to wait at, and the clock.
#include <new>

#include "platform/platform.hpp"
#include "platform/windows_calls.hpp"

namespace stdbind::platform {

namespace {

struct Native {
  SRWLOCK lock;
  CONDITION_VARIABLE condition;
};

Native& native(std::array<std::byte, 128>& storage) noexcept {
  static_assert(sizeof(Native) <= sizeof(storage) && alignof(Native) <= 16);
  return *std::launder(reinterpret_cast<Native*>(storage.data()));
}

DWORD WINAPI run(void* argument) noexcept {
  auto* const task = static_cast<Task*>(argument);
  task->run(*task);
  return 0;
}

}  // namespace

Monitor::Monitor() noexcept {  // NOLINT: storage_ is filled here
  Native& self = *new (storage_.data()) Native;
  ::InitializeSRWLock(&self.lock);
  ::InitializeConditionVariable(&self.condition);
}

Monitor::~Monitor() = default;
void Monitor::lock() noexcept { ::AcquireSRWLockExclusive(&native(storage_).lock); }
void Monitor::unlock() noexcept { ::ReleaseSRWLockExclusive(&native(storage_).lock); }
void Monitor::notify_all() noexcept { ::WakeAllConditionVariable(&native(storage_).condition); }
void Monitor::notify_one() noexcept { ::WakeConditionVariable(&native(storage_).condition); }

bool Monitor::wait_until(std::int64_t time) noexcept {
  Native& self = native(storage_);
  if (time == never) {
    ::SleepConditionVariableSRW(&self.condition, &self.lock, INFINITE, 0);
    return true;
  }
  const std::int64_t left = time - milliseconds();
  if (left <= 0) return false;
  constexpr std::int64_t most = 1'000'000'000;
  ::SleepConditionVariableSRW(&self.condition, &self.lock, static_cast<DWORD>(left < most ? left : most), 0);
  return milliseconds() < time;
}

std::int64_t milliseconds() noexcept { return static_cast<std::int64_t>(::GetTickCount64()); }
std::int64_t processors() noexcept {
  SYSTEM_INFO info = {};
  system_calls.get_system_info(&info);
  return info.dwNumberOfProcessors;
}

std::int64_t process() noexcept { return 0; }  // no process is a copy of another

System<Thread> start_thread(Task& task) noexcept {
  const HANDLE thread = system_calls.create_thread(nullptr, 0, run, &task, 0, nullptr);
  if (thread == nullptr) return failed();
  return reinterpret_cast<Thread>(thread);
}

void join_thread(Thread thread) noexcept {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): a handle is a number that the system calls a pointer
  const HANDLE handle = reinterpret_cast<HANDLE>(thread);
  ::WaitForSingleObject(handle, INFINITE);
  system_calls.close_handle(handle);
}

void detach_thread(Thread thread) noexcept {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): as above
  system_calls.close_handle(reinterpret_cast<HANDLE>(thread));
}

void sleep_briefly() noexcept { ::Sleep(1); }

}  // namespace stdbind::platform
