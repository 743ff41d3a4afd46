#include "compute_service/engine/vector/evaluator.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "compute_service/engine/vector/compile.h"
#include "compute_service/engine/vector/execution.h"
#include "compute_service/engine/vector/program.h"

namespace metricstore::compute::vector {
namespace {

using columns::Column;
using columns::ColumnBatch;
using columns::ColumnType;

// Rows are numbered with 32 bits.
constexpr size_t kMaxRows = 1ULL << 31;

absl::Status BatchInvalid(const std::string& column, const std::string& problem) {
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "BATCH_INVALID",
                              absl::StrCat("column \"", column, "\": ", problem))
      .Metadata("column", column)
      .Build();
}

absl::StatusOr<const Column*> FindColumn(const ColumnBatch& rows, const std::string& name,
                                         ColumnType type) {
  const Column* const column = rows.Find(name);
  if (column == nullptr) return BatchInvalid(name, "is not among the rows");
  if (column->type != type) {
    return BatchInvalid(name, absl::StrCat("is ", std::string(ColumnTypeName(column->type)),
                                           ", not ", std::string(ColumnTypeName(type))));
  }
  if (column->size() != rows.rows) return BatchInvalid(name, "has another number of rows");
  return column;
}

absl::Status CheckTimes(const std::string& name, const Column& column) {
  if (!column.validity.all_valid()) {
    for (size_t row = 0; row < column.int64.size(); ++row) {
      if (!column.validity.valid(row)) return BatchInvalid(name, "has a row without a time");
    }
  }
  if (std::is_sorted(column.int64.begin(), column.int64.end())) return absl::OkStatus();
  return BatchInvalid(name, "is not in ascending order");
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

absl::StatusOr<std::vector<MetricPoints>> Evaluator::Evaluate(const ColumnBatch& rows,
                                                              const CallBounds& bounds) const {
  if (rows.rows > kMaxRows) {
    return BatchInvalid(program_->time_column, "has too many rows for one evaluation");
  }
  ASSIGN_OR_RETURN(const Column* times,
                   FindColumn(rows, program_->time_column, ColumnType::kTimestamp));
  RETURN_IF_ERROR(CheckTimes(program_->time_column, *times));
  ExecutionInput input{.rows = rows.rows, .times = times->int64, .columns = {}};
  for (const ProgramColumn& column : program_->compiled.columns) {
    ASSIGN_OR_RETURN(const Column* found, FindColumn(rows, column.name, column.type));
    input.columns.push_back(found);
  }
  return Execute(program_->compiled, input, bounds);
}

}  // namespace metricstore::compute::vector
