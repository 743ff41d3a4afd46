#include "compute_service/engine/vector/point_values.h"

#include <cmath>
#include <string>

namespace metricstore::compute::vector {
namespace {

using columns::ColumnType;

// Every integer up to here is a double.
constexpr int64_t kExactIntegers = INT64_C(1) << 53;

// A NULL has the value zero.
void SetReals(const Operand& values, size_t count, MetricPoints* points) {
  const double* const reals = values.as<double>();
  points->values.assign(reals, reals + count);
  points->statuses.assign(count, PointStatus::kOk);
  for (size_t i = 0; i < count; ++i) {
    const bool is_finite = std::isfinite(reals[i]);
    const bool is_null = values.valid != nullptr && values.valid[i] == 0;
    if (is_finite && !is_null) continue;
    points->values[i] = 0;
    points->statuses[i] = is_null ? PointStatus::kNull : PointStatus::kNotFinite;
  }
}

}  // namespace

PointStatus StatusOfText(std::string_view text, const OutputForm& form) {
  // Finite numbers have none of these letters.
  const bool has_names = form.is_vector && form.type == ColumnType::kFloat64 &&
                         text.find_first_of("nNiI") != std::string_view::npos;
  if (has_names) return PointStatus::kNotFinite;
  return text.size() > kMaxTextBytes ? PointStatus::kTooLarge : PointStatus::kOk;
}

void SetText(std::string_view text, size_t index, MetricPoints* points) {
  points->texts.resize(points->values.size());
  points->texts[index] = std::string(text);
}

void SetInteger(int64_t value, size_t index, MetricPoints* points) {
  points->values[index] = static_cast<double>(value);
  if (value > kExactIntegers || value < -kExactIntegers) {
    SetText(std::to_string(value), index, points);
  }
}

MetricPoints PointsOf(const Operand& values, const OutputForm& form, const TextPool& texts,
                      size_t count) {
  MetricPoints points;
  if (form.type == ColumnType::kFloat64 && !form.is_vector) {
    SetReals(values, count, &points);
    return points;
  }
  points.values.resize(count);
  points.statuses.resize(count, PointStatus::kOk);
  const bool is_text = form.is_vector || form.type == ColumnType::kText;
  if (is_text) points.texts.resize(count);
  for (size_t i = 0; i < count; ++i) {
    if (values.valid != nullptr && values.valid[i] == 0) {
      points.statuses[i] = PointStatus::kNull;
    } else if (is_text) {
      const std::string_view text = texts[values.as<uint32_t>()[i]];
      points.statuses[i] = StatusOfText(text, form);
      if (points.statuses[i] == PointStatus::kOk) SetText(text, i, &points);
    } else if (form.type == ColumnType::kBool) {
      points.values[i] = values.as<uint8_t>()[i];
    } else {
      SetInteger(values.as<int64_t>()[i], i, &points);
    }
  }
  return points;
}

}  // namespace metricstore::compute::vector
