// Gathers the rows of one entity after another out of the batches of a window.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/columns/column_batch.h"

namespace metricstore::compute {

// Rows come ordered by entity, so an entity is complete when the next one begins: never more than
// one entity's rows are held. Not thread-safe.
class EntityRows {
 public:
  // Takes the rows of a complete entity, which are freed when it lets go of them.
  using Sink = std::function<absl::Status(std::string_view entity, columns::ColumnBatch&& rows)>;

  // An empty `entity_column` means that all rows are those of the entity "".
  EntityRows(std::string entity_column, Sink sink);
  ~EntityRows();

  // Adds a batch. INTERNAL if it lacks the entity column, if its columns differ from those before,
  // or if entities are out of order; else the sink's error.
  absl::Status Add(const columns::ColumnBatch& batch);
  // Hands out the last entity. Errors are the sink's.
  absl::Status Finish();

  int64_t rows_added() const { return rows_added_; }

 private:
  class Gathered;

  absl::Status AddRun(std::string_view entity, const columns::ColumnBatch& batch, size_t begin,
                      size_t end);
  absl::Status HandOut();

  const std::string entity_column_;
  const Sink sink_;
  std::optional<std::string> entity_;  // whose rows are gathered now
  std::unique_ptr<Gathered> gathered_;
  int64_t rows_added_ = 0;
};

}  // namespace metricstore::compute
