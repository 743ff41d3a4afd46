#include "registry_service/ingest/row_batch.h"

#include <algorithm>

namespace metricstore::registry {

void RejectedRows::Add(uint32_t row, const std::string& column, const std::string& description) {
  if (!rows_.empty() && rows_.back() == row) return;
  rows_.push_back(row);
  if (listed_.size() < kMaxListed) listed_.push_back({row, column, description});
}

bool RejectedRows::Contains(uint32_t row) const {
  return std::binary_search(rows_.begin(), rows_.end(), row);
}

}  // namespace metricstore::registry
