// Server reflection that shows comments, which the reflection plugin of gRPC cannot.
#pragma once

#include <grpcpp/server_builder.h>

#include <string>
#include <string_view>
#include <vector>

namespace metricstore::rpc {

// Adds grpc.reflection.v1 and v1alpha. `service_names` gets the full names of the other services
// when the server is built; it must live until then. For `descriptor_set` see ServerOptions.
void AddReflection(grpc::ServerBuilder& builder, std::string_view descriptor_set,
                   std::vector<std::string>* service_names);

}  // namespace metricstore::rpc
