// A registry client beside a fake server.
#pragma once

#include <optional>

#include "compute_service/registry_client/grpc_registry_client.h"
#include "gtest/gtest.h"
#include "tests/unit/compute/fake_registry_server.h"

namespace metricstore::compute {

class GrpcRegistryClientTest : public ::testing::Test {
 protected:
  GrpcRegistryClient& client() {
    if (!client_) {
      options_.target = server_.target();
      client_.emplace(options_, contact_);
    }
    return *client_;
  }

  FakeRegistryServer server_;
  RegistryContact contact_{Clock::System()};
  RegistryClientOptions options_;
  std::optional<GrpcRegistryClient> client_;
};

}  // namespace metricstore::compute
