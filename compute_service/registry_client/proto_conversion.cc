#include "compute_service/registry_client/proto_conversion.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::compute {
namespace {

namespace pb = ::metricstore::registry::v1;

absl::StatusOr<Grain> ToGrain(std::string_view field, pb::Grain proto) {
  if (proto < pb::GRAIN_HOUR || proto > pb::GRAIN_YEAR) {
    return status::FieldInvalid(field, absl::StrCat(static_cast<int>(proto)), "is no known grain");
  }
  return static_cast<Grain>(proto);
}

absl::Duration ToDuration(const google::protobuf::Duration& proto) {
  return absl::Seconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

absl::StatusOr<calendar::Window> ToWindow(const pb::Window& proto) {
  calendar::Window window;
  if (proto.kind() < pb::Window::KIND_UNSPECIFIED || proto.kind() > pb::Window::KIND_RANGE) {
    return status::FieldInvalid("window.kind", absl::StrCat(static_cast<int>(proto.kind())),
                                "is no known kind of window");
  }
  if (proto.kind() != pb::Window::KIND_UNSPECIFIED) {
    window.kind = static_cast<calendar::WindowKind>(proto.kind());
  }
  window.session = proto.session();
  window.length = ToDuration(proto.length());
  window.from_second = proto.from_second();
  window.to_second = proto.to_second();
  return window;
}

}  // namespace

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
  return shard;
}

absl::StatusOr<MetricDefinition> ToMetricDefinition(const pb::Metric& proto) {
  if (proto.expression().empty()) {
    return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "NOT_SUPPORTED",
                                absl::StrCat("metric ", proto.id(), " has no expression"))
        .Metadata("field", "expression")
        .Build();
  }
  MetricDefinition metric;
  metric.ref = {proto.id(), proto.version()};
  metric.dataset = proto.dataset();
  ASSIGN_OR_RETURN(metric.grain, ToGrain("grain", proto.grain()));
  metric.expression = proto.expression();
  metric.filters.assign(proto.filters().begin(), proto.filters().end());
  ASSIGN_OR_RETURN(metric.window, ToWindow(proto.window()));
  return metric;
}

absl::StatusOr<Dataset> ToDataset(const pb::Dataset& proto) {
  Dataset dataset;
  dataset.name = proto.name();
  dataset.time_column = proto.time_column();
  dataset.entity_column = proto.entity_column();
  for (const pb::DatasetColumn& column : proto.columns()) {
    const auto type = static_cast<columns::ColumnType>(column.type());
    if (columns::ColumnTypeName(type) == "unknown") {
      return status::FieldInvalid(absl::StrCat("columns.", column.name()),
                                  absl::StrCat(static_cast<int>(column.type())),
                                  "is no known column type");
    }
    dataset.schema.push_back({column.name(), type, column.nullable()});
  }
  return dataset;
}

google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration proto;
  proto.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &duration));
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(duration)));
  return proto;
}

google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp proto;
  const int64_t seconds = absl::ToUnixSeconds(time);  // floor, so that the rest is never negative
  proto.set_seconds(seconds);
  proto.set_nanos(
      static_cast<int32_t>(absl::ToInt64Microseconds(time - absl::FromUnixSeconds(seconds))) *
      1000);
  return proto;
}

}  // namespace metricstore::compute
