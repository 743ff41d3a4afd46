#include "compute_service/engine/vector/row_evaluator.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/status/macros.h"
#include "compute_service/engine/vector/execution/execution.h"
#include "compute_service/engine/vector/point_values.h"
#include "compute_service/engine/vector/program/compile.h"
#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {
namespace {

using columns::Column;
using columns::ColumnType;

// Copies the values of rows; NULL is zero already.
void CopyValues(const Operand& root, size_t rows, Column* column) {
  switch (column->type) {
    case ColumnType::kFloat64:
      column->float64.assign(root.as<double>(), root.as<double>() + rows);
      return;
    case ColumnType::kBool:
      column->boolean.assign(root.as<uint8_t>(), root.as<uint8_t>() + rows);
      return;
    case ColumnType::kDate:
      for (size_t i = 0; i < rows; ++i) {
        column->date.push_back(static_cast<int32_t>(root.as<int64_t>()[i]));
      }
      return;
    default:
      column->int64.assign(root.as<int64_t>(), root.as<int64_t>() + rows);
  }
}

// What is no value of a point becomes NULL, and the status says why.
void Drop(size_t row, PointStatus status, RowValues* values) {
  const size_t rows = values->statuses.size();
  values->statuses[row] = status;
  values->column.validity.SetNull(row, rows);
  if (values->column.type == ColumnType::kFloat64) values->column.float64[row] = 0;
  if (values->column.type == ColumnType::kText) values->column.codes[row] = 0;
}

void CopyTexts(const Operand& root, const TextPool& texts, size_t rows, RowValues* values) {
  columns::DictionaryBuilder dictionary;
  values->column.codes.resize(rows);
  for (size_t i = 0; i < rows; ++i) {
    if (root.valid != nullptr && root.valid[i] == 0) continue;
    const std::string_view text = texts[root.as<uint32_t>()[i]];
    values->statuses[i] = StatusOfText(text, {.type = ColumnType::kText});
    if (values->statuses[i] == PointStatus::kOk) values->column.codes[i] = dictionary.CodeOf(text);
  }
  values->column.dictionary = dictionary.Take();
}

RowValues ValuesOf(const Operand& root, ColumnType type, const TextPool& texts, size_t rows) {
  RowValues values;
  values.column.type = type;
  values.statuses.resize(rows, PointStatus::kOk);
  if (type == ColumnType::kText) {
    CopyTexts(root, texts, rows, &values);
  } else {
    CopyValues(root, rows, &values.column);
  }
  for (size_t i = 0; i < rows; ++i) {
    const bool is_null = root.valid != nullptr && root.valid[i] == 0;
    if (is_null) {
      Drop(i, PointStatus::kNull, &values);
    } else if (type == ColumnType::kFloat64 && !std::isfinite(values.column.float64[i])) {
      Drop(i, PointStatus::kNotFinite, &values);
    } else if (values.statuses[i] != PointStatus::kOk) {
      Drop(i, values.statuses[i], &values);
    }
  }
  return values;
}

}  // namespace

MetricPoints PointsOf(const RowValues& values) {
  const Column& column = values.column;
  MetricPoints points;
  points.statuses = values.statuses;
  points.values.resize(values.statuses.size());
  if (column.type == ColumnType::kText) points.texts.resize(values.statuses.size());
  for (size_t i = 0; i < points.statuses.size(); ++i) {
    if (points.statuses[i] != PointStatus::kOk) continue;
    switch (column.type) {
      case ColumnType::kFloat64:
        points.values[i] = column.float64[i];
        break;
      case ColumnType::kBool:
        points.values[i] = column.boolean[i];
        break;
      case ColumnType::kText:
        SetText(column.text(i), i, &points);
        break;
      case ColumnType::kDate:
        SetInteger(column.date[i], i, &points);
        break;
      default:
        SetInteger(column.int64[i], i, &points);
    }
  }
  return points;
}

struct RowEvaluator::Program {
  vector::Program compiled;
  ColumnType type = ColumnType::kFloat64;
  std::vector<std::string> columns;
};

RowEvaluator::RowEvaluator(std::unique_ptr<const Program> program) : program_(std::move(program)) {}
RowEvaluator::~RowEvaluator() = default;

absl::StatusOr<std::unique_ptr<const RowEvaluator>> RowEvaluator::Create(
    const expression::Node& root, const expression::Schema& schema, StandIn stand_in) {
  auto program = std::make_unique<Program>();
  ASSIGN_OR_RETURN(program->compiled, CompileRows(root, stand_in, schema));
  program->type = root.type;
  for (const ProgramColumn& column : program->compiled.columns) {
    program->columns.push_back(column.name);
  }
  std::sort(program->columns.begin(), program->columns.end());
  return std::unique_ptr<const RowEvaluator>(new RowEvaluator(std::move(program)));
}

const std::vector<std::string>& RowEvaluator::columns() const { return program_->columns; }

absl::StatusOr<RowValues> RowEvaluator::Evaluate(const columns::ColumnBatch& rows,
                                                 const CallBounds& bounds) const {
  const vector::Program& compiled = program_->compiled;
  ASSIGN_OR_RETURN(const ExecutionInput input, UnorderedInputOf(compiled, rows));
  RowValues values;
  const auto keep = [&](const Operand& root, const TextPool& texts) {
    values = ValuesOf(root, program_->type, texts, rows.rows);
  };
  RETURN_IF_ERROR(ExecuteRows(compiled, input, bounds, keep));
  return values;
}

}  // namespace metricstore::compute::vector
