#include "cli/core/option_values.h"

#include <charconv>
#include <system_error>

#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "cli/output/number_text.h"
#include "common/time/grain.h"

namespace metricstore::cli {
namespace {

bool IsWholeNumber(const std::string& text, int64_t least, int64_t most) {
  int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  return parsed.ec == std::errc() && parsed.ptr == end && number >= least && number <= most;
}

}  // namespace

CLI::Option* WholeNumber(CLI::Option* option, int64_t least, int64_t most) {
  const auto check = [least, most](const std::string& text) {
    if (IsWholeNumber(text, least, most)) return std::string();
    const bool bounded = most < std::numeric_limits<int32_t>::max();
    return Concat(Quoted(text), " is not a whole number from ", least,
                  bounded ? Concat(" to ", most) : " on");
  };
  return option->check(check, "NUMBER");
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
