#include "cli/core/metric_ref.h"

#include <charconv>
#include <system_error>

#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "common/status/macros.h"

namespace metricstore::cli {

using registry::v1::MetricRef;

absl::StatusOr<MetricRef> ParseMetricRef(const std::string& text) {
  MetricRef ref;
  const size_t at = text.find('@');
  ref.set_id(text.substr(0, at));
  if (at == std::string::npos) return ref;
  int version = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + at + 1, end, version);
  if (ref.id().empty() || parsed.ec != std::errc() || parsed.ptr != end || version < 1) {
    return WithHint(UsageError(Concat(Quoted(text), " names no version of a metric")),
                    "NAME@2 is version 2 of NAME");
  }
  ref.set_version(version);
  return ref;
}

absl::StatusOr<MetricRef> ParseMetricRef(const std::string& text, int version) {
  ASSIGN_OR_RETURN(MetricRef ref, ParseMetricRef(text));
  if (version != 0 && ref.version() != 0 && version != ref.version()) {
    return UsageError(Concat(Quoted(text), " and --version ", version, " are two versions"));
  }
  if (version != 0) ref.set_version(version);
  return ref;
}

}  // namespace metricstore::cli
