#include "registry_service/compute_client/grpc_row_evaluator.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/client.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "metricstore/compute/v1/compute_service.grpc.pb.h"
#include "registry_service/compute_client/evaluation_requests.h"

namespace metricstore::registry {

namespace pb = ::metricstore::compute::v1;

struct GrpcRowEvaluator::Connection {
  explicit Connection(ComputeTarget where) : target(std::move(where)) {}

  const ComputeTarget target;
  std::once_flag connected;
  std::unique_ptr<pb::ComputeService::StubInterface> stub;

  pb::ComputeService::StubInterface& Stub() {
    std::call_once(connected, [this] {
      stub = pb::ComputeService::NewStub(
          rpc::MakeChannel(target.target, {.user_agent = "metricstore-registry"}));
    });
    return *stub;
  }
};

namespace {

absl::Status Unavailable(const std::string& target, const std::string& why,
                         std::optional<absl::Duration> retry_after = std::nullopt) {
  status::ErrorBuilder error(absl::StatusCode::kUnavailable, "COMPUTE_UNAVAILABLE", why);
  error.Metadata("target", target);
  if (retry_after.has_value()) error.RetryAfter(*retry_after);
  return error.Build();
}

// The error of a call that ended with `error`, in the words of RowEvaluator. The call had until
// `deadline`.
absl::Status Translated(const absl::Status& error, const ComputeTarget& target,
                        const CallBounds& bounds, absl::Time deadline) {
  RETURN_IF_ERROR(bounds.Check());
  const std::string message(error.message());
  const auto details = status::DetailsOf(error);
  switch (error.code()) {
    case absl::StatusCode::kDeadlineExceeded:
      // The transport's clock may be ahead of ours by a moment.
      if (deadline == bounds.deadline) {
        return status::ErrorBuilder(error.code(), "DEADLINE_EXCEEDED", message).Build();
      }
      return Unavailable(target.target, absl::StrCat("compute_service at ", target.target,
                                                     " did not answer within ",
                                                     absl::FormatDuration(target.timeout)));
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kCancelled:      // a connection that died may look like this
    case absl::StatusCode::kUnimplemented:  // an older release, about to be replaced
      break;
    case absl::StatusCode::kResourceExhausted:
      if (details.has_value() && details->reason == "OVERLOADED") break;
      [[fallthrough]];
    default:
      return status::InternalError(
          absl::StrCat("compute_service could not evaluate the rows it was sent: ", message));
  }
  return Unavailable(
      target.target,
      absl::StrCat("compute_service at ", target.target, " is not available: ", message),
      details.has_value() ? details->retry_after : std::nullopt);
}

EvaluatedRows::Point ToPoint(const pb::EvaluatedPoint& proto) {
  EvaluatedRows::Point point;
  point.entity = proto.entity();
  point.bucket_start = absl::FromUnixSeconds(proto.bucket_start_time().seconds()) +
                       absl::Nanoseconds(proto.bucket_start_time().nanos());
  if (proto.status() == v1::POINT_STATUS_OK) point.value = proto.value();
  point.finite = proto.status() != v1::POINT_STATUS_NOT_FINITE;
  return point;
}

EvaluatedRows ToEvaluatedRows(const pb::RowEvaluationResult& proto) {
  EvaluatedRows rows;
  rows.error_reason = proto.error_reason();
  rows.error = proto.error();
  rows.points.reserve(static_cast<size_t>(proto.points_size()));
  for (const pb::EvaluatedPoint& point : proto.points()) rows.points.push_back(ToPoint(point));
  return rows;
}

}  // namespace

GrpcRowEvaluator::GrpcRowEvaluator(ComputeTarget target)
    : connection_(std::make_unique<Connection>(std::move(target))) {}

GrpcRowEvaluator::~GrpcRowEvaluator() = default;

absl::StatusOr<std::vector<EvaluatedRows>> GrpcRowEvaluator::Evaluate(
    const std::vector<RowEvaluation>& evaluations, const CallBounds& bounds) {
  const ComputeTarget& target = connection_->target;
  std::vector<EvaluatedRows> results;
  if (evaluations.empty()) return results;
  if (target.target.empty()) {
    return Unavailable("", "no compute_service is configured (compute.target)");
  }
  EvaluationRequests requests(evaluations, RequestLimits());
  pb::EvaluateRowsRequest request;
  while (requests.Next(&request)) {
    RETURN_IF_ERROR(bounds.Check());
    CallBounds limited = bounds;
    limited.deadline = std::min(bounds.deadline, absl::Now() + target.timeout);
    rpc::BoundedContext context(limited);
    pb::EvaluateRowsResponse response;
    const absl::Status status =
        rpc::FromGrpc(connection_->Stub().EvaluateRows(context.get(), request, &response));
    if (!status.ok()) return Translated(status, target, bounds, limited.deadline);
    if (response.results_size() != request.evaluations_size()) {
      return status::InternalError("compute_service gave another number of results than asked for");
    }
    for (const pb::RowEvaluationResult& result : response.results()) {
      results.push_back(ToEvaluatedRows(result));
    }
  }
  return results;
}

}  // namespace metricstore::registry
