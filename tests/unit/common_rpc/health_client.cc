#include "tests/unit/common_rpc/health_client.h"

#include "absl/status/status.h"

namespace metricstore::rpc {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

HealthCheckRequest RequestFor(const std::string& service) {
  HealthCheckRequest request;
  request.set_service(service);
  return request;
}

}  // namespace

std::string CheckHealth(const std::shared_ptr<grpc::Channel>& channel, const std::string& service) {
  grpc::ClientContext context;
  HealthCheckResponse response;
  const grpc::Status status =
      Health::NewStub(channel)->Check(&context, RequestFor(service), &response);
  if (!status.ok()) {
    return absl::StatusCodeToString(static_cast<absl::StatusCode>(status.error_code()));
  }
  return HealthCheckResponse::ServingStatus_Name(response.status());
}

HealthWatch::HealthWatch(const std::shared_ptr<grpc::Channel>& channel, const std::string& service)
    : stub_(Health::NewStub(channel)), reader_(stub_->Watch(&context_, RequestFor(service))) {}

std::string HealthWatch::Next() {
  HealthCheckResponse response;
  if (!reader_->Read(&response)) return "ended";
  return HealthCheckResponse::ServingStatus_Name(response.status());
}

void HealthWatch::Stop() {
  context_.TryCancel();
  reader_->Finish();
}

}  // namespace metricstore::rpc
