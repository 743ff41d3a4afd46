#include "registry_service/api/backfill_converter.h"

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "registry_service/api/request/request_text.h"
#include "registry_service/api/request/time_converter.h"

namespace metricstore::registry::api {
namespace {

constexpr size_t kMaxRequestIdBytes = 200;

void ToProto(const std::vector<MetricAtGrain>& metrics,
             google::protobuf::RepeatedPtrField<v1::MetricAtGrain>* proto) {
  for (const MetricAtGrain& metric : metrics) {
    v1::MetricAtGrain* added = proto->Add();
    added->mutable_metric()->set_id(metric.id);
    added->mutable_metric()->set_version(metric.version);
    added->set_grain(static_cast<v1::Grain>(metric.grain));
  }
}

}  // namespace

absl::StatusOr<BackfillRequest> FromProto(const v1::CreateBackfillRequest& proto) {
  if (proto.metrics().empty()) return status::FieldRequired("metrics");
  if (proto.request_id().size() > kMaxRequestIdBytes) {
    return status::FieldInvalid("request_id", proto.request_id().substr(0, kMaxRequestIdBytes),
                                absl::StrCat("must be at most ", kMaxRequestIdBytes, " bytes"));
  }
  for (const std::string& entity : proto.entities()) {
    RETURN_IF_ERROR(CheckText("entities", entity));
  }
  BackfillRequest request{.metrics = {proto.metrics().begin(), proto.metrics().end()},
                          .entities = {proto.entities().begin(), proto.entities().end()},
                          .request_id = proto.request_id(),
                          .validate_only = proto.validate_only(),
                          .latest_versions = proto.latest_versions()};
  ASSIGN_OR_RETURN(request.dates, FromProto("dates", proto.dates()));
  for (const int grain : proto.grains()) {
    if (grain == v1::GRAIN_UNSPECIFIED || !v1::Grain_IsValid(grain)) {
      return status::FieldInvalid("grains", absl::StrCat(grain), "is not a known grain");
    }
    request.grains.push_back(static_cast<Grain>(grain));
  }
  return request;
}

absl::StatusOr<absl::Duration> LeaseLength(bool set, const google::protobuf::Duration& proto) {
  if (!set) return absl::Seconds(30);
  ASSIGN_OR_RETURN(const absl::Duration length, FromProto("lease", proto));
  if (length < absl::Seconds(1) || length > absl::Minutes(10)) {
    return status::FieldInvalid("lease", absl::FormatDuration(length), "must be 1 s to 10 min");
  }
  return length;
}

void ToProto(const Backfill& backfill, v1::Backfill* proto) {
  proto->set_id(backfill.id);
  ToProto(backfill.spec.metrics, proto->mutable_metrics());
  proto->mutable_entities()->Assign(backfill.spec.entities.begin(), backfill.spec.entities.end());
  ToProto(backfill.spec.dates, proto->mutable_dates());
  proto->set_state(static_cast<v1::Backfill::State>(backfill.state));
  proto->set_shards_total(backfill.shards_total);
  proto->set_shards_done(backfill.shards_done);
  proto->set_shards_failed(backfill.shards_failed);
  proto->set_shards_leased(backfill.shards_leased);
  proto->set_rows_read(backfill.rows_read);
  proto->set_points(backfill.points);
  proto->set_error(backfill.error);
  if (backfill.id == 0) return;  // a job that was only validated has no times
  ToProto(backfill.create_time, proto->mutable_create_time());
  ToProto(backfill.update_time, proto->mutable_update_time());
  if (backfill.end_time.has_value()) ToProto(*backfill.end_time, proto->mutable_end_time());
}

void ToProto(const LeasedShard& shard, v1::LeasedShard* proto) {
  proto->set_shard_id(shard.shard_id);
  proto->set_backfill_id(shard.backfill_id);
  proto->set_fence(shard.fence);
  ToProto(shard.expire_time, proto->mutable_lease_expire_time());
  proto->set_project(shard.project);
  proto->set_dataset(shard.spec.dataset);
  proto->mutable_entities()->Assign(shard.spec.entities.begin(), shard.spec.entities.end());
  ToProto(shard.spec.dates, proto->mutable_dates());
  ToProto(shard.spec.metrics, proto->mutable_metrics());
  proto->set_attempt(shard.attempt);
  proto->set_calendar(shard.spec.calendar);
  proto->set_calendar_version(shard.spec.calendar_version);
  for (const auto& [id, version] : shard.spec.reads) {
    v1::MetricRef* read = proto->add_reads();
    read->set_id(id);
    read->set_version(version);
  }
}

}  // namespace metricstore::registry::api
