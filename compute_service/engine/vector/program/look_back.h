// How far values look back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// Of values that look ahead or run on, and so depend on the whole bucket.
inline constexpr size_t kLooksAtAllRows = SIZE_MAX;

// On how many rows before its own each value of rows depends at most: 0 for values of a row alone,
// at least one for all others. Aggregates look at what they read.
std::vector<size_t> LookBackOf(const std::vector<Value>& values);

}  // namespace metricstore::compute::vector
