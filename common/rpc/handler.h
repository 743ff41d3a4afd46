// Wrappers that turn a plain function into a callback-API reactor: the only way handlers are
// written.
//
// clang-format off
//   grpc::ServerUnaryReactor* GetMetric(grpc::CallbackServerContext* context, const GetMetricRequest* request,
//                                       GetMetricResponse* response) override {
//     return rpc::HandleUnary(runtime_, "CatalogService/GetMetric", context, request, response,
//                             [this](const rpc::CallContext& call, const GetMetricRequest& request,
//                                    GetMetricResponse& response) -> absl::Status { ... });
//   }
// clang-format on
//
// The body runs on a bounded executor (unary and stream calls have one each). Beyond its bound the
// call ends at once with RESOURCE_EXHAUSTED (OVERLOADED) and RetryInfo. Each finished call is
// logged once (see CallContext::routine) and counted. A body may block; it must honour call.bounds.
// Exceptions end the call with INTERNAL.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <string_view>
#include <type_traits>

#include "absl/status/status.h"
#include "common/rpc/call.h"

namespace metricstore::rpc {

class ServerRuntime;  // executors, limits, instruments: see server.h

template <typename Request, typename Response>
using UnaryBody = std::function<absl::Status(const CallContext&, const Request&, Response&)>;

template <typename Request, typename Response>
using ServerStreamBody =
    std::function<absl::Status(const CallContext&, const Request&, StreamWriter<Response>&)>;

template <typename Request, typename Response>
using ClientStreamBody =
    std::function<absl::Status(const CallContext&, StreamReader<Request>&, Response&)>;

template <typename Request, typename Response>
using BidiStreamBody = std::function<absl::Status(const CallContext&, StreamReader<Request>&,
                                                  StreamWriter<Response>&)>;

// Fills the response with the thing's state now and says whether it differs from the last one sent.
template <typename Request, typename Response>
using PollBody =
    std::function<absl::StatusOr<PollOutcome>(const CallContext&, const Request&, Response&)>;

template <typename Request, typename Response>
grpc::ServerUnaryReactor* HandleUnary(ServerRuntime& runtime, std::string_view method,
                                      grpc::CallbackServerContext* context, const Request* request,
                                      Response* response,
                                      std::type_identity_t<UnaryBody<Request, Response>> body);

// The stream forms cannot tell both messages from their arguments, so name them:
// HandleServerStream<ReadWindowRequest, ReadWindowResponse>(...).

template <typename Request, typename Response>
grpc::ServerWriteReactor<Response>* HandleServerStream(ServerRuntime& runtime,
                                                       std::string_view method,
                                                       grpc::CallbackServerContext* context,
                                                       const Request* request,
                                                       ServerStreamBody<Request, Response> body);

template <typename Request, typename Response>
grpc::ServerReadReactor<Request>* HandleClientStream(ServerRuntime& runtime,
                                                     std::string_view method,
                                                     grpc::CallbackServerContext* context,
                                                     Response* response,
                                                     ClientStreamBody<Request, Response> body);

template <typename Request, typename Response>
grpc::ServerBidiReactor<Request, Response>* HandleBidiStream(
    ServerRuntime& runtime, std::string_view method, grpc::CallbackServerContext* context,
    BidiStreamBody<Request, Response> body);

// Polls every 250 ms on the unary executor and streams what changed (and every 5 s what did not),
// until kEnded, whose response is sent last. Holds no thread between polls. `body` is copied for
// each call and may keep state in itself. Ends with UNAVAILABLE (DRAINING) when the server drains.
template <typename Request, typename Response>
grpc::ServerWriteReactor<Response>* HandleWatch(ServerRuntime& runtime, std::string_view method,
                                                grpc::CallbackServerContext* context,
                                                const Request* request,
                                                PollBody<Request, Response> body);

}  // namespace metricstore::rpc

#include "common/rpc/handler_reactors.h"  // IWYU pragma: export
