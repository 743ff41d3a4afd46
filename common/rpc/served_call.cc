#include "common/rpc/served_call.h"

#include <exception>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/logging/logging.h"
#include "common/rpc/call_instruments.h"
#include "common/rpc/status_conversion.h"
#include "common/rpc/trace_id.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::rpc {
namespace {

std::string Traceparent(const grpc::CallbackServerContext& context) {
  const auto found = context.client_metadata().find("traceparent");
  if (found == context.client_metadata().end()) return "";
  return std::string(found->second.data(), found->second.size());
}

absl::Time DeadlineOf(const grpc::CallbackServerContext& context) {
  const auto deadline = context.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) return absl::InfiniteFuture();
  return absl::FromChrono(deadline);
}

// Spread, so that the refused do not come back all at once.
absl::Duration RetryDelay() {
  thread_local std::minstd_rand random{std::random_device{}()};
  return absl::Milliseconds(std::uniform_int_distribution<int>(750, 1250)(random));
}

absl::Status Overloaded() {
  return status::ErrorBuilder(absl::StatusCode::kResourceExhausted, "OVERLOADED",
                              "the service is at its limit of concurrent calls; try again")
      .RetryAfter(RetryDelay())
      .Build();
}

// What a cancelled body returns may be what the deadline did to it. A client whose deadline passes
// cancels the call, and that may arrive before the deadline as the server knows it: the transport
// rounds it up by as much as a hundredth.
absl::Status TellDeadline(absl::Status status, const CallContext& call) {
  if (status.code() != absl::StatusCode::kCancelled ||
      call.bounds.deadline == absl::InfiniteFuture()) {
    return status;
  }
  const absl::Duration slack = absl::Milliseconds(20) + (call.bounds.deadline - call.arrived) / 100;
  if (absl::Now() < call.bounds.deadline - slack) return status;
  return status::ErrorBuilder(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                              "the call's deadline passed")
      .Build();
}

bool IsFault(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown;
}

void LogCall(const CallContext& call, const absl::Status& status, std::string_view exception_text,
             absl::Duration duration) {
  const std::string code = absl::StatusCodeToString(status.code());
  const std::string reason = status::ReasonOf(status);
  if (!IsFault(status.code())) {
    const bool routine = status.ok() && call.routine;
    logging::Log(routine ? logging::Level::kDebug : logging::Level::kInfo, "rpc finished",
                 {{"method", call.method},
                  {"code", code},
                  {"reason", reason},
                  {"duration_seconds", duration},
                  {"trace_id", call.trace_id},
                  {"peer", call.peer}});
    return;
  }
  const std::string error = exception_text.empty() ? std::string(status.message())
                                                   : absl::StrCat(std::string(exception_text));
  logging::Warning("rpc failed", {{"method", call.method},
                                  {"code", code},
                                  {"reason", reason},
                                  {"duration_seconds", duration},
                                  {"trace_id", call.trace_id},
                                  {"peer", call.peer},
                                  {"error", error}});
}

}  // namespace

absl::Status CallEnded(const CallContext& call) {
  RETURN_IF_ERROR(TellDeadline(call.bounds.Check(), call));
  return TellDeadline(
      status::ErrorBuilder(absl::StatusCode::kCancelled, "CANCELLED", "the client went away")
          .Build(),
      call);
}

absl::Status StreamStalled(std::string_view what, absl::Duration limit) {
  return status::ErrorBuilder(absl::StatusCode::kAborted, "STREAM_STALLED",
                              absl::StrCat("the client ", std::string(what), " nothing for ",
                                           absl::FormatDuration(limit)))
      .Build();
}

absl::Status ServerDraining() {
  return status::ErrorBuilder(absl::StatusCode::kUnavailable, "DRAINING",
                              "the service is shutting down; call another replica")
      .RetryAfter(RetryDelay())
      .Build();
}

ServedCall::ServedCall(ServerRuntime& runtime, std::string_view method,
                       const grpc::CallbackServerContext& context, CallKind kind)
    : runtime_(runtime), kind_(kind), let_in_(runtime.CallArrived()) {
  context_.arrived = absl::Now();
  context_.method = std::string(method);
  context_.trace_id = TraceIdFrom(Traceparent(context));
  context_.peer = context.peer();
  SetDeadline(DeadlineOf(context));
  runtime_.call_instruments().in_flight.Add(1);
}

ServedCall::~ServedCall() {
  if (let_in_) runtime_.CallLeft();
}

void ServedCall::SetDeadline(absl::Time client_deadline) {
  context_.bounds.deadline = client_deadline;
  if (kind_ != CallKind::kUnary) return;
  const bool open = client_deadline == absl::InfiniteFuture();
  const absl::Time server_deadline = context_.arrived + (open ? runtime_.options().default_deadline
                                                              : runtime_.options().max_deadline);
  if (client_deadline <= server_deadline) return;
  context_.bounds.deadline = server_deadline;
  // gRPC raises OnCancel at the client's deadline; ours needs a timer of its own.
  deadline_alarm_.emplace();
  deadline_alarm_->Set(absl::ToChronoTime(server_deadline),
                       [cancel = context_.bounds.cancel](bool expired) {
                         if (expired) cancel.Cancel();
                       });
}

BoundedExecutor& ServedCall::executor() {
  return kind_ == CallKind::kStream ? runtime_.stream_executor() : runtime_.unary_executor();
}

telemetry::Gauge& ServedCall::queued() {
  auto& instruments = runtime_.call_instruments();
  return kind_ == CallKind::kStream ? instruments.stream_queued : instruments.unary_queued;
}

absl::Status ServedCall::Submit(std::function<void()> task) {
  if (runtime_.draining()) return ServerDraining();
  telemetry::Gauge& waiting = queued();
  waiting.Add(1);
  const bool accepted = executor().TrySubmit([&waiting, task = std::move(task)] {
    waiting.Add(-1);
    task();
  });
  if (accepted) return absl::OkStatus();
  waiting.Add(-1);
  runtime_.call_instruments().refused.Increment();
  return Overloaded();
}

absl::Status ServedCall::RunBody(const std::function<absl::Status()>& body) {
  RETURN_IF_ERROR(context_.bounds.Check());
  try {
    return body();
  } catch (const std::exception& error) {
    exception_text_ = absl::StrCat("exception: ", error.what());
  } catch (...) {
    exception_text_ = "exception of an unknown type";
  }
  return status::InternalError(
      "the service failed unexpectedly; its log holds the cause under the trace id");
}

void ServedCall::Start(std::function<absl::Status()> body,
                       std::function<void(grpc::Status)> finish) {
  const absl::Status refusal =
      Submit([this, body = std::move(body), finish] { finish(Conclude(RunBody(body))); });
  if (!refusal.ok()) finish(Conclude(refusal));
}

grpc::Status ServedCall::Conclude(absl::Status status) {
  status = TellDeadline(std::move(status), context_);
  const absl::Duration duration = absl::Now() - context_.arrived;
  auto& instruments = runtime_.call_instruments();
  instruments.in_flight.Add(-1);
  instruments.Seconds(context_.method, absl::StatusCodeToString(status.code()))
      .Observe(absl::ToDoubleSeconds(duration));
  if (status::ReasonOf(status) == "STREAM_STALLED") instruments.stalled.Increment();
  LogCall(context_, status, exception_text_, duration);
  return ToGrpc(status, context_.trace_id);
}

}  // namespace metricstore::rpc
