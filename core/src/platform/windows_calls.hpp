// The system calls of the Windows platform file, in one table. Nothing calls the system past it, so that a test can
// replace an entry or make the n-th call fail.
#ifndef STDBIND_WINDOWS_CALLS_HPP
#define STDBIND_WINDOWS_CALLS_HPP

#include <windows.h>

#include <cstdint>

namespace stdbind::platform {

/// Each entry has the meaning, the result and the last error of the function that it is named after.
struct SystemCalls {
  std::intptr_t (*get_osfhandle)(int fd);
  DWORD (*get_access)(HANDLE file, ACCESS_MASK* access);  ///< NtQueryObject, its status as a number of GetLastError
  decltype(&CreateFileW) create_file;
  decltype(&CloseHandle) close_handle;
  decltype(&DuplicateHandle) duplicate_handle;
  decltype(&GetFileType) get_file_type;
  decltype(&GetFileInformationByHandle) get_file_information;
  decltype(&CreateFileMappingW) create_file_mapping;
  decltype(&MapViewOfFileEx) map_view_of_file;
  decltype(&UnmapViewOfFile) unmap_view_of_file;
  decltype(&VirtualAlloc) virtual_alloc;
  decltype(&VirtualFree) virtual_free;
  decltype(&VirtualProtect) virtual_protect;
  decltype(&VirtualUnlock) virtual_unlock;
  decltype(&PrefetchVirtualMemory) prefetch_virtual_memory;
  decltype(&FlushViewOfFile) flush_view_of_file;
  decltype(&FlushFileBuffers) flush_file_buffers;
  decltype(&GetSystemInfo) get_system_info;
  decltype(&AddVectoredExceptionHandler) add_vectored_exception_handler;
};

/// To be changed only while no other thread is inside the library.
extern SystemCalls system_calls;

}  // namespace stdbind::platform

#endif
