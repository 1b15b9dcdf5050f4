# ccplace_sources(OUT): every .cc of this folder and of those below it, but main.cc, and but folders
# that have a CMakeLists.txt of their own.
function(ccplace_sources out)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cc")
  file(GLOB_RECURSE nested CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/CMakeLists.txt")
  list(REMOVE_ITEM nested "${CMAKE_CURRENT_SOURCE_DIR}/CMakeLists.txt")
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  foreach(file ${nested})
    get_filename_component(folder "${file}" DIRECTORY)
    list(FILTER sources EXCLUDE REGEX "^${folder}/")
  endforeach()
  set(${out} ${sources} PARENT_SCOPE)
endfunction()

# ccplace_room(NAME dep...): the static library of one room: its sources, as ccplace_sources says.
function(ccplace_room name)
  ccplace_sources(sources)
  if(NOT sources)
    return()
  endif()
  ccplace_unity(sources ${name} ${sources})
  add_library(ccplace_${name} STATIC ${sources})
  target_include_directories(ccplace_${name} PUBLIC
    $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/ccplace>)
  target_link_libraries(ccplace_${name} PUBLIC ${ARGN} PRIVATE $<BUILD_INTERFACE:ccplace_warnings>)
endfunction()

# ccplace_unit_test(NAME dep...): one test program from every .cc below this folder, each test in it
# known to ctest under the label "unit". They run in the source folder and name their data from
# there, so that the compiler cache serves every clone of the tree.
function(ccplace_unit_test name)
  ccplace_sources(sources)
  ccplace_unity(sources ${name}_test ${sources})
  add_executable(${name}_test ${sources})
  target_compile_definitions(${name}_test PRIVATE
    CCPLACE_TEST_DATA="tests/data" CCPLACE_SOURCE_DIR=".")
  # The tests' own code is neither measured nor fuzzed: without optimisation, which fortified libraries
  # need, and without coverage that libFuzzer steers by it takes half the build.
  target_compile_options(${name}_test PRIVATE -O0 -U_FORTIFY_SOURCE)
  if(CCPLACE_FUZZ)
    target_compile_options(${name}_test PRIVATE -fno-sanitize=fuzzer-no-link)
  endif()
  target_link_libraries(${name}_test PRIVATE ${ARGN} GTest::gmock GTest::gtest_main ccplace_warnings)
  # Rooms of lib/ stand without gRPC: the thread sanitizer can judge them.
  if(EXISTS ${CMAKE_SOURCE_DIR}/lib/${name})
    add_dependencies(core_tests ${name}_test)
  endif()
  gtest_discover_tests(${name}_test TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST
                       WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
                       PROPERTIES LABELS unit TIMEOUT ${CCPLACE_TEST_TIMEOUT})
endfunction()
