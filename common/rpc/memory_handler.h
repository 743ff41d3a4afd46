// Unary calls that are answered from memory as a rule, on the thread that received them.
//
// clang-format off
//   class Handler : public Service::WithRawCallbackMethod_GetMetric<Service::CallbackService> {
//     grpc::ServerUnaryReactor* GetMetric(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
//                                         grpc::ByteBuffer* reply) override {
//       return rpc::HandleFromMemory<GetMetricRequest>(
//           get_metric_, context, request, reply,
//           [this](const GetMetricRequest& request, std::string& reply) { ... return true; },
//           [this](const rpc::CallContext& call, const GetMetricRequest& request,
//                  std::string& reply) -> absl::Status { ... });
//     }
//     rpc::MemoryMethod get_metric_{runtime, "CatalogService/GetMetric"};
// clang-format on
//
// Both give the reply serialised. The first answers, or says that it cannot; it must never block
// and takes 200 microseconds at most. Such answers need no executor, and no admission: there
// are never more of them at once than threads. They are counted, but not logged. What it cannot
// answer, errors among it, goes to the second function like any unary call: see handler.h.
#pragma once

#include <google/protobuf/message_lite.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/byte_buffer.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/functional/function_ref.h"
#include "common/rpc/call.h"
#include "common/rpc/handler.h"
#include "common/rpc/served_call.h"
#include "common/rpc/server.h"

namespace metricstore::rpc {

// What calls of one method share. Thread-safe. The runtime must outlive it.
class MemoryMethod {
 public:
  MemoryMethod(ServerRuntime& runtime, std::string_view method);

  ServerRuntime& runtime() const { return runtime_; }
  std::string_view name() const { return name_; }
  // Notes an answer that was made since `start`.
  void Answered(absl::Time start) const;

 private:
  ServerRuntime& runtime_;
  const std::string name_;
  telemetry::Histogram& seconds_;
};

// Parses a request; false if it is not one.
bool ParseMessage(const grpc::ByteBuffer& bytes, google::protobuf::MessageLite& message);
grpc::ByteBuffer ToBytes(std::string_view text);
// INVALID_ARGUMENT (FIELD_INVALID).
absl::Status NoSuchMessage();

template <typename Request>
using EncodedBody = UnaryBody<Request, std::string>;

template <typename Request>
class EncodedReactor final : public grpc::ServerUnaryReactor {
 public:
  EncodedReactor(const MemoryMethod& method, grpc::CallbackServerContext* context,
                 const grpc::ByteBuffer* request, grpc::ByteBuffer* reply,
                 EncodedBody<Request> body)
      : call_(method.runtime(), method.name(), *context, CallKind::kUnary) {
    call_.Start(
        [this, request, reply, body = std::move(body)]() -> absl::Status {
          if (!ParseMessage(*request, request_)) return NoSuchMessage();
          const absl::Status status = body(call_.context(), request_, answer_);
          if (status.ok()) *reply = ToBytes(answer_);
          return status;
        },
        [this](grpc::Status status) { Finish(std::move(status)); });
  }

  void OnCancel() override { call_.Cancel(); }
  void OnDone() override { delete this; }

 private:
  ServedCall call_;
  Request request_;
  std::string answer_;
};

template <typename Request>
grpc::ServerUnaryReactor* HandleFromMemory(
    const MemoryMethod& method, grpc::CallbackServerContext* context,
    const grpc::ByteBuffer* request, grpc::ByteBuffer* reply,
    absl::FunctionRef<bool(const Request&, std::string& reply)> from_memory,
    std::type_identity_t<EncodedBody<Request>> body) {
  thread_local Request parsed;
  thread_local std::string answer;
  const absl::Time start = absl::Now();
  answer.clear();
  if (!method.runtime().draining() && ParseMessage(*request, parsed) &&
      from_memory(parsed, answer)) {
    *reply = ToBytes(answer);
    method.Answered(start);
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  return new EncodedReactor<Request>(method, context, request, reply, std::move(body));
}

}  // namespace metricstore::rpc
