#include "compute_service/api/row_evaluation_call.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/columns/proto_conversion.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "compute_service/conversion/definition_conversion.h"
#include "compute_service/evaluation/row_evaluation.h"

namespace metricstore::compute {
namespace {

namespace pb = ::metricstore::registry::v1;

constexpr int kMostEvaluations = 1000;
constexpr size_t kMostBytes = 4u << 20;

std::string Path(std::string_view list, int index, std::string_view part) {
  return absl::StrCat(std::string(list), "[", index, "].", std::string(part));
}

absl::Status TooLarge(std::string_view what) {
  return status::ErrorBuilder(absl::StatusCode::kResourceExhausted, "TOO_LARGE",
                              absl::StrCat("the ", std::string(what), " is above ", kMostBytes,
                                           " bytes: send fewer evaluations at once"))
      .Metadata("limit_bytes", absl::StrCat(kMostBytes))
      .Build();
}

// Everything but the rows that the evaluations of a request refer to, by name.
class Ground {
 public:
  static absl::StatusOr<Ground> Of(const v1::EvaluateRowsRequest& request) {
    Ground ground;
    for (int i = 0; i < request.calendars_size(); ++i) {
      RETURN_IF_ERROR(ground.AddCalendar(request.calendars(i), Path("calendars", i, "name")));
    }
    for (int i = 0; i < request.datasets_size(); ++i) {
      RETURN_IF_ERROR(ground.AddDataset(request.datasets(i), Path("datasets", i, "")));
    }
    return ground;
  }

  struct Entry {
    Dataset dataset;
    std::shared_ptr<const calendar::Calendar> calendar;  // nullptr only without a time column
  };
  // nullptr if there is none of that name.
  const Entry* Find(const std::string& dataset) const {
    const auto found = datasets_.find(dataset);
    return found == datasets_.end() ? nullptr : &found->second;
  }

 private:
  absl::Status AddCalendar(const pb::Calendar& proto, const std::string& field) {
    if (calendars_.contains(proto.name())) {
      return status::FieldInvalid(field, proto.name(), "is there twice");
    }
    absl::StatusOr<calendar::CalendarSpec> spec = ToCalendarSpec(proto);
    if (!spec.ok())
      return status::FieldInvalid(field, proto.name(), std::string(spec.status().message()));
    auto made = calendar::Calendar::Create(*std::move(spec), proto.version());
    if (!made.ok())
      return status::FieldInvalid(field, proto.name(), std::string(made.status().message()));
    calendars_[proto.name()] = *std::move(made);
    return absl::OkStatus();
  }

  absl::Status AddDataset(const pb::Dataset& proto, const std::string& path) {
    if (datasets_.contains(proto.name())) {
      return status::FieldInvalid(absl::StrCat(path, "name"), proto.name(), "is there twice");
    }
    absl::StatusOr<Dataset> dataset = ToDataset(proto);
    if (!dataset.ok()) {
      return status::FieldInvalid(absl::StrCat(path, "columns"), proto.name(),
                                  std::string(dataset.status().message()));
    }
    const auto calendar = calendars_.find(proto.calendar());
    const bool is_known = calendar != calendars_.end();
    if (!is_known && !proto.time_column().empty()) {
      return status::FieldInvalid(absl::StrCat(path, "calendar"), proto.calendar(),
                                  "is not among the request's calendars");
    }
    datasets_[proto.name()] = {*std::move(dataset), is_known ? calendar->second : nullptr};
    return absl::OkStatus();
  }

  std::map<std::string, std::shared_ptr<const calendar::Calendar>> calendars_;
  std::map<std::string, Entry> datasets_;
};

absl::Status CheckRequest(const v1::EvaluateRowsRequest& request, const Ground& ground) {
  if (request.evaluations().empty()) return status::FieldRequired("evaluations");
  if (request.evaluations_size() > kMostEvaluations) {
    return status::FieldInvalid("evaluations", absl::StrCat(request.evaluations_size()),
                                absl::StrCat("must be at most ", kMostEvaluations));
  }
  for (int i = 0; i < request.evaluations_size(); ++i) {
    const v1::RowEvaluation& evaluation = request.evaluations(i);
    if (!evaluation.has_metric()) return status::FieldRequired(Path("evaluations", i, "metric"));
    if (!evaluation.has_rows()) return status::FieldRequired(Path("evaluations", i, "rows"));
    const std::string& dataset = evaluation.metric().dataset();
    // A metric that reads no dataset of its own is answered for itself.
    if (!dataset.empty() && ground.Find(dataset) == nullptr) {
      return status::FieldInvalid(Path("evaluations", i, "metric.dataset"), dataset,
                                  "is not among the request's datasets");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<EntityPoints>> Evaluate(const v1::RowEvaluation& evaluation,
                                                   const Ground& ground, const CallBounds& bounds) {
  if (evaluation.metric().dataset().empty()) {
    return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "NOT_SUPPORTED",
                                "a metric without a dataset of its own has no rows to evaluate")
        .Metadata("field", "dataset")
        .Build();
  }
  ASSIGN_OR_RETURN(const MetricDefinition metric, ToMetricDefinition(evaluation.metric()));
  const Ground::Entry& entry = *ground.Find(metric.dataset);
  if (entry.calendar == nullptr) {
    return status::FieldInvalid("dataset", metric.dataset, "has no time column");
  }
  ASSIGN_OR_RETURN(const columns::ColumnBatch rows, columns::FromProto(evaluation.rows()));
  return EvaluateMetric(metric, entry.dataset, *entry.calendar, rows, bounds);
}

void AddPoints(const EntityPoints& series, v1::RowEvaluationResult* result) {
  for (size_t i = 0; i < series.points.values.size(); ++i) {
    v1::EvaluatedPoint* point = result->add_points();
    point->set_entity(series.entity);
    *point->mutable_bucket_start_time() = ToProto(FromMicros(series.points.bucket_start_micros[i]));
    point->set_value(series.points.values[i]);
    point->set_status(static_cast<pb::PointStatus>(series.points.statuses[i]));
    if (!series.points.texts.empty()) point->set_text(series.points.texts[i]);
  }
}

// Puts what is wrong with one evaluation into its result; other errors are the call's.
absl::Status AddError(const absl::Status& error, v1::RowEvaluationResult* result) {
  if (!absl::IsInvalidArgument(error)) return error;
  std::string reason = status::ReasonOf(error);
  // The fields that FIELD_INVALID names are those of the definition.
  if (reason == "FIELD_INVALID" || reason == "FIELD_REQUIRED") reason = "DEFINITION_INVALID";
  result->set_error_reason(reason);
  result->set_error(std::string(error.message()));
  return absl::OkStatus();
}

}  // namespace

absl::Status EvaluateRows(const v1::EvaluateRowsRequest& request, const CallBounds& bounds,
                          v1::EvaluateRowsResponse* response) {
  if (request.ByteSizeLong() > kMostBytes) return TooLarge("request");
  ASSIGN_OR_RETURN(const Ground ground, Ground::Of(request));
  RETURN_IF_ERROR(CheckRequest(request, ground));
  size_t bytes = 0;
  for (const v1::RowEvaluation& evaluation : request.evaluations()) {
    RETURN_IF_ERROR(bounds.Check());
    v1::RowEvaluationResult* const result = response->add_results();
    const absl::StatusOr<std::vector<EntityPoints>> points = Evaluate(evaluation, ground, bounds);
    if (points.ok()) {
      for (const EntityPoints& series : *points) AddPoints(series, result);
    } else {
      RETURN_IF_ERROR(AddError(points.status(), result));
    }
    bytes += result->ByteSizeLong();
    if (bytes > kMostBytes) return TooLarge("answer");
  }
  return absl::OkStatus();
}

}  // namespace metricstore::compute
