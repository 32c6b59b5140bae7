// Windows on x86-64, built by mingw-w64: errors, mapping, and the fault guard. Every system call goes through the table
// system_calls; all failures are numbers of GetLastError. The system maps from multiples of 64 KiB (the granularity),
// and only here that is known.
#include "platform/windows_calls.hpp"

#include <io.h>
#include <winternl.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <string_view>

#include "platform/platform.hpp"

namespace stdbind::platform {

SystemCalls system_calls = {
    .get_osfhandle = ::_get_osfhandle,
    .open_osfhandle = [](std::intptr_t file, int flags) -> std::intptr_t { return ::_open_osfhandle(file, flags); },
    .get_access = [](HANDLE file, ACCESS_MASK* access) -> DWORD {
      PUBLIC_OBJECT_BASIC_INFORMATION information = {};
      const NTSTATUS status = ::NtQueryObject(file, ObjectBasicInformation, &information, sizeof information, nullptr);
      *access = information.GrantedAccess;
      return ::RtlNtStatusToDosError(status);
    },
    .create_file = ::CreateFileW,
    .close_handle = ::CloseHandle,
    .duplicate_handle = ::DuplicateHandle,
    .get_file_type = ::GetFileType,
    .get_file_information = ::GetFileInformationByHandle,
    .set_file_information = ::SetFileInformationByHandle,
    .delete_file = ::DeleteFileW,
    .read_file = ::ReadFile,
    .write_file = ::WriteFile,
    .create_file_mapping = ::CreateFileMappingW,
    .open_file_mapping = ::OpenFileMappingW,
    .map_view_of_file = ::MapViewOfFileEx,
    .unmap_view_of_file = ::UnmapViewOfFile,
    .virtual_alloc = ::VirtualAlloc,
    .virtual_free = ::VirtualFree,
    .virtual_protect = ::VirtualProtect,
    .virtual_query = ::VirtualQuery,
    .virtual_lock = ::VirtualLock,
    .virtual_unlock = ::VirtualUnlock,
    .get_working_set_size = ::GetProcessWorkingSetSize,
    .set_working_set_size = ::SetProcessWorkingSetSize,
    .query_working_set = ::QueryWorkingSetEx,
    .prefetch_virtual_memory = ::PrefetchVirtualMemory,
    .flush_view_of_file = ::FlushViewOfFile,
    .flush_file_buffers = ::FlushFileBuffers,
    .create_thread = ::CreateThread,
    .get_system_info = ::GetSystemInfo,
    .add_vectored_exception_handler = ::AddVectoredExceptionHandler,
};

namespace {

struct KindOfOs {
  DWORD os;
  ErrorKind kind;
};

constexpr KindOfOs kinds[] = {
    {ERROR_FILE_NOT_FOUND, ErrorKind::not_found},
    {ERROR_PATH_NOT_FOUND, ErrorKind::not_found},
    {ERROR_INVALID_DRIVE, ErrorKind::not_found},
    {ERROR_BAD_NETPATH, ErrorKind::not_found},
    {ERROR_BAD_NET_NAME, ErrorKind::not_found},
    {ERROR_DIRECTORY, ErrorKind::not_found},
    {ERROR_ACCESS_DENIED, ErrorKind::permission_denied},
    {ERROR_WRITE_PROTECT, ErrorKind::permission_denied},
    {ERROR_PRIVILEGE_NOT_HELD, ErrorKind::permission_denied},
    {433, ErrorKind::wrong_file_type},  // ERROR_NO_SUCH_DEVICE, as 1295 below: a socket, or a device without a driver
    {ERROR_ALREADY_EXISTS, ErrorKind::already_exists},
    {ERROR_FILE_EXISTS, ErrorKind::already_exists},
    {ERROR_INVALID_NAME, ErrorKind::invalid_argument},
    {ERROR_BAD_PATHNAME, ErrorKind::invalid_argument},
    {ERROR_FILENAME_EXCED_RANGE, ErrorKind::invalid_argument},
    {ERROR_INVALID_PARAMETER, ErrorKind::invalid_argument},
    {ERROR_INVALID_HANDLE, ErrorKind::invalid_argument},
    {ERROR_NO_UNICODE_TRANSLATION, ErrorKind::not_utf8},
    {ERROR_NOACCESS, ErrorKind::permission_denied},
    {ERROR_SWAPERROR, ErrorKind::fault},
    {ERROR_FILE_INVALID, ErrorKind::out_of_bounds},  // the file became shorter while it was being mapped
    {ERROR_NOT_ENOUGH_MEMORY, ErrorKind::no_memory},
    {ERROR_OUTOFMEMORY, ErrorKind::no_memory},
    {ERROR_INVALID_ADDRESS, ErrorKind::no_memory},
    {ERROR_COMMITMENT_LIMIT, ErrorKind::no_memory},
    {ERROR_PAGEFILE_QUOTA, ErrorKind::no_memory},
    {ERROR_WORKING_SET_QUOTA, ErrorKind::limit},
    {ERROR_NO_SYSTEM_RESOURCES, ErrorKind::limit},
    {ERROR_FILE_TOO_LARGE, ErrorKind::limit},
    {ERROR_TOO_MANY_OPEN_FILES, ErrorKind::too_many_open},
    {ERROR_DISK_FULL, ErrorKind::no_space},
    {ERROR_HANDLE_DISK_FULL, ErrorKind::no_space},
    {1295, ErrorKind::no_space},  // ERROR_DISK_QUOTA_EXCEEDED, which mingw-w64 does not know
    {ERROR_SHARING_VIOLATION, ErrorKind::busy},
    {ERROR_LOCK_VIOLATION, ErrorKind::busy},
    {ERROR_USER_MAPPED_FILE, ErrorKind::busy},
    {ERROR_DELETE_PENDING, ErrorKind::busy},
    {ERROR_BUSY, ErrorKind::busy},
    {ERROR_INVALID_FUNCTION, ErrorKind::unsupported},
    {ERROR_NOT_SUPPORTED, ErrorKind::unsupported},
    {ERROR_CALL_NOT_IMPLEMENTED, ErrorKind::unsupported},
    {ERROR_SEM_TIMEOUT, ErrorKind::timeout},
};

}  // namespace

ErrorKind kind_of(std::int32_t os) noexcept {
  const auto* const found = std::ranges::find(kinds, static_cast<DWORD>(os), &KindOfOs::os);
  return found == std::end(kinds) ? ErrorKind::io : found->kind;
}

std::string_view text_of(std::int32_t os, std::span<char> storage) noexcept {
  std::array<wchar_t, 512> wide{};
  const DWORD flags = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK;
  DWORD length = ::FormatMessageW(flags, nullptr, static_cast<DWORD>(os), MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US),
                                  wide.data(), static_cast<DWORD>(wide.size()), nullptr);
  // The system ends its sentences; ours go on.
  while (length > 0 && (wide[length - 1] == L' ' || wide[length - 1] == L'.')) --length;
  const std::size_t count = std::min<std::size_t>(length, storage.size());
  if (count == 0) return "unknown error";
  // English texts are ASCII.
  std::ranges::transform(wide.begin(), wide.begin() + count, storage.begin(),
                         [](wchar_t c) { return c < 0x80 ? static_cast<char>(c) : '?'; });
  return {storage.data(), count};
}

namespace {

/// Whose memory an anonymous mapping with COW is: not a view of a section, and freed in another way.
constexpr File private_memory = -2;

SYSTEM_INFO system_info() noexcept {
  SYSTEM_INFO info = {};
  system_calls.get_system_info(&info);
  return info;
}

}  // namespace

System<std::size_t> page_size() noexcept { return system_info().dwPageSize; }

Protection protection_of(Mode mode, bool copy) noexcept {
  const bool exec = has(mode, Mode::exec);
  Protection result{};
  if (has(mode, Mode::write)) {
    if (copy) {
      result.pages = exec ? PAGE_EXECUTE_WRITECOPY : PAGE_WRITECOPY;
    } else {
      result.pages = exec ? PAGE_EXECUTE_READWRITE : PAGE_READWRITE;
    }
    result.section = result.pages;
    result.view = copy ? DWORD{FILE_MAP_COPY} : FILE_MAP_READ | FILE_MAP_WRITE;
  } else {
    // No view is less than readable: what else is asked for is set afterwards. Nor is one private that nobody writes.
    const DWORD hidden = exec ? PAGE_EXECUTE : PAGE_NOACCESS;
    result.section = exec ? PAGE_EXECUTE_READ : PAGE_READONLY;
    result.pages = has(mode, Mode::read) ? result.section : hidden;
    result.view = FILE_MAP_READ;
  }
  if (exec) result.view |= FILE_MAP_EXECUTE;
  result.mapped = result.section;
  return result;
}

namespace {

System<Mapped> allocate(std::uintptr_t hint, std::size_t length, DWORD pages) noexcept {
  const DWORD type = pages == PAGE_NOACCESS ? MEM_RESERVE : MEM_RESERVE | MEM_COMMIT;
  void* address = nullptr;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the hint comes from the caller as a number
  if (hint != 0) address = system_calls.virtual_alloc(reinterpret_cast<void*>(hint), length, type, pages);
  if (address == nullptr) address = system_calls.virtual_alloc(nullptr, length, type, pages);
  if (address == nullptr) return failed();
  return Mapped{.address = static_cast<std::byte*>(address), .kept = private_memory};
}

/// A view of a section; the address is null, and the last error set, if there is none.
std::byte* map_view(HANDLE section, DWORD access, std::uint64_t offset, std::size_t length,
                    std::uintptr_t hint) noexcept {
  const auto high = static_cast<DWORD>(offset >> 32U);
  const auto low = static_cast<DWORD>(offset);
  void* view = nullptr;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the hint comes from the caller as a number
  if (hint != 0)
    view = system_calls.map_view_of_file(section, access, high, low, length, reinterpret_cast<void*>(hint));
  if (view == nullptr) view = system_calls.map_view_of_file(section, access, high, low, length, nullptr);
  return static_cast<std::byte*>(view);
}

/// Shared memory without a name. Whatever it is opened for, its section and its view allow everything, so that protect
/// can give it another mode.
struct Anonymous {
  static constexpr DWORD section = PAGE_EXECUTE_READWRITE;
  static constexpr DWORD view = FILE_MAP_READ | FILE_MAP_WRITE;
  static constexpr DWORD blocked = 1655;  ///< ERROR_DYNAMIC_CODE_BLOCKED: this process may not have code in memory
};

System<Mapped> map_anonymous(std::uintptr_t hint, std::size_t length, const Protection& protection) noexcept {
  const bool reserve = protection.pages == PAGE_NOACCESS;
  const auto high = static_cast<DWORD>(std::uint64_t{length} >> 32U);
  const HANDLE section =
      system_calls.create_file_mapping(INVALID_HANDLE_VALUE, nullptr, Anonymous::section | (reserve ? SEC_RESERVE : 0U),
                                       high, static_cast<DWORD>(length), nullptr);
  if (section == nullptr) return failed();
  DWORD mapped = PAGE_EXECUTE_READWRITE;
  std::byte* view = map_view(section, Anonymous::view | FILE_MAP_EXECUTE, 0, length, hint);
  if (view == nullptr && ::GetLastError() == Anonymous::blocked && (protection.view & FILE_MAP_EXECUTE) == 0) {
    mapped = PAGE_READWRITE;
    view = map_view(section, Anonymous::view, 0, length, hint);
  }
  DWORD os = view == nullptr ? ::GetLastError() : 0;
  system_calls.close_handle(section);  // the view keeps it
  if (view == nullptr) return failed(os);
  DWORD ignored = 0;
  if (protection.pages != mapped && !reserve &&
      system_calls.virtual_protect(view, length, protection.pages, &ignored) == 0) {
    os = ::GetLastError();
    system_calls.unmap_view_of_file(view);
    return failed(os);
  }
  return Mapped{.address = view};
}

/// A section that its file or its name keeps, or that is ours alone.
class Section {
 public:
  Section(File file, DWORD protection) noexcept
      : handle_(is_section(file)
                    ? handle_of(file)
                    // The size is that of the file: a given one would make the file longer.
                    : system_calls.create_file_mapping(handle_of(file), nullptr, protection, 0, 0, nullptr)),
        ours_(!is_section(file)) {}
  Section(const Section&) = delete;
  Section& operator=(const Section&) = delete;
  ~Section() {
    const DWORD os = ::GetLastError();
    if (ours_ && handle_ != nullptr) system_calls.close_handle(handle_);
    ::SetLastError(os);
  }
  [[nodiscard]] HANDLE handle() const noexcept { return handle_; }

 private:
  HANDLE handle_;
  bool ours_;
};

}  // namespace

const bool cuts_mapped_files = false;

System<Mapped> map(std::uintptr_t hint, std::size_t length, Mode mode, File file, std::int64_t offset) noexcept {
  const bool anonymous = file == no_file;
  const bool cow = has(mode, Mode::cow);
  const Protection protection = protection_of(mode, cow && !anonymous);
  const SYSTEM_INFO info = system_info();
  const auto granularity = info.dwAllocationGranularity;
  const auto before = static_cast<std::size_t>(offset % granularity);
  // The system has no one answer for what no address space could hold.
  if (length > reinterpret_cast<std::uintptr_t>(info.lpMaximumApplicationAddress)) {
    return failed(ERROR_NOT_ENOUGH_MEMORY);
  }

  const std::uintptr_t start = hint > before && (hint - before) % granularity == 0 ? hint - before : 0;
  if (anonymous) {
    return cow ? allocate(start, length, protection.pages) : map_anonymous(start, length, protection);
  }

  std::byte* view = nullptr;
  {
    const Section section(file, protection.section);
    if (section.handle() == nullptr) return failed();
    view = map_view(section.handle(), protection.view, static_cast<std::uint64_t>(offset) - before, before + length,
                    start);
    if (view == nullptr) return failed();
  }
  Mapped mapped{.address = view + before, .kept = no_file};
  DWORD os = 0;
  DWORD ignored = 0;
  if (protection.pages != protection.mapped &&
      system_calls.virtual_protect(view, before + length, protection.pages, &ignored) == 0) {
    os = ::GetLastError();
  }
  // Flushing needs the file: writing a view only hands its pages to the system. And without a handle of its section the
  // name of shared memory would go, though its pages stay.
  if (os == 0 && (is_section(file) || (!cow && has(mode, Mode::write)))) {
    if (const auto kept = duplicate(file)) {
      mapped.kept = *kept;
    } else {
      os = static_cast<DWORD>(kept.error());
    }
  }
  if (os != 0) {
    system_calls.unmap_view_of_file(view);
    return failed(os);
  }
  return mapped;
}

System<void> unmap(Mapped mapped, [[maybe_unused]] std::size_t length) noexcept {
  if (mapped.kept == private_memory) return done_if(system_calls.virtual_free(mapped.address, 0, MEM_RELEASE));
  const std::size_t before = reinterpret_cast<std::uintptr_t>(mapped.address) % system_info().dwAllocationGranularity;
  const auto done = done_if(system_calls.unmap_view_of_file(mapped.address - before));
  if (done && mapped.kept != no_file) close_file(mapped.kept);
  return done;
}

System<Mapped> remap(Mapped mapped, std::size_t from, std::size_t to, Behind behind) noexcept {
  return map_again(mapped, from, to, behind);
}

System<void> flush(File kept, std::byte* address, std::size_t length) noexcept {
  if (is_section(kept)) return {};  // shared memory: it lies on no disk
  if (system_calls.flush_view_of_file(address, length) == 0) return failed();
  return done_if(system_calls.flush_file_buffers(handle_of(kept)));
}

System<void> advise(std::byte* address, std::size_t length, Advice advice) noexcept {
  switch (advice) {
    // The system has no counterpart for a mapping, and needs none: no byte depends on it.
    case Advice::normal:
    case Advice::sequential:
    case Advice::random:
      return {};
    case Advice::will_need: {
      WIN32_MEMORY_RANGE_ENTRY range{.VirtualAddress = address, .NumberOfBytes = length};
      return done_if(system_calls.prefetch_virtual_memory(::GetCurrentProcess(), 1, &range, 0));
    }
    case Advice::dont_need: {
      // Unlocking what was not locked takes the pages out of the working set, and then says so.
      if (system_calls.virtual_unlock(address, length) != 0 || ::GetLastError() == ERROR_NOT_LOCKED) return {};
      return failed();
    }
  }
  return {};
}

// The fault guard. All guarded copies are made by one instruction between two labels. It keeps in registers what is
// left, and where faults are expected (r10, r11), so that the handler needs nothing else: it goes on behind the
// instruction, and a count that is not 0 tells that the copy failed. No thread-local state, no saved context.
extern "C" const std::byte stdbind_copy_begin asm("stdbind_copy_begin");
extern "C" const std::byte stdbind_copy_end asm("stdbind_copy_end");

namespace {

/// How many bytes were not copied. Never inlined or cloned: its labels exist once.
[[gnu::noipa]] std::size_t copy(Guarded range, void* to, const void* from, std::size_t size) noexcept {
  register const std::byte* begin asm("r10") = range.begin;
  register std::size_t length asm("r11") = range.length;
  asm volatile("stdbind_copy_begin: rep movsb\nstdbind_copy_end:"
               : "+D"(to), "+S"(from), "+c"(size)
               : "r"(begin), "r"(length)
               : "memory");
  return size;
}

LONG CALLBACK on_exception(EXCEPTION_POINTERS* exception) {
  const EXCEPTION_RECORD& record = *exception->ExceptionRecord;
  CONTEXT& context = *exception->ContextRecord;
  // A page whose file or disk is gone is an in-page error; an access violation is what wine makes of it.
  const bool is_fault = (record.ExceptionCode == static_cast<DWORD>(EXCEPTION_IN_PAGE_ERROR) ||
                         record.ExceptionCode == static_cast<DWORD>(EXCEPTION_ACCESS_VIOLATION)) &&
                        record.NumberParameters >= 2;
  if (!is_fault || context.Rip != reinterpret_cast<DWORD64>(&stdbind_copy_begin) ||
      record.ExceptionInformation[1] - context.R10 >= context.R11) {
    return EXCEPTION_CONTINUE_SEARCH;
  }
  context.Rip = reinterpret_cast<DWORD64>(&stdbind_copy_end);
  return EXCEPTION_CONTINUE_EXECUTION;
}

std::atomic<bool> installed{false};
SRWLOCK installing = SRWLOCK_INIT;

}  // namespace

System<void> install_guard() noexcept {
  if (installed.load(std::memory_order_acquire)) return {};
  ::AcquireSRWLockExclusive(&installing);
  DWORD os = 0;
  if (!installed.load(std::memory_order_relaxed)) {
    // The library must stay in memory as long as its handler is installed: for ever.
    HMODULE self = nullptr;
    const DWORD pin = GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
    if (::GetModuleHandleExW(pin, reinterpret_cast<LPCWSTR>(&on_exception), &self) == 0 ||
        system_calls.add_vectored_exception_handler(1, on_exception) == nullptr) {
      os = ::GetLastError();
    } else {
      installed.store(true, std::memory_order_release);
    }
  }
  ::ReleaseSRWLockExclusive(&installing);
  if (os != 0) return failed(os);
  return {};
}

bool guarded_copy(Guarded range, void* to, const void* from, std::size_t size) noexcept {
  return copy(range, to, from, size) == 0;
}

bool populate(Guarded range, const std::byte* begin, const std::byte* end, std::size_t page) noexcept {
  for (const std::byte* at = begin; at < end; at += page - reinterpret_cast<std::uintptr_t>(at) % page) {
    std::byte ignored{};
    if (!guarded_copy(range, &ignored, at, 1)) return false;
  }
  return true;
}

System<void> populate_new(std::byte* address, std::size_t length, std::size_t page) noexcept {
  if (!write_zeroes(address, length, page)) return failed(ERROR_NOT_ENOUGH_MEMORY);
  return {};
}

}  // namespace stdbind::platform
