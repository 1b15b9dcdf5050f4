# Most of the time that a source of ours takes to compile goes into the headers of gRPC, protobuf and
# GoogleTest. Several sources of a target in one go read them once.
# -DCCPLACE_UNITY=OFF compiles each source by itself: quicker after a small edit.
option(CCPLACE_UNITY "Compile several sources of a target in one go" ON)
set(CCPLACE_UNITY_SOURCES 48 CACHE STRING "How many sources are compiled in one go")

# ccplace_unity(VAR NAME source...): sets VAR to files that include the sources, so many a file, named
# after NAME. CMake's own UNITY_BUILD includes them by absolute path, and then the compiler cache serves one
# clone of the tree alone.
function(ccplace_unity var name)
  if(NOT CCPLACE_UNITY)
    set(${var} ${ARGN} PARENT_SCOPE)
    return()
  endif()
  list(LENGTH ARGN count)
  set(files)
  set(begin 0)
  while(begin LESS count)
    list(SUBLIST ARGN ${begin} ${CCPLACE_UNITY_SOURCES} part)
    set(file "${CMAKE_CURRENT_BINARY_DIR}/${name}_unity_${begin}.cc")
    ccplace_write_unity("${file}" ${part})
    list(APPEND files "${file}")
    math(EXPR begin "${begin} + ${CCPLACE_UNITY_SOURCES}")
  endwhile()
  set(${var} ${files} PARENT_SCOPE)
endfunction()

# Writes FILE, which includes the sources by their paths from the tree's root.
function(ccplace_write_unity file)
  set(content "")
  foreach(source ${ARGN})
    file(RELATIVE_PATH path "${CMAKE_SOURCE_DIR}" "${source}")
    string(APPEND content "#include \"${path}\"\n")
  endforeach()
  file(CONFIGURE OUTPUT "${file}" CONTENT "${content}" @ONLY)
endfunction()
