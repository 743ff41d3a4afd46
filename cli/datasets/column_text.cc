#include "cli/datasets/column_text.h"

#include <charconv>
#include <system_error>

#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"

namespace metricstore::cli {

std::string ConfidenceText(const registry::v1::ColumnMetadata& column) {
  return column.has_confidence() ? FormatNumber(column.confidence()) : "";
}

absl::StatusOr<double> ParseConfidence(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  // Written so that NaN is refused too.
  const bool inside = value >= 0 && value <= 1;
  if (parsed.ec == std::errc() && parsed.ptr == end && inside) return value;
  return UsageError(Concat("--confidence ", Quoted(text), " is not a number from 0 to 1"));
}

}  // namespace metricstore::cli
