// Says how one value of a metric comes about.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/columns/column_batch.h"
#include "common/time/cancellation.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"
#include "compute_service/engine/vector/evaluator.h"
#include "compute_service/planner/definition_source.h"
#include "compute_service/planner/executor_choice.h"
#include "compute_service/registry_client/registry_client.h"

namespace metricstore::compute {

struct ExplanationRequest {
  std::string project;
  DefinitionPtr metric;  // of version 0 if it came along: metrics that read its id read it
  std::vector<DefinitionPtr> definitions;  // others that came along; readers of their ids read them
  std::string entity;
  absl::CivilDay date;         // one of the bucket's
  std::optional<Grain> grain;  // nullopt: the metric's own
  std::optional<absl::Time>
      hour;  // start of the bucket at grain hour; nullopt: the first with a point
  int row_limit = 0;
};

// A point by itself.
struct ExplainedPoint {
  int64_t bucket_start_micros = 0;
  double value = 0;
  vector::PointStatus status = vector::PointStatus::kOk;
  std::string text;
};

// An aggregate of the expression, or a metric that it reads.
struct ExplainedPart {
  std::string expression;  // canonical
  int32_t version = 0;     // of a metric
  int uses = 1;            // how often the expression has it
  std::optional<int64_t>
      bucket_start_micros;  // nullopt where the calendar does not know the bucket
  std::optional<ExplainedPoint> point;
};

struct Explanation {
  std::string canonical_expression;
  ExecutorChoice executor;
  std::string calendar;
  int32_t calendar_version = 0;
  std::string time_zone;
  Grain grain = Grain::kDay;
  DateRange bucket_dates;
  std::vector<TimeRange> slices;  // all of them, in order
  std::vector<std::string> columns;
  int64_t row_count = 0;          // in the slices
  int64_t counted_row_count = 0;  // of these, those that pass the filters
  columns::ColumnBatch rows;      // of the slices, as many as were asked for
  std::vector<ExplainedPart> parts;
  std::optional<ExplainedPoint> point;
  std::vector<std::string> plan;  // for people, a line each
};

// Reads the rows of the entity in the dates of the bucket and of all that it depends on. A metric
// that is a whole SELECT has the choice of its executor explained, and nothing more. NOT_FOUND
// (ENTITY_NOT_FOUND, metadata dataset and entity: no rows of it there), INVALID_ARGUMENT as
// MetricGraph::Load and PlanSeries (fields of metrics that came along under "metric.definition" and
// "definitions[2]"), FIELD_REQUIRED and FIELD_INVALID (entity, date, hour, a definition that is
// there twice); errors of the registry and of EvaluateWindows.
absl::StatusOr<Explanation> ExplainPoint(RegistryClient& registry,
                                         const ExplanationRequest& request,
                                         const CallBounds& bounds);

}  // namespace metricstore::compute
