#include "compute_service/registry_client/lease_conversion.h"

#include "common/status/macros.h"
#include "common/time/iso8601.h"
#include "compute_service/conversion/definition_conversion.h"

namespace metricstore::compute {

namespace pb = ::metricstore::registry::v1;

absl::StatusOr<LeasedShard> ToLeasedShard(const pb::LeasedShard& proto) {
  LeasedShard shard;
  shard.lease = {.shard_id = proto.shard_id(), .fence = proto.fence()};
  shard.backfill_id = proto.backfill_id();
  shard.attempt = proto.attempt();
  shard.project = proto.project();
  shard.dataset = proto.dataset();
  shard.entities.assign(proto.entities().begin(), proto.entities().end());
  ASSIGN_OR_RETURN(shard.dates.start, ParseDate("dates.start_date", proto.dates().start_date()));
  ASSIGN_OR_RETURN(shard.dates.end, ParseDate("dates.end_date", proto.dates().end_date()));
  for (const pb::MetricAtGrain& metric : proto.metrics()) {
    ASSIGN_OR_RETURN(const Grain grain, ToGrain("metrics.grain", metric.grain()));
    shard.metrics.push_back({{metric.metric().id(), metric.metric().version()}, grain});
  }
  shard.calendar = proto.calendar();
  shard.calendar_version = proto.calendar_version();
  for (const pb::MetricRef& read : proto.reads()) {
    shard.reads.push_back({read.id(), read.version()});
  }
  return shard;
}

}  // namespace metricstore::compute
