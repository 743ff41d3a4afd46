# metricstore_descriptor_set(name FUNCTION Function IMPORT_ROOT dir PROTOS ...): a library with
# std::string_view metricstore::Function() in "name.h": the serialised FileDescriptorSet of the files and all they
# import, comments included, which the C++ that protoc generates leaves out.
set(METRICSTORE_DESCRIPTOR_SET_TEMPLATES "${CMAKE_CURRENT_LIST_DIR}")

function(metricstore_descriptor_set name)
  cmake_parse_arguments(arg "" "FUNCTION;IMPORT_ROOT" "PROTOS" ${ARGN})
  set(function "${arg_FUNCTION}")
  set(set_file "${CMAKE_CURRENT_BINARY_DIR}/${name}.binpb")
  set(include_dir "${CMAKE_CURRENT_BINARY_DIR}/${name}_include")
  list(TRANSFORM arg_PROTOS PREPEND "${arg_IMPORT_ROOT}/" OUTPUT_VARIABLE proto_files)
  add_custom_command(OUTPUT "${set_file}"
    COMMAND protobuf::protoc "-I${arg_IMPORT_ROOT}" "-I${METRICSTORE_GOOGLE_PROTOS}" --include_imports
            --include_source_info "--descriptor_set_out=${set_file}" ${arg_PROTOS}
    DEPENDS ${proto_files} VERBATIM COMMENT "Describing ${name}")
  configure_file("${METRICSTORE_DESCRIPTOR_SET_TEMPLATES}/descriptor_set.h.in" "${include_dir}/${name}.h" @ONLY)
  configure_file("${METRICSTORE_DESCRIPTOR_SET_TEMPLATES}/descriptor_set.cc.in"
                 "${CMAKE_CURRENT_BINARY_DIR}/${name}.cc" @ONLY)
  set_source_files_properties("${CMAKE_CURRENT_BINARY_DIR}/${name}.cc" PROPERTIES OBJECT_DEPENDS "${set_file}")
  add_library(${name} STATIC "${CMAKE_CURRENT_BINARY_DIR}/${name}.cc")
  target_include_directories(${name} PUBLIC "${include_dir}")
endfunction()
