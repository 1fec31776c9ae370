# One flags target for the whole house, and the compiler cache when there is one.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()
# Lines for backtraces; whole debug information doubles the time to build.
string(REPLACE "-g " "-g1 " CMAKE_CXX_FLAGS_RELWITHDEBINFO "${CMAKE_CXX_FLAGS_RELWITHDEBINFO}")
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

find_package(Threads REQUIRED)
add_library(ensue_flags INTERFACE)
add_library(ensue::flags ALIAS ensue_flags)
target_compile_features(ensue_flags INTERFACE cxx_std_20)
target_include_directories(ensue_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(ensue_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Werror>)
target_link_libraries(ensue_flags INTERFACE Threads::Threads)
