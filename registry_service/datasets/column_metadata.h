// What is known of columns beyond their declaration.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/columns/column_batch.h"
#include "common/pg/pool.h"
#include "common/time/cancellation.h"

namespace metricstore::registry {

// What someone says of one column.
struct ColumnNote {
  std::string column;
  std::string description;
  std::optional<double> confidence;  // 0 to 1
  std::string source;                // "definition" for the dataset's own
  friend bool operator==(const ColumnNote&, const ColumnNote&) = default;
};

// See proto metricstore.registry.v1.ColumnMetadata.
struct ColumnMetadata {
  std::string table;
  columns::ColumnType basetype = columns::ColumnType::kFloat64;
  std::string unit;
  ColumnNote note;
  absl::Time update_time;
};

// What a push of descriptions did.
struct PushOutcome {
  std::vector<std::string> tables;
  int columns_changed = 0;
};

// Thread-safe; keeps nothing. The pool must outlive it. A note whose source is not "definition"
// outlives later imports of the dataset, which then change the column's type and unit only.
class ColumnMetadataStore {
 public:
  explicit ColumnMetadataStore(pg::Pool& pool) : pool_(pool) {}

  // NOT_FOUND (DATASET_NOT_FOUND; COLUMN_NOT_FOUND, metadata table, column, suggestion), errors of
  // pg::Pool::Run.
  absl::StatusOr<ColumnMetadata> Get(int32_t project_id, const std::string& table,
                                     const std::string& column, const CallBounds& bounds);
  // At most `limit` columns after (after_table, after_position), by table and declared order, of
  // one table or of all if it is empty. NOT_FOUND (DATASET_NOT_FOUND), errors of pg::Pool::Run.
  absl::StatusOr<std::vector<ColumnMetadata>> List(int32_t project_id, const std::string& table,
                                                   const std::string& after_table,
                                                   const std::string& after_column, int64_t limit,
                                                   const CallBounds& bounds);
  // Stores the note whole. Errors as Get.
  absl::StatusOr<ColumnMetadata> Set(int32_t project_id, const std::string& table,
                                     const ColumnNote& note, bool validate_only,
                                     const CallBounds& bounds);
  // Changes the note as it is then: nobody else's change comes between. `edit` may be called again.
  // Errors as Get, and those of `edit`.
  absl::StatusOr<ColumnMetadata> Edit(int32_t project_id, const std::string& table,
                                      const std::string& column,
                                      absl::FunctionRef<absl::Status(ColumnNote&)> edit,
                                      bool validate_only, const CallBounds& bounds);
  // Writes descriptions as comments of the raw table and its columns, one table or all. Comments
  // that are the same are not written, and an empty description writes none. Projects share raw
  // tables and so their comments: the last to push is who readers of comments hear. NOT_FOUND
  // (DATASET_NOT_FOUND), errors of pg::Pool::Run.
  absl::StatusOr<PushOutcome> Push(int32_t project_id, const std::string& table,
                                   const CallBounds& bounds);

 private:
  pg::Pool& pool_;
};

}  // namespace metricstore::registry
