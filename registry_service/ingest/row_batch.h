// A batch of raw rows on its way in, and what became of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/columns/column_batch.h"

namespace metricstore::registry {

// A row that is not stored, and why.
struct RowReject {
  uint32_t row = 0;  // place in its batch, from 0
  std::string column;
  std::string description;
};

// Rejected rows in order, each once: all are counted, the first kMaxListed described.
class RejectedRows {
 public:
  static constexpr size_t kMaxListed = 100;

  // Rows must come in order; a row already rejected keeps its first reason.
  void Add(uint32_t row, const std::string& column, const std::string& description);
  const std::vector<uint32_t>& rows() const { return rows_; }
  const std::vector<RowReject>& listed() const { return listed_; }

 private:
  std::vector<uint32_t> rows_;  // sorted
  std::vector<RowReject> listed_;
};

struct IncomingBatch {
  std::string batch_id;        // chosen by the client, 1 to 200 printable characters
  std::string content_sha256;  // 32 bytes: the same id with another content is refused
  columns::ColumnBatch rows;
  RejectedRows rejected;  // rows whose values could not be read; what stands in `rows` is ignored
};

struct BatchResult {
  std::string batch_id;
  bool already_stored = false;
  int64_t inserted_rows = 0;
  int64_t updated_rows = 0;
  int64_t unchanged_rows = 0;
  int64_t rejected_rows = 0;
  std::vector<RowReject> rejects;  // the first of them; empty if already_stored
};

}  // namespace metricstore::registry
