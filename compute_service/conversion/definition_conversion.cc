#include "compute_service/conversion/definition_conversion.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/expression/metric_literals.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace metricstore::compute {
namespace {

namespace pb = ::metricstore::registry::v1;

absl::Duration ToDuration(const google::protobuf::Duration& proto) {
  return absl::Seconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

absl::Status UnknownValue(std::string_view field, int value, std::string_view what) {
  return status::FieldInvalid(field, absl::StrCat(value),
                              absl::StrCat("is no known ", std::string(what)));
}

absl::Status SetReach(const pb::Window& proto, calendar::Window* window) {
  switch (proto.reach_case()) {
    case pb::Window::kRolling: {
      const int unit = proto.rolling().unit();
      if (unit < pb::Window::ROLLING_UNIT_SESSIONS || unit > pb::Window::ROLLING_UNIT_HOURS) {
        return UnknownValue("window.rolling.unit", unit, "unit of rolling windows");
      }
      window->reach = calendar::WindowReach::kRolling;
      window->count = proto.rolling().count();
      window->unit = static_cast<calendar::RollingUnit>(unit);
      return absl::OkStatus();
    }
    case pb::Window::kToDate: {
      ASSIGN_OR_RETURN(window->period, ToGrain("window.to_date", proto.to_date()));
      window->reach = calendar::WindowReach::kToDate;
      return absl::OkStatus();
    }
    case pb::Window::kPrevious:
      window->reach = calendar::WindowReach::kPrevious;
      window->count = proto.previous();
      return absl::OkStatus();
    case pb::Window::REACH_NOT_SET:
      break;
  }
  return absl::OkStatus();
}

absl::StatusOr<calendar::Window> ToWindow(const pb::Window& proto) {
  calendar::Window window;
  if (proto.kind() < pb::Window::KIND_UNSPECIFIED || proto.kind() > pb::Window::KIND_RANGE) {
    return UnknownValue("window.kind", proto.kind(), "kind of window");
  }
  if (proto.kind() != pb::Window::KIND_UNSPECIFIED) {
    window.kind = static_cast<calendar::WindowKind>(proto.kind());
  }
  window.session = proto.session();
  window.length = ToDuration(proto.length());
  window.from_second = proto.from_second();
  window.to_second = proto.to_second();
  RETURN_IF_ERROR(SetReach(proto, &window));
  return window;
}

absl::StatusOr<calendar::BarAlignment> ToAlignment(int proto) {
  switch (proto) {
    case pb::BAR_ALIGNMENT_UNSPECIFIED:
    case pb::BAR_ALIGNMENT_CLOCK:
      return calendar::BarAlignment::kClock;
    case pb::BAR_ALIGNMENT_SESSION:
      return calendar::BarAlignment::kSession;
    default:
      return UnknownValue("timeframe_alignment", proto, "alignment of bars");
  }
}

// The names of the registry's catalogue; "" is none.
absl::StatusOr<std::string> ToRollup(const pb::DatasetColumn& column) {
  switch (column.rollup()) {
    case pb::COLUMN_ROLLUP_UNSPECIFIED:
      return "";
    case pb::COLUMN_ROLLUP_FIRST:
      return "first";
    case pb::COLUMN_ROLLUP_LAST:
      return "last";
    case pb::COLUMN_ROLLUP_MIN:
      return "min";
    case pb::COLUMN_ROLLUP_MAX:
      return "max";
    case pb::COLUMN_ROLLUP_SUM:
      return "sum";
    case pb::COLUMN_ROLLUP_AVG:
      return "avg";
    default:
      return UnknownValue(absl::StrCat("columns.", column.name(), ".rollup"), column.rollup(),
                          "rollup of columns");
  }
}

absl::Status NotComputed(const pb::Metric& proto, std::string_view field, std::string_view why) {
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "NOT_SUPPORTED",
                              absl::StrCat("metric ", proto.id(), " ", std::string(why)))
      .Metadata("field", field)
      .Build();
}

// A running total is one by its window, or by those of the metrics that it reads.
bool LacksRunningWindow(const pb::Metric& proto) {
  const auto reach = proto.window().reach_case();
  return !proto.dataset().empty() && proto.depends_on().empty() && reach != pb::Window::kToDate &&
         reach != pb::Window::kRolling;
}

// What a definition may say but this release does not compute.
absl::Status CheckComputed(const pb::Metric& proto) {
  // A whole SELECT is a form that the planner knows and refuses.
  if (proto.expression().empty() && proto.sql().empty()) {
    return NotComputed(proto, "expression", "has no expression");
  }
  if (proto.dimensions_size() > 0) {
    return NotComputed(proto, "dimensions", "has dimensions, which this release does not compute");
  }
  if (proto.type() == pb::METRIC_TYPE_COUNTER) {
    return NotComputed(proto, "type", "is a counter, which this release does not compute");
  }
  if (proto.type() == pb::METRIC_TYPE_CUMULATIVE && LacksRunningWindow(proto)) {
    return NotComputed(proto, "window",
                       "is cumulative, but its window is neither to date nor rolling");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Grain> ToGrain(std::string_view field, pb::Grain proto) {
  if (proto < pb::GRAIN_HOUR || proto > pb::GRAIN_YEAR) {
    return status::FieldInvalid(field, absl::StrCat(static_cast<int>(proto)), "is no known grain");
  }
  return static_cast<Grain>(proto);
}

absl::StatusOr<MetricDefinition> ToMetricDefinition(const pb::Metric& proto) {
  RETURN_IF_ERROR(CheckComputed(proto));
  MetricDefinition metric;
  metric.ref = {proto.id(), proto.version()};
  metric.dataset = proto.dataset();
  ASSIGN_OR_RETURN(metric.grain, ToGrain("grain", proto.grain()));
  metric.expression = proto.expression();
  metric.filters.assign(proto.filters().begin(), proto.filters().end());
  ASSIGN_OR_RETURN(metric.window, ToWindow(proto.window()));
  if (proto.has_timeframe()) metric.timeframe = ToDuration(proto.timeframe());
  ASSIGN_OR_RETURN(metric.alignment, ToAlignment(proto.timeframe_alignment()));
  metric.rollup = proto.rollup();
  return metric;
}

absl::StatusOr<MetricDefinition> ToGivenDefinition(const pb::Metric& proto) {
  if (proto.category().empty()) return status::FieldRequired("category");
  if (proto.name().empty()) return status::FieldRequired("name");
  const std::string id = absl::StrCat(proto.category(), "/", proto.name());
  if (!expression::IsMetricId(id)) {
    return status::FieldInvalid("name", id,
                                "category and name are lower-case letters, digits and _");
  }
  pb::Metric given = proto;
  given.set_id(id);
  given.set_version(0);
  return ToMetricDefinition(given);
}

absl::StatusOr<Dataset> ToDataset(const pb::Dataset& proto) {
  Dataset dataset;
  dataset.name = proto.name();
  dataset.calendar = proto.calendar();
  dataset.time_column = proto.time_column();
  dataset.entity_column = proto.entity_column();
  if (proto.has_timeframe()) dataset.timeframe = ToDuration(proto.timeframe());
  for (const pb::DatasetColumn& column : proto.columns()) {
    const auto type = static_cast<columns::ColumnType>(column.type());
    if (columns::ColumnTypeName(type) == "unknown") {
      return status::FieldInvalid(absl::StrCat("columns.", column.name()),
                                  absl::StrCat(static_cast<int>(column.type())),
                                  "is no known column type");
    }
    dataset.schema.push_back({column.name(), type, column.nullable()});
    ASSIGN_OR_RETURN(std::string rollup, ToRollup(column));
    if (!rollup.empty()) dataset.rollups[column.name()] = std::move(rollup);
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
