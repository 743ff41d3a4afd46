// Reads the windows of a plan and evaluates it, entity by entity.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/columns/column_batch.h"
#include "common/time/cancellation.h"
#include "common/time/iso8601.h"
#include "compute_service/engine/vector/evaluator.h"
#include "compute_service/planner/series_plan.h"
#include "compute_service/registry_client/registry_client.h"

namespace metricstore::compute {

// Whose rows are read.
struct WindowScope {
  std::string project;
  std::vector<std::string> entities;  // empty: all; not read where datasets have no entities
  // Read of the home dataset where no window shows anything, for its watermark; nullopt: nothing.
  std::optional<TimeRange> fallback;
};

// What is done with what is read. All run on the calling thread.
struct WindowHooks {
  // Takes the points of an entity, one element for each output of the plan; entities come in
  // bytewise order, each once, those without any row not at all. `rows_read` are those so far.
  std::function<absl::Status(std::string_view entity, std::vector<vector::MetricPoints>&& outputs,
                             int64_t rows_read)>
      sink;
  // Optional. Runs each step of evaluation, so that its time can be told from that of reading.
  std::function<absl::Status(absl::FunctionRef<absl::Status()> step)> evaluate;
  // Optional. Sees the rows of an entity of plan.sources[source].
  std::function<absl::Status(size_t source, const columns::ColumnBatch& rows)> observe;
};

struct WindowSummary {
  int64_t rows_read = 0;
  int64_t read_watermark = 0;  // the least of the windows'
};

// The points of other datasets than the home one are kept until their entity's turn comes; rows of
// one entity are held at a time.
inline constexpr int64_t kMostKeptBytes = 256 << 20;

// Errors are those of the registry, of the sink, of PlanEvaluator, and RESOURCE_EXHAUSTED
// (TOO_LARGE, metadata limit_bytes) beyond kMostKeptBytes.
absl::StatusOr<WindowSummary> EvaluateWindows(RegistryClient& registry, const SeriesPlan& plan,
                                              const WindowScope& scope, const WindowHooks& hooks,
                                              const CallBounds& bounds);

}  // namespace metricstore::compute
