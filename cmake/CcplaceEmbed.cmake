# ccplace_embed(TARGET NAME FILE): compiles FILE into TARGET as "const char NAME[]" with its size in
# "const unsigned long NAME_size", namespace ccplace::embedded. It is a raw string, so FILE must not
# hold its end mark.
function(ccplace_embed target name file)
  set(source "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
  set(output "${CMAKE_CURRENT_BINARY_DIR}/${name}_embedded.cc")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${source}")
  file(READ "${source}" content)
  if(content MATCHES "\\)embedded\"")
    message(FATAL_ERROR "${file} holds the end mark of an embedded file")
  endif()
  file(CONFIGURE OUTPUT "${output}" @ONLY CONTENT
"namespace ccplace::embedded {
extern const char @name@[];
extern const unsigned long @name@_size;
const char @name@[] = R\"embedded(@content@)embedded\";
const unsigned long @name@_size = sizeof(@name@) - 1;
}
")
  target_sources(${target} PRIVATE "${output}")
endfunction()
