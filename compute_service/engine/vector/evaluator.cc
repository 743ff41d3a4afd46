#include "compute_service/engine/vector/evaluator.h"

#include <algorithm>
#include <utility>

#include "common/expression/node.h"
#include "common/status/macros.h"
#include "compute_service/engine/vector/execution/execution.h"
#include "compute_service/engine/vector/point_values.h"
#include "compute_service/engine/vector/program/compile.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {
namespace {

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
  std::vector<OutputForm> outputs;  // of tasks
  RowLayoutMemory layouts;          // shared by all evaluations
};

Evaluator::Evaluator(std::unique_ptr<Program> program) : program_(std::move(program)) {}
Evaluator::~Evaluator() = default;

absl::StatusOr<std::unique_ptr<Evaluator>> Evaluator::Create(std::vector<MetricTask> tasks,
                                                             std::string time_column,
                                                             const expression::Schema& schema) {
  auto program = std::make_unique<Program>();
  ASSIGN_OR_RETURN(program->compiled, Compile(tasks, schema, time_column));
  for (const MetricTask& task : tasks) {
    const expression::Node& root = task.expression->root();
    program->outputs.push_back({.type = root.type, .is_vector = root.is_vector});
  }
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
  ASSIGN_OR_RETURN(const ExecutionInput input,
                   InputOf(compiled, rows, program_->time_column, &program_->layouts));
  std::vector<MetricPoints> points(compiled.task_count);
  const auto emit = [&](const GroupValues& values) {
    const std::vector<int64_t> starts = StartsOf(values);
    for (size_t i = 0; i < values.group.tasks.size(); ++i) {
      const uint32_t task = values.group.tasks[i];
      points[task] = PointsOf(values.store[values.group.roots[i]], program_->outputs[task],
                              values.texts, values.buckets.size());
      points[task].bucket_start_micros = starts;
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(Execute(compiled, input, bounds, emit));
  return points;
}

}  // namespace metricstore::compute::vector
