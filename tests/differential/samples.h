// How every function of the language is written, as templates from which random expressions grow.
#pragma once

#include <span>
#include <string_view>

#include "common/expression/catalog/function_catalog.h"

namespace metricstore::differential {

// Where a template stands: in a row, in a row that may look at others of its bucket, or around
// aggregates.
enum class Level { kRow, kOrdered, kAggregate, kBucket };

// `text` has a hole `$x` for each part, where x is what belongs there:
//   f real  i integer  b condition  t text  z instant  d date: of the level below an aggregate's,
//   otherwise of the template's own level
//   F real literal  I small integer literal  T text literal  P share in [0, 1]  K 1 to 5
// A bucket's E is a number that both engines give to the bit: comparisons of sums would differ
// where sums differ in their last bits.
struct Sample {
  expression::Function function;
  Level level;
  char result;  // f i b t z d, or v for a vector
  std::string_view text;
};

std::span<const Sample> Samples();

// Whether it is an aggregate and nothing else, so that a clause may follow.
bool IsBareAggregate(const Sample& sample);
// Whether it is an aggregate f($x) or f($x, ...).
bool IsOfOneHole(const Sample& sample);

}  // namespace metricstore::differential
