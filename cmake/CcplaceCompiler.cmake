# One place for the language standard, warnings, hardening, sanitizers and the compiler cache.
include(GNUInstallDirs)

set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Relative paths make the cache serve every clone of the tree.
  set(CCACHE_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE_LAUNCHER})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_LAUNCHER})
endif()

# Kept off generated code and off others' headers: linked by our own targets only.
add_library(ccplace_warnings INTERFACE)
target_compile_options(ccplace_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wno-overlength-strings -Werror)

add_compile_options(-fstack-protector-strong)
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  if(NOT CCPLACE_SANITIZE)
    add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  endif()
  add_link_options(-Wl,-z,relro,-z,now)
endif()
if(CCPLACE_SANITIZE)
  add_compile_options(-fsanitize=${CCPLACE_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${CCPLACE_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC's manual (-fsanitize=address): its checks can make -Wmaybe-uninitialized report falsely, as
    # GCC 12 does in libstdc++'s <regex>.
    target_compile_options(ccplace_warnings INTERFACE -Wno-maybe-uninitialized)
  endif()
  if(CCPLACE_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()
if(CCPLACE_FUZZ)
  # Coverage that libFuzzer steers by, in our own code and generated code alike.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
