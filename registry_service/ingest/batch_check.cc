#include "registry_service/ingest/batch_check.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/status/error.h"
#include "common/time/iso8601.h"
#include "registry_service/datasets/raw_table.h"

namespace metricstore::registry {
namespace {

using columns::Column;
using columns::ColumnType;

absl::Status BatchInvalid(const std::string& column, const std::string& problem) {
  return status::ErrorBuilder(absl::StatusCode::kInvalidArgument, "BATCH_INVALID", problem)
      .Metadata("column", column)
      .Build();
}

absl::Status UnknownColumn(const Dataset& dataset, const std::string& column) {
  std::vector<std::string> names;
  for (const DatasetColumn& known : dataset.columns) names.push_back(known.name);
  const std::string closest = status::ClosestMatch(column, names);
  return BatchInvalid(column,
                      absl::StrCat("dataset ", dataset.name, " has no column \"", column, "\"",
                                   closest.empty() ? "" : "; did you mean \"" + closest + "\"?"));
}

// A row without its time would belong nowhere, whatever the declaration says.
bool AcceptsNull(const Dataset& dataset, const DatasetColumn& column) {
  return column.nullable && column.name != dataset.time_column;
}

// What rows are checked against, column by column.
struct ColumnRule {
  const DatasetColumn* declared;
  const Column* values;
  bool nullable;
  bool in_key;
  bool is_entity;
};

const int64_t kFirstMicros =
    ToMicros(absl::FromCivil(absl::CivilDay(1900, 1, 1), absl::UTCTimeZone()));
const int64_t kEndMicros =
    ToMicros(absl::FromCivil(absl::CivilDay(2201, 1, 1), absl::UTCTimeZone()));
const int32_t kFirstDay = ToEpochDays(absl::CivilDay(1900, 1, 1));
const int32_t kEndDay = ToEpochDays(absl::CivilDay(2201, 1, 1));

// What is wrong with a row's value, or "".
std::string ProblemOf(const ColumnRule& rule, size_t row) {
  const Column& column = *rule.values;
  if (!column.validity.valid(row)) {
    return rule.nullable ? "" : "is NULL, but the column needs a value";
  }
  switch (column.type) {
    case ColumnType::kFloat64:
      if (!std::isfinite(column.float64[row])) return "is not a finite number";
      break;
    case ColumnType::kTimestamp:
      if (column.int64[row] < kFirstMicros || column.int64[row] >= kEndMicros) {
        return "is not within the years 1900 to 2200";
      }
      break;
    case ColumnType::kDate:
      if (column.date[row] < kFirstDay || column.date[row] >= kEndDay) {
        return "is not within the years 1900 to 2200";
      }
      break;
    case ColumnType::kText:
      if (rule.is_entity && column.text(row).empty()) return "is empty, but names the entity";
      if (rule.in_key && column.text(row).size() > kMaxKeyTextBytes) {
        return absl::StrCat("is longer than ", kMaxKeyTextBytes, " bytes");
      }
      break;
    case ColumnType::kInt64:
    case ColumnType::kBool:
      break;
  }
  return "";
}

// Columns whose every value is fine are left out: most batches have no rule left that could fail.
bool CanFail(const ColumnRule& rule) {
  const Column& column = *rule.values;
  if (!column.validity.all_valid() && !rule.nullable) return true;
  switch (column.type) {
    case ColumnType::kFloat64:
      return !std::all_of(column.float64.begin(), column.float64.end(),
                          [](double value) { return std::isfinite(value); });
    case ColumnType::kTimestamp: {
      const auto [low, high] = std::minmax_element(column.int64.begin(), column.int64.end());
      return *low < kFirstMicros || *high >= kEndMicros;
    }
    case ColumnType::kDate: {
      const auto [low, high] = std::minmax_element(column.date.begin(), column.date.end());
      return *low < kFirstDay || *high >= kEndDay;
    }
    case ColumnType::kText:
      return (rule.is_entity || rule.in_key) &&
             std::any_of(column.dictionary.begin(), column.dictionary.end(),
                         [](const std::string& entry) {
                           return entry.empty() || entry.size() > kMaxKeyTextBytes;
                         });
    case ColumnType::kInt64:
    case ColumnType::kBool:
      break;
  }
  return false;
}

}  // namespace

absl::StatusOr<std::vector<const Column*>> MatchColumns(const Dataset& dataset,
                                                        const columns::ColumnBatch& rows) {
  if (rows.rows == 0) return BatchInvalid("", "a batch needs at least one row");
  for (const Column& column : rows.columns) {
    if (dataset.Find(column.name) == nullptr) return UnknownColumn(dataset, column.name);
  }
  std::vector<const Column*> matched;
  for (const DatasetColumn& declared : dataset.columns) {
    const Column* column = rows.Find(declared.name);
    if (column == nullptr && !AcceptsNull(dataset, declared)) {
      return BatchInvalid(declared.name, absl::StrCat("column \"", declared.name, "\" of dataset ",
                                                      dataset.name, " is missing"));
    }
    if (column != nullptr && column->type != declared.type) {
      return BatchInvalid(
          declared.name, absl::StrCat("column \"", declared.name, "\" must be ",
                                      std::string(columns::ColumnTypeName(declared.type)), ", not ",
                                      std::string(columns::ColumnTypeName(column->type))));
    }
    matched.push_back(column);
  }
  return matched;
}

RejectedRows CheckRows(const Dataset& dataset, const std::vector<const Column*>& columns,
                       const IncomingBatch& batch) {
  const std::vector<std::string> key = KeyColumns(dataset);
  std::vector<ColumnRule> rules;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] == nullptr) continue;
    const DatasetColumn& declared = dataset.columns[i];
    const ColumnRule rule{&declared, columns[i], AcceptsNull(dataset, declared),
                          std::find(key.begin(), key.end(), declared.name) != key.end(),
                          declared.name == dataset.entity_column};
    if (CanFail(rule)) rules.push_back(rule);
  }
  if (rules.empty()) return batch.rejected;
  RejectedRows rejected;
  auto known = batch.rejected.rows().begin();
  auto listed = batch.rejected.listed().begin();
  for (uint32_t row = 0; row < batch.rows.rows; ++row) {
    if (known != batch.rejected.rows().end() && *known == row) {
      ++known;
      const bool described = listed != batch.rejected.listed().end();
      rejected.Add(row, described ? listed->column : "", described ? listed->description : "");
      if (described) ++listed;
      continue;
    }
    for (const ColumnRule& rule : rules) {
      const std::string problem = ProblemOf(rule, row);
      if (!problem.empty()) rejected.Add(row, rule.declared->name, problem);
    }
  }
  return rejected;
}

}  // namespace metricstore::registry
