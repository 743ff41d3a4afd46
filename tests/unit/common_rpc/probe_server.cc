#include "tests/unit/common_rpc/probe_server.h"

#include <utility>

namespace metricstore::rpc {

grpc::ServerUnaryReactor* ProbeHandlers::Ask(grpc::CallbackServerContext* context,
                                             const ProbeRequest* request, ProbeResponse* response) {
  return HandleUnary(runtime_, "ProbeService/Ask", context, request, response, ask);
}

grpc::ServerWriteReactor<ProbeResponse>* ProbeHandlers::Download(
    grpc::CallbackServerContext* context, const ProbeRequest* request) {
  return HandleServerStream<ProbeRequest, ProbeResponse>(runtime_, "ProbeService/Download", context,
                                                         request, download);
}

grpc::ServerReadReactor<ProbeRequest>* ProbeHandlers::Upload(grpc::CallbackServerContext* context,
                                                             ProbeResponse* response) {
  return HandleClientStream<ProbeRequest, ProbeResponse>(runtime_, "ProbeService/Upload", context,
                                                         response, upload);
}

grpc::ServerBidiReactor<ProbeRequest, ProbeResponse>* ProbeHandlers::Chat(
    grpc::CallbackServerContext* context) {
  return HandleBidiStream<ProbeRequest, ProbeResponse>(runtime_, "ProbeService/Chat", context,
                                                       chat);
}

grpc::ServerWriteReactor<ProbeResponse>* ProbeHandlers::Watch(grpc::CallbackServerContext* context,
                                                              const ProbeRequest* request) {
  return HandleWatch<ProbeRequest, ProbeResponse>(runtime_, "ProbeService/Watch", context, request,
                                                  watch);
}

ProbeServer::ProbeServer(ServerOptions options)
    : runtime_(std::move(options), instruments_), handlers_(runtime_) {
  auto started = Server::Start(runtime_, {&handlers_});
  if (!started.ok()) {
    ADD_FAILURE() << started.status();
    return;
  }
  server_ = *std::move(started);
  address_ = "127.0.0.1:" + std::to_string(server_->port());
  channel_ = MakeChannel(address_, {.user_agent = "probe"});
  stub_ = ProbeService::NewStub(channel_);
}

absl::Status ProbeServer::Ask(const CallBounds& bounds, ProbeResponse* response) {
  BoundedContext context(bounds);
  ProbeResponse ignored;
  return FromGrpc(stub().Ask(context.get(), {}, response == nullptr ? &ignored : response));
}

}  // namespace metricstore::rpc
