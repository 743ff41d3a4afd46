// A CSV file as the rows of a dataset: checked as a whole first, then cut into batches.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/csv/batch_builder.h"
#include "cli/csv/csv_reader.h"
#include "cli/csv/row_parser.h"
#include "common/time/cancellation.h"

namespace metricstore::cli {

// At most this many rejects are kept to be listed; all are counted.
inline constexpr size_t kListedRejects = 20;

// What the first reading found.
struct FileCheck {
  int64_t rows = 0;  // records beside the header
  int64_t rejected = 0;
  std::vector<Reject> rejects;  // the first kListedRejects
  int64_t accepted() const { return rows - rejected; }
};

// Told the fraction of the text read, now and then.
using OnFraction = std::function<void(double)>;

// The header's names. FAILED_PRECONDITION if the text is empty or not readable.
absl::StatusOr<std::vector<std::string>> ReadHeader(std::string_view text);

// Parses every line. FAILED_PRECONDITION if no line follows the header, or as CsvReader::Next;
// CANCELLED.
absl::StatusOr<FileCheck> CheckFile(std::string_view text, const RowParser& parser,
                                    const CancelToken& cancel, const OnFraction& on_fraction);

// Gives the good rows of a text again, in batches. Not thread-safe; text and parser must outlive
// it.
class BatchSource {
 public:
  BatchSource(std::string_view text, const RowParser& parser, BatchBuilder builder);

  // The next batch, or nullopt at the end. FAILED_PRECONDITION as CsvReader::Next.
  absl::StatusOr<std::optional<PreparedBatch>> Next();

  // Lines skipped so far; differs from the check only if the file changed since.
  int64_t rejected() const { return rejected_; }

 private:
  CsvReader reader_;
  const RowParser& parser_;
  BatchBuilder builder_;
  bool header_read_ = false;
  bool ended_ = false;
  int64_t rejected_ = 0;
  CsvRecord record_;
  std::vector<Cell> cells_;
  bool row_waits_ = false;  // cells_ did not fit into the batch given last
};

}  // namespace metricstore::cli
