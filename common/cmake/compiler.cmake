# Language level, warnings, sanitizers, hardening, ccache and mold: one place for all flags.
option(METRICSTORE_WARNINGS_AS_ERRORS "Fail the build on any warning" OFF)
option(METRICSTORE_HARDEN "Build with the hardening flags of a release" OFF)
set(METRICSTORE_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, or empty")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

find_program(METRICSTORE_CCACHE ccache)
if(METRICSTORE_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${METRICSTORE_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${METRICSTORE_CCACHE}")
endif()
find_program(METRICSTORE_MOLD mold)
if(METRICSTORE_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# Targets of ours use these; generated code does not.
add_library(metricstore_warnings INTERFACE)
target_compile_options(metricstore_warnings INTERFACE
  -Wall -Wextra -Wformat=2 -Wnon-virtual-dtor -Woverloaded-virtual -Wshadow=local -Wno-missing-field-initializers)
if(METRICSTORE_WARNINGS_AS_ERRORS)
  target_compile_options(metricstore_warnings INTERFACE -Werror)
endif()

# The same inputs give the same binary wherever the tree lies, and ccache hits across clones.
add_compile_options("-ffile-prefix-map=${CMAKE_SOURCE_DIR}=." "-ffile-prefix-map=${CMAKE_BINARY_DIR}=.")

if(METRICSTORE_HARDEN)
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -D_GLIBCXX_ASSERTIONS -fstack-clash-protection
                      -fstack-protector-strong -fcf-protection=full)
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
endif()
if(METRICSTORE_SANITIZE)
  # UndefinedBehaviorSanitizer would print what it finds, and let the test pass.
  add_compile_options("-fsanitize=${METRICSTORE_SANITIZE}" -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options("-fsanitize=${METRICSTORE_SANITIZE}")
endif()
