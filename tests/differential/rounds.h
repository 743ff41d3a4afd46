// What the differential tests have in common: seeds, slices, and what a tally must look like.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/differential/comparison.h"
#include "tests/differential/random_rows.h"

namespace metricstore::differential {

// METRICSTORE_SEED and METRICSTORE_DIFFERENTIAL_BATCHES ask for other cases, and more of them.
uint64_t Seed();
size_t Batches();

struct Shape {
  RowTraits traits;
  size_t begin;
  size_t end;
};

// Slices with rows around them: one row, a few, duplicates, all NULL, equal times, many.
std::vector<Shape> Shapes();

std::string LabelOf(uint64_t seed, const Shape& shape);

// What DuckDB refuses and what rounding decides must stay rare, or nothing is tested.
void ExpectMostlyEqual(const Comparison& comparison);

}  // namespace metricstore::differential
