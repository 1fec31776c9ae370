# ensue_embed(<out.cc> <list.cc> <folder> <extension>)
#
# Writes a source with every text that list.cc names as {"name"}, so that an
# installed program needs no source tree. The lookup is `embedded(name)`.
function(ensue_embed out list folder extension)
  file(STRINGS ${list} lines REGEX "^ *{\"[a-z0-9-]+\"}")
  set(body "")
  foreach(line IN LISTS lines)
    string(REGEX MATCH "[a-z0-9-]+" name "${line}")
    set(path ${folder}/${name}.${extension})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
    file(READ ${path} text)
    string(APPEND body "  if (name == \"${name}\") return R\"~~(${text})~~\";\n")
  endforeach()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${list})
  file(CONFIGURE OUTPUT ${out} CONTENT
"#include <string_view>
namespace ensue::data {
std::string_view embedded(std::string_view name);
std::string_view embedded(std::string_view name) {
@body@  return {};
}
}  // namespace ensue::data
" @ONLY)
endfunction()
