// DuckDB as the second opinion: rows in a table, one value back for a query.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/columns/column_batch.h"

namespace metricstore::differential {

// A value as DuckDB gave it.
struct PeerValue {
  enum class Kind { kNull, kReal, kInteger, kBoolean, kText, kList };
  Kind kind = Kind::kNull;
  double real = 0;                  // kReal; the nearest double of kInteger; 0 or 1 of kBoolean
  std::string text;                 // kText; the digits of kInteger
  std::vector<PeerValue> elements;  // kList
};

// What a failure message shows.
std::string ToString(const PeerValue& value);

// An in-memory database of one thread. Not thread-safe.
class DuckDbPeer {
 public:
  // INTERNAL if DuckDB cannot be opened.
  static absl::StatusOr<std::unique_ptr<DuckDbPeer>> Open();
  ~DuckDbPeer();

  // Replaces the table `name` by the rows, with their places as the column "ord", from 0. They are
  // inserted in the order that `places` lists them, so that a query's answer may not depend on it.
  absl::Status Load(const std::string& name, const columns::ColumnBatch& rows,
                    const std::vector<size_t>& places);
  // Runs statements that give nothing.
  absl::Status Execute(const std::string& sql);
  // The one value of a query's one row. INVALID_ARGUMENT with DuckDB's message if it refuses.
  absl::StatusOr<PeerValue> Ask(const std::string& sql);
  // All values of a query's one row.
  absl::StatusOr<std::vector<PeerValue>> AskRow(const std::string& sql);

 private:
  struct Handles;
  explicit DuckDbPeer(std::unique_ptr<Handles> handles);
  std::unique_ptr<Handles> handles_;
};

}  // namespace metricstore::differential
