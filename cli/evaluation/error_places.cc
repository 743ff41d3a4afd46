#include "cli/evaluation/error_places.h"

#include <string_view>
#include <utility>

#include "absl/strings/str_replace.h"
#include "cli/output/concat.h"
#include "cli/output/error_printer.h"
#include "common/status/error.h"

namespace metricstore::cli {
namespace {

constexpr std::string_view kDefinition = ".definition";

// The text with names for fields.
std::string Named(const std::string& text, const std::vector<MetricPlace>& places) {
  std::vector<std::pair<std::string, std::string>> names;
  for (const MetricPlace& place : places) {
    names.emplace_back(place.field, place.name);
    // The bare word "metric" is no field.
    const std::string given = place.field.substr(0, place.field.find(kDefinition));
    if (given != place.field && given.ends_with(']')) names.emplace_back(given, place.name);
  }
  return absl::StrReplaceAll(text, names);
}

// The metric that the text names first by its field; nullptr if it names none.
const MetricPlace* FirstPlace(const std::string& text, const std::vector<MetricPlace>& places) {
  const MetricPlace* first = nullptr;
  size_t first_at = std::string::npos;
  for (const MetricPlace& place : places) {
    const size_t at = text.find(place.field);
    if (at >= first_at) continue;
    first_at = at;
    first = &place;
  }
  return first;
}

// "metrics[0].definition.expression: ..." by the line of that field; "" if it is not known.
std::string AtField(const std::string& message, const MetricPlace& place,
                    const std::vector<MetricPlace>& places) {
  const std::string prefix = Concat(place.field, ".");
  if (!message.starts_with(prefix)) return "";
  const std::string rest = message.substr(prefix.size());
  const size_t end = rest.find(": ");
  const int line = end == std::string::npos ? 0 : place.source.LineOf(rest.substr(0, end));
  if (line == 0) return "";
  return Concat(place.source.path, ":", line, ": ", Named(rest, places));
}

std::string Told(const std::string& message, const std::vector<MetricPlace>& places) {
  const MetricPlace* const first = FirstPlace(message, places);
  if (first == nullptr || first->source.path.empty()) return Named(message, places);
  const std::string at_field = AtField(message, *first, places);
  return at_field.empty() ? Concat(first->source.Text(), ": ", Named(message, places)) : at_field;
}

std::string HintFor(const status::ErrorDetails& details, const RequestPlaces& places) {
  const auto named = details.metadata.find("dataset");
  if (details.reason != "DATASET_NOT_FOUND" || named == details.metadata.end()) return "";
  const auto given = places.datasets.find(named->second);
  if (given == places.datasets.end()) return "";
  return Concat(given->second, " defines it: import it first, rows are read from what is stored");
}

}  // namespace

int MetricSource::LineOf(std::string_view field) const {
  while (true) {
    if (const auto found = lines.find(field); found != lines.end()) return found->second;
    const size_t cut = field.find_last_of(".[");
    if (cut == std::string_view::npos) return 0;
    field = field.substr(0, cut);
  }
}

std::string MetricSource::Text() const {
  const int line = LineOf("name");
  return line == 0 ? path : Concat(path, ":", line);
}

absl::Status WithMetricNames(const absl::Status& error, const RequestPlaces& places) {
  const auto details = status::DetailsOf(error);
  if (!details.has_value()) return error;
  status::ErrorBuilder renamed(error.code(), details->reason,
                               Told(std::string(error.message()), places.metrics));
  for (const auto& [key, value] : details->metadata) renamed.Metadata(key, value);
  for (const auto& bad : details->violations) {
    renamed.Field(Named(bad.field, places.metrics), bad.description);
  }
  if (details->retry_after.has_value()) renamed.RetryAfter(*details->retry_after);
  const std::string hint = HintFor(*details, places);
  return hint.empty() ? renamed.Build() : WithHint(renamed.Build(), hint);
}

}  // namespace metricstore::cli
