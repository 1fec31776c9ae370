# Writes <OUT> with the commit as `kCommit`, only when it changed, so that a
# new commit compiles one file.  Usage: cmake -DOUT=… -DSOURCE=… -P this
execute_process(COMMAND git describe --always --dirty --abbrev=10
  WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE commit
  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  set(commit unknown)
endif()
set(text "inline constexpr char kCommit[] = \"${commit}\";\n")
if(EXISTS ${OUT})
  file(READ ${OUT} before)
endif()
if(NOT "${before}" STREQUAL "${text}")
  file(WRITE ${OUT} "${text}")
endif()
