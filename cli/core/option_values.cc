#include "cli/core/option_values.h"

#include <charconv>
#include <system_error>

#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "common/time/grain.h"
#include "common/time/iso8601.h"

namespace metricstore::cli {
namespace {

// What is wrong with `text` as a whole number from `least` to `most`, or "".
std::string NumberFault(const std::string& text, int64_t least, int64_t most) {
  int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  const bool whole = parsed.ptr == end && parsed.ec != std::errc::invalid_argument;
  const bool too_large = parsed.ec == std::errc::result_out_of_range || number > most;
  if (whole && !too_large && number >= least) return "";
  if (whole && too_large && !text.starts_with('-')) {
    return Concat(Quoted(text), " is too large; at most ", most);
  }
  const bool bounded = most < std::numeric_limits<int32_t>::max();
  return Concat(Quoted(text), " is not a whole number from ", least,
                bounded ? Concat(" to ", most) : " on");
}

}  // namespace

CLI::Option* WholeNumber(CLI::Option* option, int64_t least, int64_t most) {
  const auto check = [least, most](const std::string& text) {
    return NumberFault(text, least, most);
  };
  return option->check(check, "NUMBER");
}

absl::StatusOr<absl::Duration> ParseTimeout(const std::string& text) {
  const auto span = ParseSpan("--timeout", text);
  if (span.ok()) return *span;
  return UsageError(Concat("--timeout ", Quoted(text), " is not a span of time such as 30s or 5m"));
}

absl::StatusOr<registry::v1::Grain> ParseGrainOption(const std::string& name) {
  if (name.empty()) return registry::v1::GRAIN_UNSPECIFIED;
  const auto grain = ParseGrain(name);
  if (!grain.has_value()) {
    return UsageError(
        Concat("--grain ", Quoted(name), " is none of hour, day, week, month, quarter, year"));
  }
  return static_cast<registry::v1::Grain>(*grain);
}

absl::Status RefuseCsv(OutputFormat format, const std::string& command) {
  if (format != OutputFormat::kCsv) return absl::OkStatus();
  return UsageError(Concat(command, " prints table or json"));
}

}  // namespace metricstore::cli
