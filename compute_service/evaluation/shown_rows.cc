#include "compute_service/evaluation/shown_rows.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "common/status/macros.h"
#include "compute_service/engine/vector/row_evaluator.h"

namespace metricstore::compute {
namespace {

using columns::Column;
using columns::ColumnType;

template <typename Value>
void Take(const std::vector<Value>& from, std::span<const size_t> indexes, std::vector<Value>* to) {
  for (const size_t i : indexes) to->push_back(from[i]);
}

Column TakeRows(const Column& from, std::span<const size_t> indexes) {
  Column to{.name = from.name, .type = from.type};
  for (size_t row = 0; row < indexes.size(); ++row) {
    if (!from.validity.valid(indexes[row])) to.validity.SetNull(row, indexes.size());
  }
  switch (from.type) {
    case ColumnType::kFloat64:
      Take(from.float64, indexes, &to.float64);
      break;
    case ColumnType::kInt64:
    case ColumnType::kTimestamp:
      Take(from.int64, indexes, &to.int64);
      break;
    case ColumnType::kBool:
      Take(from.boolean, indexes, &to.boolean);
      break;
    case ColumnType::kDate:
      Take(from.date, indexes, &to.date);
      break;
    case ColumnType::kText: {
      columns::DictionaryBuilder texts;
      for (const size_t i : indexes) {
        to.codes.push_back(from.validity.valid(i) ? texts.CodeOf(from.text(i)) : 0);
      }
      to.dictionary = texts.Take();
    }
  }
  return to;
}

columns::ColumnBatch TakeEnds(const columns::ColumnBatch& rows, std::span<const size_t> indexes,
                              size_t limit) {
  std::vector<size_t> taken(indexes.begin(), indexes.end());
  if (taken.size() > limit) {
    const size_t first = (limit + 1) / 2;
    const size_t last = limit - first;
    taken.erase(taken.begin() + static_cast<std::ptrdiff_t>(first),
                taken.end() - static_cast<std::ptrdiff_t>(last));
  }
  columns::ColumnBatch ends{.rows = taken.size(), .columns = {}};
  if (taken.empty()) return ends;
  for (const Column& column : rows.columns) ends.columns.push_back(TakeRows(column, taken));
  return ends;
}

size_t BytesOf(const columns::ColumnBatch& rows) {
  size_t bytes = 0;
  for (const Column& column : rows.columns) {
    bytes += rows.rows * columns::ValueBytes(column.type);
    for (const std::string& text : column.dictionary) bytes += text.size();
  }
  return bytes;
}

}  // namespace

std::vector<size_t> RowsWithin(const columns::ColumnBatch& rows, const std::string& time_column,
                               std::span<const TimeRange> slices) {
  std::vector<size_t> indexes;
  const Column* const times = rows.Find(time_column);
  if (times == nullptr) return indexes;
  for (const TimeRange& slice : slices) {
    const auto first =
        std::lower_bound(times->int64.begin(), times->int64.end(), ToMicros(slice.start));
    const auto end = std::lower_bound(first, times->int64.end(), ToMicros(slice.end));
    for (auto at = first; at != end; ++at) {
      indexes.push_back(static_cast<size_t>(at - times->int64.begin()));
    }
  }
  return indexes;
}

absl::StatusOr<int64_t> CountPassing(const columns::ColumnBatch& rows,
                                     std::span<const size_t> indexes,
                                     std::span<const BoundPtr> filters,
                                     const expression::Schema& schema, const CallBounds& bounds) {
  std::vector<size_t> passing(indexes.begin(), indexes.end());
  for (const BoundPtr& filter : filters) {
    if (passing.empty()) break;
    ASSIGN_OR_RETURN(
        const std::unique_ptr<const vector::RowEvaluator> evaluator,
        vector::RowEvaluator::Create(filter->root(), schema,
                                     [](const expression::Node&) { return std::string(); }));
    ASSIGN_OR_RETURN(const vector::RowValues values, evaluator->Evaluate(rows, bounds));
    std::erase_if(passing, [&values](size_t row) {
      return values.statuses[row] != vector::PointStatus::kOk || values.column.boolean[row] == 0;
    });
  }
  return std::ssize(passing);
}

columns::ColumnBatch Sample(const columns::ColumnBatch& rows, std::span<const size_t> indexes,
                            size_t limit) {
  columns::ColumnBatch sample = TakeEnds(rows, indexes, limit);
  while (BytesOf(sample) > kMostSampleBytes) {
    limit = std::min(limit, sample.rows) / 2;
    sample = TakeEnds(rows, indexes, limit);
  }
  return sample;
}

}  // namespace metricstore::compute
