// Which rows of a batch are stored, in the order of the primary key. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/columns/column_batch.h"
#include "registry_service/datasets/dataset.h"
#include "registry_service/ingest/row_batch.h"

namespace metricstore::registry {

// The rows that are not rejected, by key; of several with the same key the last one sent.
std::vector<uint32_t> OrderRows(const Dataset& dataset,
                                const std::vector<const columns::Column*>& columns,
                                const columns::ColumnBatch& rows, const RejectedRows& rejected);

// What a batch holds of one entity.
struct EntityShare {
  std::string entity;  // "" for datasets without an entity column, and for NULL
  int64_t rows = 0;
  int64_t oldest_micros = 0;  // 0 in datasets without a time column
  int64_t newest_micros = 0;
};

// By entity, bytewise: the order in which entities are locked everywhere.
std::vector<EntityShare> SharesOf(const Dataset& dataset, const columns::ColumnBatch& rows,
                                  const std::vector<uint32_t>& order);

}  // namespace metricstore::registry
