#include "compute_service/engine/vector/evaluator.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/status/macros.h"
#include "compute_service/engine/vector/compile.h"
#include "compute_service/engine/vector/execution.h"
#include "compute_service/engine/vector/program.h"

namespace metricstore::compute::vector {
namespace {

MetricPoints PointsOf(const Operand& result, ValueType type, size_t count) {
  MetricPoints points;
  points.values.resize(count);
  points.statuses.resize(count, PointStatus::kOk);
  for (size_t i = 0; i < count; ++i) {
    const double value = type == ValueType::kFloat64 ? result.as<double>()[i]
                                                     : static_cast<double>(result.as<int64_t>()[i]);
    if (result.valid != nullptr && result.valid[i] == 0) {
      points.statuses[i] = PointStatus::kNull;
    } else if (!std::isfinite(value)) {
      points.statuses[i] = PointStatus::kNotFinite;
    } else {
      points.values[i] = value;
    }
  }
  return points;
}

std::vector<int64_t> StartsOf(const GroupValues& values) {
  std::vector<int64_t> starts;
  starts.reserve(values.buckets.size());
  for (const uint32_t bucket : values.buckets) starts.push_back(values.list.spans[bucket].start);
  return starts;
}

}  // namespace

struct Evaluator::Program {
  vector::Program compiled;
  std::string time_column;
  std::vector<std::string> columns;
};

Evaluator::Evaluator(std::unique_ptr<Program> program) : program_(std::move(program)) {}
Evaluator::~Evaluator() = default;

absl::StatusOr<std::unique_ptr<Evaluator>> Evaluator::Create(std::vector<MetricTask> tasks,
                                                             std::string time_column,
                                                             const expression::Schema& schema) {
  auto program = std::make_unique<Program>();
  ASSIGN_OR_RETURN(program->compiled, Compile(tasks, schema));
  for (const ProgramColumn& column : program->compiled.columns) {
    if (column.name != time_column) program->columns.push_back(column.name);
  }
  std::sort(program->columns.begin(), program->columns.end());
  program->time_column = std::move(time_column);
  return std::unique_ptr<Evaluator>(new Evaluator(std::move(program)));
}

const std::vector<std::string>& Evaluator::columns() const { return program_->columns; }

absl::StatusOr<std::vector<MetricPoints>> Evaluator::Evaluate(const columns::ColumnBatch& rows,
                                                              const CallBounds& bounds) const {
  const vector::Program& compiled = program_->compiled;
  ASSIGN_OR_RETURN(const ExecutionInput input, InputOf(compiled, rows, program_->time_column));
  std::vector<MetricPoints> points(compiled.task_count);
  const auto emit = [&](const GroupValues& values) {
    const std::vector<int64_t> starts = StartsOf(values);
    for (size_t i = 0; i < values.group.tasks.size(); ++i) {
      const ValueId root = values.group.roots[i];
      MetricPoints made =
          PointsOf(values.store[root], compiled.values[root].type, values.buckets.size());
      made.bucket_start_micros = starts;
      points[values.group.tasks[i]] = std::move(made);
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(Execute(compiled, input, bounds, emit));
  return points;
}

}  // namespace metricstore::compute::vector
