#include "compute_service/api/run_day_call.h"

#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/time/iso8601.h"
#include "metricstore/registry/v1/backfill.pb.h"

namespace metricstore::compute {

absl::Status RunDay(RegistryClient& registry, const v1::RunDayRequest& request,
                    const CallBounds& bounds, rpc::StreamWriter<v1::RunDayResponse>& writer) {
  if (request.metrics().empty()) return status::FieldRequired("metrics");
  if (request.date().empty()) return status::FieldRequired("date");
  ASSIGN_OR_RETURN(const absl::CivilDay date, ParseDate("date", request.date()));
  const BackfillRequest wanted{.project = request.project(),
                               .metrics = {request.metrics().begin(), request.metrics().end()},
                               .entities = {request.entities().begin(), request.entities().end()},
                               .dates = {date, date + 1},
                               .request_id = request.request_id()};
  ASSIGN_OR_RETURN(const BackfillMessage created, registry.CreateBackfill(wanted, bounds));
  return registry.WatchBackfill(
      request.project(), created->id(),
      [&writer](const registry::v1::Backfill& backfill) {
        v1::RunDayResponse response;
        *response.mutable_backfill() = backfill;
        return writer.Write(response);
      },
      bounds);
}

}  // namespace metricstore::compute
