#include "common/rpc/status_conversion.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "common/status/error.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace metricstore::rpc {
namespace {

// absl::Status keeps details under the type URL that google.protobuf.Any would give them.
constexpr absl::string_view kTypePrefix = "type.googleapis.com/";

// The reason that a status made without one deserves; "" if the code says no more.
std::string DefaultReason(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
      return "INTERNAL";
    case absl::StatusCode::kCancelled:
      return "CANCELLED";
    case absl::StatusCode::kDeadlineExceeded:
      return "DEADLINE_EXCEEDED";
    default:
      return "";
  }
}

google::rpc::ErrorInfo InfoOf(const absl::Status& status, absl::string_view type_url) {
  google::rpc::ErrorInfo info;
  const auto payload = status.GetPayload(type_url);
  if (!payload.has_value() || !info.ParseFromString(std::string(*payload))) {
    info.set_domain(std::string(status::kErrorDomain));
  }
  if (info.reason().empty()) info.set_reason(DefaultReason(status.code()));
  return info;
}

}  // namespace

grpc::Status ToGrpc(const absl::Status& status, const std::string& trace_id) {
  if (status.ok()) return grpc::Status::OK;
  const std::string info_type =
      std::string(kTypePrefix) + google::rpc::ErrorInfo::descriptor()->full_name();
  google::rpc::ErrorInfo info = InfoOf(status, info_type);
  if (!trace_id.empty()) (*info.mutable_metadata())["trace_id"] = trace_id;

  google::rpc::Status rich;
  rich.set_code(static_cast<int>(status.code()));
  rich.set_message(std::string(status.message()));
  if (!info.reason().empty() || !info.metadata().empty()) rich.add_details()->PackFrom(info);
  status.ForEachPayload([&](absl::string_view type_url, const absl::Cord& payload) {
    if (type_url == info_type || !absl::StartsWith(type_url, kTypePrefix)) return;
    auto* detail = rich.add_details();
    detail->set_type_url(std::string(type_url));
    detail->set_value(std::string(payload));
  });
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), rich.message(),
                      rich.SerializeAsString());
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status converted(static_cast<absl::StatusCode>(status.error_code()),
                         status.error_message());
  google::rpc::Status rich;
  if (status.error_details().empty() || !rich.ParseFromString(status.error_details())) {
    return converted;
  }
  for (const auto& detail : rich.details()) {
    converted.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return converted;
}

}  // namespace metricstore::rpc
