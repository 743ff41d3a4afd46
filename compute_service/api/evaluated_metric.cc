#include "compute_service/api/evaluated_metric.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "compute_service/conversion/definition_conversion.h"
#include "compute_service/evaluation/request_blame.h"

namespace metricstore::compute {

absl::StatusOr<PreviewMetric> ToPreviewMetric(const v1::EvaluatedMetric& proto,
                                              const std::string& path) {
  PreviewMetric metric{.ref = {}, .definition = nullptr, .path = path};
  switch (proto.metric_case()) {
    case v1::EvaluatedMetric::kName:
      if (proto.name().empty()) return status::FieldRequired(absl::StrCat(path, ".name"));
      if (proto.version() < 0) {
        return status::FieldInvalid(absl::StrCat(path, ".version"), absl::StrCat(proto.version()),
                                    "is 0 or a version");
      }
      metric.ref = {proto.name(), proto.version()};
      return metric;
    case v1::EvaluatedMetric::kDefinition: {
      if (proto.version() != 0) {
        return status::FieldInvalid(absl::StrCat(path, ".version"), absl::StrCat(proto.version()),
                                    "a definition that comes along has none");
      }
      absl::StatusOr<MetricDefinition> definition = ToGivenDefinition(proto.definition());
      if (!definition.ok()) {
        return UnderField(definition.status(), absl::StrCat(path, ".definition"));
      }
      metric.ref = definition->ref;
      metric.definition = std::make_shared<const MetricDefinition>(*std::move(definition));
      return metric;
    }
    case v1::EvaluatedMetric::METRIC_NOT_SET:
      break;
  }
  return status::FieldRequired(path);
}

absl::StatusOr<DateRange> ToDates(const common::v1::DateInterval& proto) {
  constexpr int64_t kMostDays = 20 * 366;
  if (proto.start_date().empty()) return status::FieldRequired("dates.start_date");
  if (proto.end_date().empty()) return status::FieldRequired("dates.end_date");
  DateRange dates;
  ASSIGN_OR_RETURN(dates.start, ParseDate("dates.start_date", proto.start_date()));
  ASSIGN_OR_RETURN(dates.end, ParseDate("dates.end_date", proto.end_date()));
  if (dates.end <= dates.start) {
    return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "INTERVAL_REVERSED",
                                "dates end before, or where, they start")
        .Metadata("start", proto.start_date())
        .Metadata("end", proto.end_date())
        .Field("dates", "end_date must be later than start_date")
        .Build();
  }
  if (dates.end - dates.start > kMostDays) {
    return status::FieldInvalid("dates", absl::StrCat(proto.start_date(), "/", proto.end_date()),
                                "are at most 20 years");
  }
  return dates;
}

}  // namespace metricstore::compute
