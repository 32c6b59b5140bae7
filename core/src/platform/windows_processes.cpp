// Windows: there are no loader processes yet, and files that ask for one are refused.
#include "platform/platform.hpp"
#include "platform/windows_calls.hpp"

namespace stdbind::platform {

System<void> loader_program(std::span<char>) noexcept { return failed(ERROR_CALL_NOT_IMPLEMENTED); }
System<LoaderProcess> start_loader(const char*) noexcept { return failed(ERROR_CALL_NOT_IMPLEMENTED); }
System<void> ask_loader(const LoaderProcess&, std::string_view, bool) noexcept {
  return failed(ERROR_CALL_NOT_IMPLEMENTED);
}
LoaderAnswer take_answer(const LoaderProcess&, std::int64_t) noexcept { return {.what = LoaderAnswer::What::ended}; }
bool end_loader(LoaderProcess&) noexcept { return true; }
bool has_gone(const LoaderProcess&) noexcept { return true; }
std::int64_t rights() noexcept { return 0; }

System<FileIdentity> file_identity(const char* path) noexcept {
  const auto file = open_file(path, false);
  if (!file) return std::unexpected(file.error());
  BY_HANDLE_FILE_INFORMATION details = {};
  const BOOL known = system_calls.get_file_information(handle_of(*file), &details);
  const DWORD os = ::GetLastError();
  close_file(*file);
  if (known == 0) return failed(os);
  return FileIdentity{details.dwVolumeSerialNumber,
                      std::uint64_t{details.nFileIndexHigh} << 32U | details.nFileIndexLow};
}

}  // namespace stdbind::platform
