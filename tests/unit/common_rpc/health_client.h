// Asks a server for its health the way a kubelet does.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "grpc/health/v1/health.grpc.pb.h"

namespace metricstore::rpc {

// "SERVING", "NOT_SERVING", or the name of the error ("NOT_FOUND").
std::string CheckHealth(const std::shared_ptr<grpc::Channel>& channel, const std::string& service);

// Follows a service's health. Stop before the server ends.
class HealthWatch {
 public:
  HealthWatch(const std::shared_ptr<grpc::Channel>& channel, const std::string& service);
  // Waits for the next state.
  std::string Next();
  void Stop();

 private:
  std::unique_ptr<grpc::health::v1::Health::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<grpc::health::v1::HealthCheckResponse>> reader_;
};

}  // namespace metricstore::rpc
