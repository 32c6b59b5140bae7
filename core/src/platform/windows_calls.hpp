// The system calls of the Windows platform file, in one table. Nothing calls the system past it, so that a test can
// replace an entry or make the n-th call fail.
#ifndef STDBIND_WINDOWS_CALLS_HPP
#define STDBIND_WINDOWS_CALLS_HPP

#include <windows.h>
// psapi.h needs windows.h before it; version 2: the functions of KERNEL32.
#define PSAPI_VERSION 2
#include <psapi.h>

#include <cstdint>

#include "platform/platform.hpp"

namespace stdbind::platform {

/// Each entry has the meaning, the result and the last error of the function that it is named after.
struct SystemCalls {
  std::intptr_t (*get_osfhandle)(int fd);
  std::intptr_t (*open_osfhandle)(std::intptr_t file, int flags);
  DWORD (*get_access)(HANDLE file, ACCESS_MASK* access);  ///< NtQueryObject, its status as a number of GetLastError
  decltype(&CreateFileW) create_file;
  decltype(&CloseHandle) close_handle;
  decltype(&DuplicateHandle) duplicate_handle;
  decltype(&GetFileType) get_file_type;
  decltype(&GetFileInformationByHandle) get_file_information;
  decltype(&SetFileInformationByHandle) set_file_information;
  decltype(&DeleteFileW) delete_file;
  decltype(&ReadFile) read_file;
  decltype(&WriteFile) write_file;
  decltype(&CreateFileMappingW) create_file_mapping;
  decltype(&OpenFileMappingW) open_file_mapping;
  decltype(&MapViewOfFileEx) map_view_of_file;
  decltype(&UnmapViewOfFile) unmap_view_of_file;
  decltype(&VirtualAlloc) virtual_alloc;
  decltype(&VirtualFree) virtual_free;
  decltype(&VirtualProtect) virtual_protect;
  decltype(&VirtualQuery) virtual_query;
  decltype(&VirtualLock) virtual_lock;
  decltype(&VirtualUnlock) virtual_unlock;
  decltype(&GetProcessWorkingSetSize) get_working_set_size;
  decltype(&SetProcessWorkingSetSize) set_working_set_size;
  decltype(&QueryWorkingSetEx) query_working_set;
  decltype(&PrefetchVirtualMemory) prefetch_virtual_memory;
  decltype(&FlushViewOfFile) flush_view_of_file;
  decltype(&FlushFileBuffers) flush_file_buffers;
  decltype(&CreateThread) create_thread;
  decltype(&GetSystemInfo) get_system_info;
  decltype(&AddVectoredExceptionHandler) add_vectored_exception_handler;
};

/// To be changed only while no other thread is inside the library.
extern SystemCalls system_calls;

inline std::unexpected<std::int32_t> failed(DWORD os) noexcept {
  return std::unexpected(static_cast<std::int32_t>(os));
}
inline std::unexpected<std::int32_t> failed() noexcept { return failed(::GetLastError()); }

inline System<void> done_if(BOOL result) noexcept {
  if (result == 0) return failed();
  return {};
}

/// A section, which is what shared memory with a name is, can be told from a file by the lowest bit: the system leaves
/// the two lowest bits of its handles to its users.
inline constexpr File section_bit = 1;
inline bool is_section(File file) noexcept { return file > 0 && (file & section_bit) != 0; }
inline HANDLE handle_of(File file) noexcept {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): a handle is a number that the system calls a pointer
  return reinterpret_cast<HANDLE>(is_section(file) ? file - section_bit : file);
}
inline File file_of(HANDLE handle) noexcept { return reinterpret_cast<File>(handle); }

/// As file_info and read_position, of a section.
System<FileInfo> section_info(File section) noexcept;
System<std::size_t> read_section(File section, std::int64_t offset, std::span<std::byte> buffer) noexcept;

/// What a mode asks for, in the places where the system wants to know it.
struct Protection {
  DWORD pages;    ///< of the mapping
  DWORD section;  ///< the most that its section allows
  DWORD view;     ///< as which it is mapped
  DWORD mapped;   ///< the protection that its pages have then
};
/// @param copy whether it is a private mapping of a file
Protection protection_of(Mode mode, bool copy) noexcept;

}  // namespace stdbind::platform

#endif
