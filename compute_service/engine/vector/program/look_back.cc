#include "compute_service/engine/vector/program/look_back.h"

#include <algorithm>

namespace metricstore::compute::vector {

std::vector<size_t> LookBackOf(const std::vector<Value>& values) {
  std::vector<size_t> look_back(values.size());
  for (size_t id = 0; id < values.size(); ++id) {
    const Value& value = values[id];
    size_t rows = 0;
    if (value.domain.kind == DomainKind::kBuckets && !IsAggregate(value.op)) continue;
    for (const ValueId argument : value.arguments) {
      if (argument != kNoValue) rows = std::max(rows, look_back[argument]);
    }
    if (value.op == Op::kLag) {
      const size_t lag = std::max<size_t>(value.payload, 1);
      rows += std::min(lag, kLooksAtAllRows - rows);
    }
    const bool looks_at_all = value.op == Op::kLead || value.op == Op::kRunning;
    look_back[id] = looks_at_all ? kLooksAtAllRows : rows;
  }
  return look_back;
}

}  // namespace metricstore::compute::vector
