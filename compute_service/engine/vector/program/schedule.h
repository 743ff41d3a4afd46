// Orders the values of a program into passes and decides which of them are kept whole.
#pragma once

#include <vector>

#include "compute_service/engine/vector/program/program.h"

namespace metricstore::compute::vector {

// Fills the passes, columns, slices and aggregates of `program`, whose values, predicates, groups
// and roots are set. Arguments have smaller ids than what uses them.
void SchedulePasses(Program* program);

}  // namespace metricstore::compute::vector
