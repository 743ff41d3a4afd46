// The reactors behind handler.h; include that.
//
// A reactor lives until OnDone, which gRPC calls after Finish. Finish is called only when the body
// has returned, so a body may use the reactor, the request and the response as long as it runs.
#pragma once

#include <memory>
#include <utility>

#include "common/rpc/handler.h"
#include "common/rpc/served_call.h"
#include "common/rpc/server.h"
#include "common/rpc/stream_gate.h"
#include "common/rpc/watch_loop.h"

namespace metricstore::rpc {

template <typename Request, typename Response>
class UnaryReactor final : public grpc::ServerUnaryReactor {
 public:
  UnaryReactor(ServerRuntime& runtime, std::string_view method,
               grpc::CallbackServerContext* context, const Request* request, Response* response,
               UnaryBody<Request, Response> body)
      : call_(runtime, method, *context, CallKind::kUnary) {
    call_.Start([this, request, response,
                 body = std::move(body)] { return body(call_.context(), *request, *response); },
                [this](grpc::Status status) { Finish(std::move(status)); });
  }

  void OnCancel() override { call_.Cancel(); }
  void OnDone() override { delete this; }

 private:
  ServedCall call_;
};

// The blocking sides of a stream reactor that has StartRead or StartWrite.
template <typename Reactor, typename Message>
class ReadingSide final : public StreamReader<Message> {
 public:
  ReadingSide(Reactor& reactor, StreamGate& gate) : reactor_(reactor), gate_(gate) {}

  void Begin() { reactor_.StartRead(&incoming_); }

  absl::StatusOr<bool> Read(Message* message) override {
    const absl::StatusOr<bool> arrived = gate_.AwaitRead();
    if (!arrived.ok() || !*arrived) return arrived;
    message->Swap(&incoming_);
    incoming_.Clear();
    gate_.ReadStarted();
    reactor_.StartRead(&incoming_);
    return true;
  }

 private:
  Reactor& reactor_;
  StreamGate& gate_;
  Message incoming_;  // received into while the body works
};

template <typename Reactor, typename Message>
class WritingSide final : public StreamWriter<Message> {
 public:
  WritingSide(Reactor& reactor, StreamGate& gate) : reactor_(reactor), gate_(gate) {}

  absl::Status Write(const Message& message) override {
    if (absl::Status status = gate_.WriteStarted(); !status.ok()) return status;
    reactor_.StartWrite(&message);
    return gate_.AwaitWritten();
  }

 private:
  Reactor& reactor_;
  StreamGate& gate_;
};

template <typename Request, typename Response>
class ServerStreamReactor final : public grpc::ServerWriteReactor<Response> {
 public:
  ServerStreamReactor(ServerRuntime& runtime, std::string_view method,
                      grpc::CallbackServerContext* context, const Request* request,
                      ServerStreamBody<Request, Response> body)
      : call_(runtime, method, *context, CallKind::kStream),
        gate_(call_.context(), runtime.options().stall_limit, context),
        writer_(*this, gate_) {
    call_.Start([this, request,
                 body = std::move(body)] { return body(call_.context(), *request, writer_); },
                [this](grpc::Status status) { this->Finish(std::move(status)); });
  }

  void OnWriteDone(bool ok) override { gate_.WriteDone(ok); }
  void OnCancel() override { call_.Cancel(); }
  void OnDone() override { delete this; }

 private:
  ServedCall call_;
  StreamGate gate_;
  WritingSide<ServerStreamReactor, Response> writer_;
};

template <typename Request, typename Response>
class ClientStreamReactor final : public grpc::ServerReadReactor<Request> {
 public:
  ClientStreamReactor(ServerRuntime& runtime, std::string_view method,
                      grpc::CallbackServerContext* context, Response* response,
                      ClientStreamBody<Request, Response> body)
      : call_(runtime, method, *context, CallKind::kStream),
        gate_(call_.context(), runtime.options().stall_limit, context),
        reader_(*this, gate_) {
    call_.Start(
        [this, response, body = std::move(body)] {
          reader_.Begin();
          return body(call_.context(), reader_, *response);
        },
        [this](grpc::Status status) { this->Finish(std::move(status)); });
  }

  void OnReadDone(bool ok) override { gate_.ReadDone(ok); }
  void OnCancel() override { call_.Cancel(); }
  void OnDone() override { delete this; }

 private:
  ServedCall call_;
  StreamGate gate_;
  ReadingSide<ClientStreamReactor, Request> reader_;
};

template <typename Request, typename Response>
class BidiStreamReactor final : public grpc::ServerBidiReactor<Request, Response> {
 public:
  BidiStreamReactor(ServerRuntime& runtime, std::string_view method,
                    grpc::CallbackServerContext* context, BidiStreamBody<Request, Response> body)
      : call_(runtime, method, *context, CallKind::kStream),
        gate_(call_.context(), runtime.options().stall_limit, context),
        reader_(*this, gate_),
        writer_(*this, gate_) {
    call_.Start(
        [this, body = std::move(body)] {
          reader_.Begin();
          return body(call_.context(), reader_, writer_);
        },
        [this](grpc::Status status) { this->Finish(std::move(status)); });
  }

  void OnReadDone(bool ok) override { gate_.ReadDone(ok); }
  void OnWriteDone(bool ok) override { gate_.WriteDone(ok); }
  void OnCancel() override { call_.Cancel(); }
  void OnDone() override { delete this; }

 private:
  ServedCall call_;
  StreamGate gate_;
  ReadingSide<BidiStreamReactor, Request> reader_;
  WritingSide<BidiStreamReactor, Response> writer_;
};

template <typename Request, typename Response>
class WatchReactor final : public grpc::ServerWriteReactor<Response> {
 public:
  WatchReactor(ServerRuntime& runtime, std::string_view method,
               grpc::CallbackServerContext* context, const Request* request,
               PollBody<Request, Response> body)
      : loop_(std::make_shared<WatchLoop>(
            runtime, method, *context,
            WatchLoop::Hooks{
                .poll =
                    [this, request, body = std::move(body)](const CallContext& call) {
                      response_.Clear();
                      return body(call, *request, response_);
                    },
                .start_write = [this] { this->StartWrite(&response_); },
                .try_cancel = [context] { context->TryCancel(); },
                .finish = [this](grpc::Status status) { this->Finish(std::move(status)); }})) {
    loop_->Begin();
  }

  void OnWriteDone(bool ok) override { loop_->WriteDone(ok); }
  void OnCancel() override { loop_->Cancelled(); }
  void OnDone() override { delete this; }

 private:
  Response response_;
  const std::shared_ptr<WatchLoop> loop_;
};

template <typename Request, typename Response>
grpc::ServerUnaryReactor* HandleUnary(ServerRuntime& runtime, std::string_view method,
                                      grpc::CallbackServerContext* context, const Request* request,
                                      Response* response,
                                      std::type_identity_t<UnaryBody<Request, Response>> body) {
  return new UnaryReactor<Request, Response>(runtime, method, context, request, response,
                                             std::move(body));
}

template <typename Request, typename Response>
grpc::ServerWriteReactor<Response>* HandleServerStream(ServerRuntime& runtime,
                                                       std::string_view method,
                                                       grpc::CallbackServerContext* context,
                                                       const Request* request,
                                                       ServerStreamBody<Request, Response> body) {
  return new ServerStreamReactor<Request, Response>(runtime, method, context, request,
                                                    std::move(body));
}

template <typename Request, typename Response>
grpc::ServerReadReactor<Request>* HandleClientStream(ServerRuntime& runtime,
                                                     std::string_view method,
                                                     grpc::CallbackServerContext* context,
                                                     Response* response,
                                                     ClientStreamBody<Request, Response> body) {
  return new ClientStreamReactor<Request, Response>(runtime, method, context, response,
                                                    std::move(body));
}

template <typename Request, typename Response>
grpc::ServerBidiReactor<Request, Response>* HandleBidiStream(
    ServerRuntime& runtime, std::string_view method, grpc::CallbackServerContext* context,
    BidiStreamBody<Request, Response> body) {
  return new BidiStreamReactor<Request, Response>(runtime, method, context, std::move(body));
}

template <typename Request, typename Response>
grpc::ServerWriteReactor<Response>* HandleWatch(ServerRuntime& runtime, std::string_view method,
                                                grpc::CallbackServerContext* context,
                                                const Request* request,
                                                PollBody<Request, Response> body) {
  return new WatchReactor<Request, Response>(runtime, method, context, request, std::move(body));
}

}  // namespace metricstore::rpc
