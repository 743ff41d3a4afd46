#include "registry_service/ingest/row_batch.h"

namespace metricstore::registry {

void RejectedRows::Add(uint32_t row, const std::string& column, const std::string& description) {
  if (!rows_.empty() && rows_.back() == row) return;
  rows_.push_back(row);
  if (listed_.size() < kMaxListed) listed_.push_back({row, column, description});
}

}  // namespace metricstore::registry
