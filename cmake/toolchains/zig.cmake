# What the two macOS toolchains share: zig is compiler, linker and archiver in one, and has the libraries of macOS to
# link with. It comes from PyPI (tools/toolchain/macos-requirements.txt). What it builds cannot be run here.
set(CMAKE_SYSTEM_NAME Darwin)
file(GLOB zig ${CMAKE_CURRENT_LIST_DIR}/../../.toolchain/venv/lib/python3*/site-packages/ziglang/zig)
if(NOT zig)
  message(FATAL_ERROR "zig is missing; ./dev platforms macos installs it")
endif()
foreach(language C CXX)
  set(CMAKE_${language}_COMPILER ${zig})
  set(CMAKE_${language}_COMPILER_TARGET ${CMAKE_SYSTEM_PROCESSOR}-macos.11.0-none)
  set(CMAKE_${language}_ARCHIVE_CREATE "${zig} ar qc <TARGET> <OBJECTS>")
  set(CMAKE_${language}_ARCHIVE_FINISH "${zig} ranlib <TARGET>")
endforeach()
set(CMAKE_C_COMPILER_ARG1 cc)
set(CMAKE_CXX_COMPILER_ARG1 c++)
# The target says all of this; the options of Apple's own tools do not apply.
set(CMAKE_OSX_SYSROOT "")
set(CMAKE_OSX_DEPLOYMENT_TARGET "")
include(${CMAKE_CURRENT_LIST_DIR}/search.cmake)
