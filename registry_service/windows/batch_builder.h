// Gathers rows of a binary COPY into column batches that fit into a message.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "common/columns/column_batch.h"
#include "common/pg/copy.h"
#include "registry_service/datasets/dataset.h"

namespace metricstore::registry {

// Values of a batch in the wire layout, with room left for names, lengths and the message around.
inline constexpr size_t kMaxWindowBatchBytes = 900 * 1024;

// Field i of the reader is column i. Not thread-safe.
class BatchBuilder {
 public:
  explicit BatchBuilder(std::vector<const DatasetColumn*> columns,
                        size_t max_bytes = kMaxWindowBatchBytes);

  bool empty() const { return rows_ == 0; }
  // Whether the reader's current row fits into the batch; an empty batch takes any row.
  bool Fits(const pg::CopyReader& reader) const;
  void Add(const pg::CopyReader& reader);
  // The batch gathered so far; the next one starts empty.
  columns::ColumnBatch Take();

 private:
  void Start();
  void AddValue(const pg::CopyReader& reader, int field);

  const std::vector<const DatasetColumn*> declared_;
  const size_t max_bytes_;
  std::vector<int> text_fields_;
  size_t row_bytes_ = 0;  // of a row without new dictionary entries
  size_t rows_ = 0;
  size_t rows_reserved_ = 0;  // as many as the batch before had
  size_t bytes_ = 0;
  std::vector<columns::Column> columns_;
  std::vector<columns::DictionaryBuilder> dictionaries_;  // one for each column, used for text
  std::vector<size_t> entries_;                           // in each dictionary
};

}  // namespace metricstore::registry
