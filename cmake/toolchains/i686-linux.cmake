# Linux on 32-bit x86. Its programs run on an x86-64 kernel as they are: the package libc6-i386 has the loader.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR i686)
set(CMAKE_C_COMPILER i686-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER i686-linux-gnu-g++)
include(${CMAKE_CURRENT_LIST_DIR}/search.cmake)
