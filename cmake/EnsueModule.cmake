# What nearly every test includes, compiled once; tests that link libtorch have
# their own, ensue_torch_test_pch.
if(ENSUE_TESTS)
  find_package(OpenMP REQUIRED)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/test_pch.cc CONTENT "")
  set(ENSUE_TEST_PCH ensue_test_pch)
  set(ENSUE_TEST_HEADERS <gtest/gtest.h> <algorithm> <cmath> <cstdint> <filesystem> <fstream>
    <map> <memory> <numeric> <random> <span> <sstream> <string> <string_view> <vector>)
endif()

# ensue_test_pch(<name> <library> [header...])
function(ensue_test_pch name library)
  add_executable(${name} ${PROJECT_BINARY_DIR}/test_pch.cc)  # compiled as they are
  ensue_test(${name})
  target_link_libraries(${name} PRIVATE ${library})
  target_precompile_headers(${name} PRIVATE ${ENSUE_TEST_HEADERS} ${ARGN})
endfunction()

# ensue_test(<target> [<pch>]): how every test program is built. Its time is
# spent in the compiler, seldom in its own loops.
function(ensue_test target)
  target_link_libraries(${target} PRIVATE GTest::gtest_main OpenMP::OpenMP_CXX)
  target_compile_options(${target} PRIVATE $<$<CONFIG:RelWithDebInfo>:-O1>)
  if(ARGN)
    target_precompile_headers(${target} REUSE_FROM ${ARGN})
  elseif(NOT target MATCHES "_pch$")
    target_precompile_headers(${target} REUSE_FROM ${ENSUE_TEST_PCH})
  endif()
endfunction()
if(ENSUE_TESTS)
  ensue_test_pch(ensue_test_pch ensue::flags)
endif()

# ensue_module(<name> SOURCES … DEPS … [EXTERNAL …] [TESTS …] [BENCHES …])
#
# One library per folder. DEPS is the whole truth about what the folder may
# include: it links the targets, and tools/layers reads it back.
function(ensue_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS;EXTERNAL;TESTS;BENCHES")
  list(TRANSFORM arg_DEPS PREPEND ensue::)
  add_library(ensue_${name} STATIC ${arg_SOURCES})
  add_library(ensue::${name} ALIAS ensue_${name})
  target_link_libraries(ensue_${name} PUBLIC ensue::flags ${arg_DEPS} ${arg_EXTERNAL})

  if(ENSUE_TESTS AND arg_TESTS)
    add_executable(${name}_test ${arg_TESTS})
    target_link_libraries(${name}_test PRIVATE ensue::${name})
    ensue_test(${name}_test)
    gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60
      PROPERTIES LABELS unit)
  endif()
  if(ENSUE_BENCHES AND arg_BENCHES)
    add_executable(${name}_bench ${arg_BENCHES})
    target_link_libraries(${name}_bench PRIVATE ensue::${name} benchmark::benchmark_main)
  endif()
endfunction()
