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
    target_link_libraries(${name}_test PRIVATE ensue::${name} GTest::gtest_main)
    gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60
      PROPERTIES LABELS unit)
  endif()
  if(ENSUE_BENCHES AND arg_BENCHES)
    add_executable(${name}_bench ${arg_BENCHES})
    target_link_libraries(${name}_bench PRIVATE ensue::${name} benchmark::benchmark_main)
  endif()
endfunction()
