#include "cli/csv/csv_file.h"

#include <utility>

#include "cli/output/error_printer.h"
#include "common/status/macros.h"

namespace metricstore::cli {
namespace {

// How often the check reports and looks for Ctrl-C.
constexpr int64_t kRowsBetweenReports = 4096;

absl::Status NoRows() { return Failure("the file has a header and no rows"); }

}  // namespace

absl::StatusOr<std::vector<std::string>> ReadHeader(std::string_view text) {
  CsvReader reader(text);
  CsvRecord record;
  ASSIGN_OR_RETURN(const bool found, reader.Next(&record));
  if (!found) {
    return WithHint(Failure("the file is empty"), "its first line must name the columns");
  }
  if (!record.fault.empty()) return Failure("the header line " + record.fault);
  return std::vector<std::string>(record.fields.begin(), record.fields.end());
}

absl::StatusOr<FileCheck> CheckFile(std::string_view text, const RowParser& parser,
                                    const CancelToken& cancel, const OnFraction& on_fraction) {
  CsvReader reader(text);
  CsvRecord record;
  std::vector<Cell> cells;
  Reject reject;
  FileCheck check;
  ASSIGN_OR_RETURN(bool more, reader.Next(&record));
  while (more) {
    ASSIGN_OR_RETURN(more, reader.Next(&record));
    if (!more) break;
    ++check.rows;
    if (!parser.Parse(record, &cells, &reject)) {
      ++check.rejected;
      if (check.rejects.size() < kListedRejects) check.rejects.push_back(reject);
    }
    if (check.rows % kRowsBetweenReports == 0) {
      if (cancel.cancelled()) return absl::CancelledError("interrupted");
      on_fraction(static_cast<double>(reader.offset()) / static_cast<double>(text.size()));
    }
  }
  if (check.rows == 0) return NoRows();
  return check;
}

BatchSource::BatchSource(std::string_view text, const RowParser& parser, BatchBuilder builder)
    : reader_(text), parser_(parser), builder_(std::move(builder)) {}

absl::StatusOr<std::optional<PreparedBatch>> BatchSource::Next() {
  if (!header_read_) {
    RETURN_IF_ERROR(reader_.Next(&record_).status());
    header_read_ = true;
  }
  if (row_waits_) builder_.Add(cells_, record_.line);
  row_waits_ = false;
  Reject reject;
  while (!ended_) {
    ASSIGN_OR_RETURN(const bool found, reader_.Next(&record_));
    ended_ = !found;
    if (ended_) break;
    if (!parser_.Parse(record_, &cells_, &reject)) {
      ++rejected_;
      continue;
    }
    row_waits_ = !builder_.Fits(cells_);
    if (row_waits_) return std::optional(builder_.Take());
    builder_.Add(cells_, record_.line);
  }
  if (builder_.empty()) return std::optional<PreparedBatch>();
  return std::optional(builder_.Take());
}

}  // namespace metricstore::cli
