# metricstore_library / metricstore_binary / metricstore_test: one target per folder, sources listed, root include path.
set(METRICSTORE_GENERATED_DIR "${CMAKE_BINARY_DIR}/generated")

# metricstore_library(name [SOURCES ...] [DEPS ...]): without sources, a header-only target.
function(metricstore_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  if(arg_SOURCES)
    add_library(${name} STATIC ${arg_SOURCES})
    target_include_directories(${name} PUBLIC "${CMAKE_SOURCE_DIR}")
    target_link_libraries(${name} PUBLIC ${arg_DEPS} PRIVATE metricstore_warnings)
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE "${CMAKE_SOURCE_DIR}")
    target_link_libraries(${name} INTERFACE ${arg_DEPS})
  endif()
endfunction()

# metricstore_binary(name SOURCES ... [DEPS ...]): an executable in <build>/bin.
function(metricstore_binary name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${arg_DEPS} metricstore_warnings)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
endfunction()

# metricstore_test(name LABEL label SOURCES ... [DEPS ...]): a GoogleTest binary that ctest runs as one test.
function(metricstore_test name)
  cmake_parse_arguments(arg "" "LABEL;TIMEOUT" "SOURCES;DEPS" ${ARGN})
  metricstore_binary(${name} SOURCES ${arg_SOURCES} DEPS ${arg_DEPS} GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABEL}" TIMEOUT ${arg_TIMEOUT}
                       ENVIRONMENT "METRICSTORE_SOURCE_DIR=${CMAKE_SOURCE_DIR};METRICSTORE_BIN_DIR=${CMAKE_BINARY_DIR}/bin")
endfunction()

# metricstore_proto(name IMPORT_ROOT dir [GRPC] PROTOS ... [DEPS ...]): C++ from .proto files, warnings of it ignored.
function(metricstore_proto name)
  cmake_parse_arguments(arg "GRPC" "IMPORT_ROOT" "PROTOS;DEPS" ${ARGN})
  set(sources)
  foreach(proto IN LISTS arg_PROTOS)
    string(REGEX REPLACE "\\.proto$" "" stem "${proto}")
    if(arg_GRPC)
      set(outputs "${METRICSTORE_GENERATED_DIR}/${stem}.grpc.pb.cc" "${METRICSTORE_GENERATED_DIR}/${stem}.grpc.pb.h")
      set(flags "--grpc_out=${METRICSTORE_GENERATED_DIR}" "--plugin=protoc-gen-grpc=${METRICSTORE_GRPC_PLUGIN}")
    else()
      set(outputs "${METRICSTORE_GENERATED_DIR}/${stem}.pb.cc" "${METRICSTORE_GENERATED_DIR}/${stem}.pb.h")
      set(flags "--cpp_out=${METRICSTORE_GENERATED_DIR}")
    endif()
    add_custom_command(OUTPUT ${outputs}
      COMMAND "${CMAKE_COMMAND}" -E make_directory "${METRICSTORE_GENERATED_DIR}"
      COMMAND protobuf::protoc "-I${arg_IMPORT_ROOT}" "-I${METRICSTORE_GOOGLE_PROTOS}" ${flags} "${proto}"
      DEPENDS "${arg_IMPORT_ROOT}/${proto}" VERBATIM COMMENT "Generating C++ from ${proto}")
    list(APPEND sources ${outputs})
  endforeach()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} SYSTEM PUBLIC "${METRICSTORE_GENERATED_DIR}")
  target_link_libraries(${name} PUBLIC protobuf::libprotobuf ${arg_DEPS})
  target_compile_options(${name} PRIVATE -w)
endfunction()
