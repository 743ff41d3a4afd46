// A server on a free port of this machine whose method bodies are given by each test.
#pragma once

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>

#include "common/rpc/client.h"
#include "common/rpc/handler.h"
#include "common/rpc/server.h"
#include "common/status/error.h"
#include "common/telemetry/instruments.h"
#include "metricstore/probe/v1/probe_service.grpc.pb.h"

namespace metricstore::rpc {

using probe::v1::ProbeRequest;
using probe::v1::ProbeResponse;
using probe::v1::ProbeService;

// Set the bodies before the first call.
class ProbeHandlers final : public ProbeService::CallbackService {
 public:
  explicit ProbeHandlers(ServerRuntime& runtime) : runtime_(runtime) {}

  UnaryBody<ProbeRequest, ProbeResponse> ask;
  ServerStreamBody<ProbeRequest, ProbeResponse> download;
  ClientStreamBody<ProbeRequest, ProbeResponse> upload;
  BidiStreamBody<ProbeRequest, ProbeResponse> chat;
  PollBody<ProbeRequest, ProbeResponse> watch;

 private:
  grpc::ServerUnaryReactor* Ask(grpc::CallbackServerContext* context, const ProbeRequest* request,
                                ProbeResponse* response) override;
  grpc::ServerWriteReactor<ProbeResponse>* Download(grpc::CallbackServerContext* context,
                                                    const ProbeRequest* request) override;
  grpc::ServerReadReactor<ProbeRequest>* Upload(grpc::CallbackServerContext* context,
                                                ProbeResponse* response) override;
  grpc::ServerBidiReactor<ProbeRequest, ProbeResponse>* Chat(
      grpc::CallbackServerContext* context) override;
  grpc::ServerWriteReactor<ProbeResponse>* Watch(grpc::CallbackServerContext* context,
                                                 const ProbeRequest* request) override;

  ServerRuntime& runtime_;
};

class ProbeServer {
 public:
  explicit ProbeServer(ServerOptions options = {});

  ProbeHandlers& handlers() { return handlers_; }
  Server& server() { return *server_; }
  ServerRuntime& runtime() { return runtime_; }
  telemetry::Instruments& instruments() { return instruments_; }
  // Ends the server: every body has returned then.
  void Stop() { server_.reset(); }

  std::string address() const { return address_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  ProbeService::Stub& stub() { return *stub_; }
  // One unary call.
  absl::Status Ask(const CallBounds& bounds = {}, ProbeResponse* response = nullptr);

 private:
  telemetry::Instruments instruments_;
  ServerRuntime runtime_;
  ProbeHandlers handlers_;
  std::unique_ptr<Server> server_;
  std::string address_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<ProbeService::Stub> stub_;
};

MATCHER_P2(FailsWith, code, reason, "") {
  *result_listener << arg.ToString() << " with reason " << status::ReasonOf(arg);
  return arg.code() == code && status::ReasonOf(arg) == reason;
}

}  // namespace metricstore::rpc
