#include "compute_service/engine/vector/execution/execution_input.h"

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "compute_service/engine/vector/kernels/loops/reductions.h"

namespace metricstore::compute::vector {
namespace {

using columns::Column;
using columns::ColumnBatch;
using columns::ColumnType;

// Rows are numbered with 32 bits.
constexpr size_t kMaxRows = 1ULL << 31;

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

absl::Status CheckPresent(const std::string& name, const Column& column) {
  if (column.validity.all_valid()) return absl::OkStatus();
  for (size_t row = 0; row < column.int64.size(); ++row) {
    if (!column.validity.valid(row)) return BatchInvalid(name, "has a row without a time");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status BatchInvalid(const std::string& column, const std::string& problem) {
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "BATCH_INVALID",
                              absl::StrCat("column \"", column, "\": ", problem))
      .Metadata("column", column)
      .Build();
}

absl::StatusOr<ExecutionInput> InputOf(const Program& program, const ColumnBatch& rows,
                                       const std::string& time_column, RowLayoutMemory* layouts) {
  ASSIGN_OR_RETURN(ExecutionInput input, UnorderedInputOf(program, rows));
  ASSIGN_OR_RETURN(const Column* times, FindColumn(rows, time_column, ColumnType::kTimestamp));
  RETURN_IF_ERROR(CheckPresent(time_column, *times));
  input.times = times->int64;
  input.layouts = layouts;
  if (layouts != nullptr) input.layout = layouts->Find(input.times);
  if (input.layout == nullptr && !IsAscending(input.times.data(), input.times.size())) {
    return BatchInvalid(time_column, "is not in ascending order");
  }
  return input;
}

absl::StatusOr<ExecutionInput> UnorderedInputOf(const Program& program, const ColumnBatch& rows) {
  ExecutionInput input{
      .range = {0, rows.rows}, .times = {}, .columns = {}, .bucket_lists = program.bucket_lists};
  for (const ProgramColumn& column : program.columns) {
    ASSIGN_OR_RETURN(const Column* found, FindColumn(rows, column.name, column.type));
    if (rows.rows > kMaxRows) {
      return BatchInvalid(column.name, "has too many rows for one evaluation");
    }
    input.columns.push_back(found);
  }
  return input;
}

}  // namespace metricstore::compute::vector
