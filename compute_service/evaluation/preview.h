// Evaluates metrics, stored or given, over stored rows, without storing anything.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/cancellation.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"
#include "compute_service/engine/vector/evaluator.h"
#include "compute_service/planner/definition_source.h"
#include "compute_service/registry_client/registry_client.h"

namespace metricstore::compute {

// A metric to evaluate.
struct PreviewMetric {
  MetricRef ref;  // of a stored one; a bare name will do where only one category has it
  // Set for a definition that came along, of version 0: metrics that read its id read it.
  DefinitionPtr definition = nullptr;
  // The request's field, for errors: "metrics[2]".
  std::string path;
};

struct PreviewRequest {
  std::string project;
  std::vector<PreviewMetric> metrics;
  std::vector<std::string> entities;  // empty: all that have rows
  DateRange dates;                    // widened to whole buckets
  std::optional<Grain> grain;         // nullopt: each metric's own
};

// The points of one metric for one entity.
struct PreviewSeries {
  size_t metric_index = 0;  // among those of the request
  MetricRef metric;
  Grain grain = Grain::kDay;
  std::string_view entity;
  vector::MetricPoints points;
};

using PreviewSink = std::function<absl::Status(PreviewSeries&& series, int64_t rows_read)>;

// Hands the series that have points to `sink`: metric by metric within an entity, entities in
// bytewise order, metrics of one home dataset together. Each of these groups is read in one
// snapshot a dataset. Returns the rows read. Holds one entity's rows at a time. Errors: those of
// the sink, of the registry, of EvaluateWindows; INVALID_ARGUMENT as MetricGraph::Load and
// PlanSeries, told by the request's fields, and (FIELD_INVALID) for dates that a calendar does not
// know and for a definition that is there twice; NOT_FOUND (ENTITY_NOT_FOUND, metadata dataset and
// entity), after the series of the others, for a named entity without any stored row in the
// datasets that are read, whatever the dates.
absl::StatusOr<int64_t> EvaluatePreview(RegistryClient& registry, const PreviewRequest& request,
                                        const PreviewSink& sink, const CallBounds& bounds);

}  // namespace metricstore::compute
