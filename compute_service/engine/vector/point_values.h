// From values in memory to what a point holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/columns/column_batch.h"
#include "compute_service/engine/vector/evaluator.h"
#include "compute_service/engine/vector/kernels/loops/operand.h"
#include "compute_service/engine/vector/kernels/texts/text_pool.h"

namespace metricstore::compute::vector {

// What the language says of values; of a vector, of its elements.
struct OutputForm {
  columns::ColumnType type = columns::ColumnType::kFloat64;
  bool is_vector = false;
};

// The points of `count` values, without their starts; texts are codes of `texts`.
MetricPoints PointsOf(const Operand& values, const OutputForm& form, const TextPool& texts,
                      size_t count);

// The status of a text or of a vector that is not NULL.
PointStatus StatusOfText(std::string_view text, const OutputForm& form);

// Sets the value of an integer, and its digits where the value does not hold it.
void SetInteger(int64_t value, size_t index, MetricPoints* points);
// Sets the text of one point.
void SetText(std::string_view text, size_t index, MetricPoints* points);

}  // namespace metricstore::compute::vector
