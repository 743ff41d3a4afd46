#include "compute_service/engine/series/derived_series.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "common/status/macros.h"

namespace metricstore::compute {
namespace {

using columns::Column;
using columns::ColumnType;
using vector::MetricPoints;
using vector::PointStatus;

constexpr size_t kNoPoint = std::numeric_limits<size_t>::max();

// Finds the points of buckets that mostly come in order.
class PointFinder {
 public:
  explicit PointFinder(const MetricPoints& points) : starts_(points.bucket_start_micros) {}

  size_t Find(int64_t start) {
    const bool is_behind = next_ > 0 && starts_[next_ - 1] >= start;
    const bool is_ahead = next_ < starts_.size() && starts_[next_] < start;
    if (is_behind || is_ahead) {
      const auto from = starts_.begin() + (is_behind ? 0 : static_cast<std::ptrdiff_t>(next_));
      next_ = static_cast<size_t>(std::lower_bound(from, starts_.end(), start) - starts_.begin());
    }
    return next_ < starts_.size() && starts_[next_] == start ? next_ : kNoPoint;
  }

 private:
  const std::vector<int64_t>& starts_;
  size_t next_ = 0;  // the point after those that were asked for
};

// For each bucket the point that an input has there, or kNoPoint.
std::vector<size_t> Align(const DerivedInput& input, const MetricPoints& points,
                          const std::vector<int64_t>& starts) {
  std::vector<size_t> found(starts.size(), kNoPoint);
  PointFinder finder(points);
  for (size_t i = 0; i < starts.size(); ++i) {
    const std::optional<int64_t> start =
        input.shift.has_value() ? input.shift->Of(starts[i]) : starts[i];
    if (start.has_value()) found[i] = finder.Find(*start);
  }
  return found;
}

// The integer that a point holds; its digits where a double does not hold it.
int64_t IntegerOf(const MetricPoints& points, size_t i) {
  if (!points.texts.empty() && !points.texts[i].empty()) {
    const std::string& digits = points.texts[i];
    int64_t value = 0;
    const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error == std::errc()) return value;
  }
  return static_cast<int64_t>(points.values[i]);
}

// Adds values to a column one by one.
class ColumnWriter {
 public:
  ColumnWriter(const DerivedInput& input, size_t rows) : rows_(rows) {
    column_.name = input.column;
    column_.type = input.type;
  }

  void AddPoint(const MetricPoints& points, size_t i) {
    const bool is_number = column_.type == ColumnType::kFloat64;
    if (points.statuses[i] == PointStatus::kNotFinite && is_number) {
      return AddNumber(std::numeric_limits<double>::quiet_NaN());
    }
    if (points.statuses[i] != PointStatus::kOk) return AddNull();
    if (column_.type == ColumnType::kText) {
      column_.codes.push_back(
          texts_.CodeOf(points.texts.empty() ? std::string_view() : points.texts[i]));
      ++row_;
    } else if (is_number) {
      AddNumber(points.values[i]);
    } else {
      AddWhole(IntegerOf(points, i));
    }
  }

  void AddNull() {
    column_.validity.SetNull(row_, rows_);
    if (column_.type == ColumnType::kText) {
      column_.codes.push_back(0);
      ++row_;
    } else if (column_.type == ColumnType::kFloat64) {
      AddNumber(0);
    } else {
      AddWhole(0);
    }
  }

  Column Take() {
    column_.dictionary = texts_.Take();
    return std::move(column_);
  }

 private:
  void AddNumber(double value) {
    column_.float64.push_back(value);
    ++row_;
  }
  void AddWhole(int64_t value) {
    switch (column_.type) {
      case ColumnType::kBool:
        column_.boolean.push_back(value != 0 ? 1 : 0);
        break;
      case ColumnType::kDate:
        column_.date.push_back(static_cast<int32_t>(value));
        break;
      default:
        column_.int64.push_back(value);
    }
    ++row_;
  }

  const size_t rows_;
  size_t row_ = 0;
  Column column_;
  columns::DictionaryBuilder texts_;
};

void KeepPoints(const std::vector<bool>& keep, MetricPoints* points) {
  size_t kept = 0;
  for (size_t i = 0; i < keep.size(); ++i) {
    if (!keep[i]) continue;
    points->values[kept] = points->values[i];
    points->statuses[kept] = points->statuses[i];
    points->bucket_start_micros[kept] = points->bucket_start_micros[i];
    if (!points->texts.empty() && kept != i) points->texts[kept] = std::move(points->texts[i]);
    ++kept;
  }
  points->values.resize(kept);
  points->statuses.resize(kept);
  points->bucket_start_micros.resize(kept);
  if (!points->texts.empty()) points->texts.resize(kept);
}

// Adds those of `starts` that lie in the ranges.
void AppendWithin(const std::vector<int64_t>& starts, std::span<const StartRange> ranges,
                  std::vector<int64_t>* within) {
  for (const StartRange& range : ranges) {
    const auto first = std::lower_bound(starts.begin(), starts.end(), range.first);
    within->insert(within->end(), first, std::lower_bound(first, starts.end(), range.end));
  }
}

}  // namespace

MetricPoints PointsWithin(const MetricPoints& points, std::span<const StartRange> ranges) {
  const std::vector<int64_t>& starts = points.bucket_start_micros;
  MetricPoints within;
  for (const StartRange& range : ranges) {
    const auto first = std::lower_bound(starts.begin(), starts.end(), range.first);
    const auto begin = first - starts.begin();
    const auto end = std::lower_bound(first, starts.end(), range.end) - starts.begin();
    const auto append = [begin, end](const auto& from, auto* to) {
      to->insert(to->end(), from.begin() + begin, from.begin() + end);
    };
    append(starts, &within.bucket_start_micros);
    append(points.values, &within.values);
    append(points.statuses, &within.statuses);
    if (!points.texts.empty()) append(points.texts, &within.texts);
  }
  return within;
}

absl::StatusOr<std::unique_ptr<const DerivedSeries>> DerivedSeries::Create(DerivedTask task) {
  expression::Schema schema;
  for (const DerivedInput& input : task.inputs) {
    schema.push_back({input.column, input.type, /*nullable=*/true});
  }
  const auto stand_in = [&task](const expression::Node& call) -> std::string {
    const auto found = task.stand_ins.find(&call);
    return found == task.stand_ins.end() ? "" : found->second;
  };
  ASSIGN_OR_RETURN(std::unique_ptr<const vector::RowEvaluator> evaluator,
                   vector::RowEvaluator::Create(task.expression->root(), schema, stand_in));
  return std::unique_ptr<const DerivedSeries>(
      new DerivedSeries(std::move(task), std::move(evaluator)));
}

std::vector<int64_t> DerivedSeries::StartsOf(std::span<const MetricPoints> series) const {
  if (task_.starts_micros != nullptr) return *task_.starts_micros;
  std::vector<int64_t> starts;
  for (const DerivedInput& input : task_.inputs) {
    if (input.shift.has_value()) continue;
    AppendWithin(series[input.series].bucket_start_micros, task_.ranges, &starts);
  }
  std::sort(starts.begin(), starts.end());
  starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
  return starts;
}

absl::StatusOr<MetricPoints> DerivedSeries::Evaluate(std::span<const MetricPoints> series,
                                                     const CallBounds& bounds) const {
  RETURN_IF_ERROR(bounds.Check());
  std::vector<int64_t> starts = StartsOf(series);
  if (starts.empty()) return MetricPoints();
  std::vector<bool> has_point(starts.size(), task_.starts_micros == nullptr);
  columns::ColumnBatch rows{.rows = starts.size(), .columns = {}};
  for (const DerivedInput& input : task_.inputs) {
    const MetricPoints& points = series[input.series];
    const std::vector<size_t> found = Align(input, points, starts);
    ColumnWriter column(input, starts.size());
    for (size_t i = 0; i < found.size(); ++i) {
      if (found[i] == kNoPoint) {
        column.AddNull();
      } else {
        column.AddPoint(points, found[i]);
        has_point[i] = true;
      }
    }
    rows.columns.push_back(column.Take());
  }
  ASSIGN_OR_RETURN(const vector::RowValues values, evaluator_->Evaluate(rows, bounds));
  MetricPoints points = vector::PointsOf(values);
  points.bucket_start_micros = std::move(starts);
  KeepPoints(has_point, &points);
  return points;
}

}  // namespace metricstore::compute
