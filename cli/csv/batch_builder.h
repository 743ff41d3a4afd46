// Rows to the column batches that travel, each under an id derived from its content.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cli/csv/row_parser.h"
#include "metricstore/registry/v1/ingest_service.pb.h"

namespace metricstore::cli {

// A serialised batch stays below 1 MiB, the most that a message may have.
inline constexpr size_t kTargetBatchBytes = 900 * 1024;
inline constexpr size_t kMaxBatchRows = 16384;
// One row alone must fit as well.
inline constexpr size_t kMaxRowTextBytes = kTargetBatchBytes;

// A message ready to be sent.
struct PreparedBatch {
  registry::v1::StreamRowsRequest message;
  std::vector<int64_t> lines;  // of the file, one a row

  const std::string& id() const { return message.batch().batch_id(); }
  size_t rows() const { return lines.size(); }
};

// Not thread-safe.
class BatchBuilder {
 public:
  // The id of a batch is the first 128 bits, in hex, of the SHA-256 over dataset, `run` and the
  // serialised rows: the same rows give the same id, so that sending a file again changes nothing.
  // Another `run` gives other ids.
  BatchBuilder(std::string dataset, std::vector<DatasetShape::ColumnShape> columns,
               std::string run = "");
  BatchBuilder(BatchBuilder&&) noexcept;
  ~BatchBuilder();

  bool empty() const { return lines_.empty(); }
  // Whether the row can be added without passing a limit.
  bool Fits(const std::vector<Cell>& cells) const;
  // `cells` in the order of `columns`.
  void Add(const std::vector<Cell>& cells, int64_t line);
  // The rows added since the last Take, of which there must be one.
  PreparedBatch Take();

 private:
  struct ColumnInProgress;
  void AddCell(ColumnInProgress& target, const Cell& cell);
  columns::Column TakeColumn(ColumnInProgress& source) const;

  std::string dataset_;
  std::string run_;
  std::vector<DatasetShape::ColumnShape> shapes_;
  std::vector<std::unique_ptr<ColumnInProgress>> columns_;
  std::vector<int64_t> lines_;
  size_t row_bytes_ = 0;   // of one row without its texts
  size_t text_bytes_ = 0;  // of the dictionaries
};

}  // namespace metricstore::cli
