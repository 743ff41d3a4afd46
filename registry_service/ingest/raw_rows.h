// Writes ordered rows into a dataset's raw table: appended, or merged with what is stored.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/columns/column_batch.h"
#include "common/pg/pool.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

// Rows of a batch as they go into the raw table.
struct OrderedRows {
  const Dataset& dataset;
  int32_t project_id;
  const std::vector<const columns::Column*>& columns;  // as the dataset's; nullptr: all NULL
  const std::vector<uint32_t>& order;                  // by key, keys distinct
};

// Times of the first and the last of some rows; unset without rows, or without a time column.
struct RowTimes {
  std::optional<absl::Time> first;
  std::optional<absl::Time> last;

  void Add(const std::optional<absl::Time>& time);
};

struct MergeCounts {
  int64_t inserted = 0;
  int64_t updated = 0;
  std::map<std::string, int64_t> inserted_by_entity;
  std::map<std::string, int64_t> arrived;  // rows that an update gave to this entity
  std::map<std::string, int64_t> left;     // rows that an update took from this entity
  RowTimes times;  // of what was inserted and updated: time is part of the key, no row moves in it
};

// Appends rows none of whose keys is stored: one COPY straight into the table. ALREADY_EXISTS
// (CONSTRAINT_VIOLATED) if one is.
absl::Status AppendRows(pg::Transaction& transaction, const OrderedRows& rows);

// Inserts what is new and replaces what differs. The caller holds the lock under which rows of
// these entities are written.
absl::StatusOr<MergeCounts> MergeRows(pg::Transaction& transaction, const OrderedRows& rows);

}  // namespace metricstore::registry
