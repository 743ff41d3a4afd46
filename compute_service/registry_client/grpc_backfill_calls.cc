// Backfills that compute asks for on behalf of its own callers.
#include <utility>

#include "common/status/macros.h"
#include "common/time/iso8601.h"
#include "compute_service/registry_client/registry_transport.h"

namespace metricstore::compute {

absl::StatusOr<BackfillMessage> GrpcRegistryClient::CreateBackfill(const BackfillRequest& request,
                                                                   const CallBounds& bounds) {
  pb::CreateBackfillRequest proto;
  proto.set_project(request.project);
  proto.mutable_metrics()->Add(request.metrics.begin(), request.metrics.end());
  proto.mutable_entities()->Add(request.entities.begin(), request.entities.end());
  proto.mutable_dates()->set_start_date(FormatDate(request.dates.start));
  proto.mutable_dates()->set_end_date(FormatDate(request.dates.end));
  proto.set_request_id(request.request_id);
  pb::CreateBackfillResponse response;
  RETURN_IF_ERROR(transport_->Call(*transport_->backfills,
                                   &pb::BackfillService::StubInterface::CreateBackfill, proto,
                                   &response, bounds));
  return std::make_shared<const pb::Backfill>(std::move(*response.mutable_backfill()));
}

absl::Status GrpcRegistryClient::WatchBackfill(std::string_view project, int64_t id,
                                               const BackfillSink& sink, const CallBounds& bounds) {
  pb::WatchBackfillRequest request;
  request.set_project(std::string(project));
  request.set_id(id);
  StallWatchdog::Watch watch(transport_->watchdog, bounds);
  rpc::BoundedContext context(watch.bounds());
  const auto reader =
      watch.Await([&] { return transport_->backfills->WatchBackfill(context.get(), request); });
  pb::WatchBackfillResponse message;
  absl::Status accepted;
  while (accepted.ok() && watch.Await([&] { return reader->Read(&message); })) {
    transport_->contact.RecordProgress();
    accepted = sink(message.backfill());
  }
  if (!accepted.ok()) context.get()->TryCancel();
  const grpc::Status finished = watch.Await([&] { return reader->Finish(); });
  if (!accepted.ok()) return accepted;
  return transport_->FinishedStream(finished, bounds, watch);
}

}  // namespace metricstore::compute
