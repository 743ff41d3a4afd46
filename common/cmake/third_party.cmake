# Every third party of the project: Debian 12 packages, and two pinned packages of the npm registry.
find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(yaml-cpp CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(GTest CONFIG REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(libpqxx REQUIRED IMPORTED_TARGET libpqxx)
pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)

find_program(METRICSTORE_GRPC_PLUGIN grpc_cpp_plugin REQUIRED)

# Libraries whose Debian packages have no CMake or pkg-config file.
function(metricstore_plain_library target header library)
  find_path(${target}_INCLUDE ${header} REQUIRED)
  find_library(${target}_LIBRARY ${library} REQUIRED)
  add_library(${target} INTERFACE)
  target_include_directories(${target} SYSTEM INTERFACE "${${target}_INCLUDE}")
  target_link_libraries(${target} INTERFACE "${${target}_LIBRARY}")
endfunction()
metricstore_plain_library(third_party_pg_query pg_query.h pg_query)
metricstore_plain_library(third_party_csv csv.h csv)

# google.rpc error details: the .proto files only, generated at build time.
metricstore_npm_package(google-proto-files 6.0.1
  711763f77ea15bbc7436aac53db013b421d2c7b86ae27f4013723970ce54a96e METRICSTORE_GOOGLE_PROTOS)

# DuckDB 1.4 LTS: the prebuilt library and its C header. DUCKDB_ROOT (with lib/ and include/) overrides both.
set(DUCKDB_ROOT "" CACHE PATH "A DuckDB 1.4 installation to use instead of the pinned npm packages")
if(DUCKDB_ROOT)
  set(duckdb_include "${DUCKDB_ROOT}/include")
  set(duckdb_library "${DUCKDB_ROOT}/lib/libduckdb.so")
else()
  metricstore_npm_package(@duckdb/node-bindings-linux-x64 1.4.5-r.1
    30e93d61a84dac10b1e0dc0b8b1a14616c7116f0c43d089ef196afb9255a7674 duckdb_bindings)
  metricstore_npm_package(duckdb 1.4.4
    5bb967dcbcd517670ba5f169f238fb9d6787e53752c60ebe24386169d76941ed duckdb_sources)
  set(duckdb_include "${duckdb_sources}/src/duckdb/src/include")
  set(duckdb_library "${duckdb_bindings}/libduckdb.so")
endif()
add_library(third_party_duckdb SHARED IMPORTED)
set_target_properties(third_party_duckdb PROPERTIES
  IMPORTED_LOCATION "${duckdb_library}" IMPORTED_NO_SONAME ON
  INTERFACE_INCLUDE_DIRECTORIES "${duckdb_include}")

add_library(duckdb::duckdb ALIAS third_party_duckdb)
